"""The test suites of other projects, read by our own readers: what is read, refused, the same, and different
by reason."""
