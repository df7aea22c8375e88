# Tagging articles: `tagger` is compiled as it stands.
