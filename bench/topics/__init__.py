"""Topics against what a user would pick: accuracy and speed in one run."""
