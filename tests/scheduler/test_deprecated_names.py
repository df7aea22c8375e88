"""Names of earlier versions that programs outside may still import."""

from __future__ import annotations

from services.scheduler import list_door
from services.scheduler.list_intake import ListIntake


def test_the_former_name_of_the_list_intake_can_still_be_imported() -> None:
    assert list_door.ListDoor is ListIntake
