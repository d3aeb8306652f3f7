"""Parts of a piece of work as they are stored with it, and as values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.metering.work import WorkPart


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
