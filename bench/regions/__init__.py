"""Places against the libraries that a user would pick."""
