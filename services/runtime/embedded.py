"""Deprecated: use `services.local.valkey.EmbeddedRedis`. Kept until 1.0."""

from __future__ import annotations

from services.local.valkey import EmbeddedRedis

__all__ = ["EmbeddedRedis"]
