"""The desk's addresses, a module a subject."""
