"""The topic tagger's training."""
