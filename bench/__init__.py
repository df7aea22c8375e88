"""Benchmarks against peers; each installs what it compares with for itself."""
