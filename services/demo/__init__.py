"""The demo: a small made-up news site, and the run that feeds it through the pipeline."""
