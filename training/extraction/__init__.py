"""Training of what extraction weighs."""
