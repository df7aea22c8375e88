"""Deprecated: use `services.scheduler.list_intake.ListIntake`."""

from services.scheduler.list_intake import ListIntake as ListDoor

__all__ = ["ListDoor"]
