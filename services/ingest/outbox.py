"""Deprecated: the former name of `services.ingest.batcher`, kept until 1.0."""

from __future__ import annotations

from services.ingest.batcher import Batcher as Outbox

__all__ = ["Outbox"]
