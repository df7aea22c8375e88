"""Training of what tells copies and stories; see README.md."""
