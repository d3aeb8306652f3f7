"""Weeks: from Monday 00:00 to Monday 00:00 on a zone's own clocks."""

from datetime import datetime

from app.domain.time.instants import from_micros, to_micros
from app.domain.time.zones import load_zone


def week_of(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the week (half-open) of an instant in a zone.

    It lasts an hour less, or more, where clocks change in it. A Monday whose midnight is
    skipped begins, and one whose midnight comes twice begins, as a business date does.
    """
    found = load_zone(zone)
    ordinal = found.date_at(to_micros(at))
    monday = ordinal - (ordinal - 1) % 7  # ordinal 1, 0001-01-01, was a Monday
    return from_micros(found.midnight(monday)), from_micros(found.midnight(monday + 7))
