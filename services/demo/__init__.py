"""The demo: a small made-up news site, and a run of the whole pipeline on it."""
