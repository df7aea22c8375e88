"""Tests of copies and stories."""
