"""What others may write to us, at every boundary."""
