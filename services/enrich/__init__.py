"""Enrich: language, topics and regions of an article."""
