"""The desk's routes, one module for each subject."""
