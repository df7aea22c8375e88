"""The desk's map of the world."""
