"""Months: from the first's midnight to the next first's, on a zone's own clocks."""

from datetime import date, datetime
from typing import NamedTuple

from app.domain.time.instants import from_micros, to_micros
from app.domain.time.zones import load_zone


class Month(NamedTuple):
    """A civil month, half-open; `name` is written 2026-11."""

    name: str
    start: datetime
    end: datetime


def count_months(since: datetime, until: datetime) -> int:
    """Return about how many months a period spans: never less than `list_months` lists, by two."""
    return (until.year - since.year) * 12 + until.month - since.month + 2


def begin_month(at: datetime, zone: str) -> datetime:
    """Return when the civil month of an instant began in a zone."""
    found = load_zone(zone)
    first = date.fromordinal(found.date_at(to_micros(at))).replace(day=1)
    return from_micros(found.midnight(first.toordinal()))


def list_months(since: datetime, until: datetime, zone: str) -> list[Month]:
    """Return the months of a zone that share time with [since, until), in order."""
    if since >= until:
        return []
    found = load_zone(zone)
    first = date.fromordinal(found.date_at(to_micros(since)))
    last = date.fromordinal(found.date_at(to_micros(until) - 1))
    months = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        following = (year + month // 12, month % 12 + 1)
        start = found.midnight(date(year, month, 1).toordinal())
        end = found.midnight(date(*following, 1).toordinal())
        months.append(Month(f"{year:04}-{month:02}", from_micros(start), from_micros(end)))
        year, month = following
    return months
