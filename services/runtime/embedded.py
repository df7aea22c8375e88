"""Deprecated: use `services.local.embedded.EmbeddedRedis`. Kept until 1.0."""

from __future__ import annotations

from services.local.embedded import EmbeddedRedis

__all__ = ["EmbeddedRedis"]
