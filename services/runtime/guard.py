"""Deprecated: use `services.net.guard.Gate`. Kept until 1.0."""

from __future__ import annotations

from services.net.guard import Gate

__all__ = ["Gate"]
