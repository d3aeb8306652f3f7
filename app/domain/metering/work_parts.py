"""Parts of a piece of work as they are stored with it, and as values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.metering.work import WorkPart
from app.domain.values import replace


def write_parts(parts: Sequence[WorkPart]) -> list[dict[str, Any]]:
    """Return the parts of a piece of work as they are kept."""
    return [
        {
            "at": each.at.isoformat(),
            "minutes": each.minutes,
            "source": each.source,
            "lot_id": None if each.lot_id is None else str(each.lot_id),
        }
        | (
            {}
            if each.worked_at is None
            else {"worked_at": each.worked_at.isoformat(), "plain": each.plain}
        )
        for each in parts
    ]


def read_parts(kept: Sequence[Mapping[str, Any]]) -> list[WorkPart]:
    """Return the parts of a piece of work as values."""
    return [
        WorkPart(
            at=datetime.fromisoformat(each["at"]),
            minutes=each["minutes"],
            source=each["source"],
            lot_id=None if each["lot_id"] is None else UUID(each["lot_id"]),
            worked_at=datetime.fromisoformat(each["worked_at"]) if "worked_at" in each else None,
            plain=each.get("plain"),
        )
        for each in kept
    ]


def unbill_parts(parts: Sequence[WorkPart], minutes: int) -> tuple[list[WorkPart], list[WorkPart]]:
    """Take up to so many billed minutes out of a piece of work, the last first.

    Returns its parts as they are then, those minutes taken from nothing, and what was billed.
    """
    left: list[WorkPart] = []
    taken: list[WorkPart] = []
    for part in reversed(parts):
        given = min(part.minutes, minutes) if part.source == "overage" else 0
        minutes -= given
        stays = part.minutes - given
        plain = None if part.plain is None else -(-part.plain * stays // part.minutes)
        if given:
            freed = None if part.plain is None or plain is None else part.plain - plain
            left.append(replace(part, minutes=given, source="nothing", plain=freed))
            taken.append(replace(part, minutes=given))
        if stays:
            left.append(replace(part, minutes=stays, plain=plain))
    return left[::-1], taken
