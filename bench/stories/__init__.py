"""Copies and stories against what a user would write in a day: quality and cost in one run."""
