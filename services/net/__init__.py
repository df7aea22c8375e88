"""Outgoing HTTP, shared by fetching and webhooks: address check, deadlines, response heads, rate limits by
host."""
