"""Slots: when a session can take place, among the channel's hours and what is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Channel
from app.domain.time.business_time import NeverOpens, OpenTime, from_micros, to_micros

# How many free starts a refusal names, and how far ahead it looks for them.
ALTERNATIVES = 3
LOOK_AHEAD = timedelta(days=28)

_MINUTE = timedelta(minutes=1)


class NotAvailable(Refusal):
    """The time lies outside the channel's hours, or is taken; `alternatives` are the next free."""

    kind = "conflict"
    code = "not_available"
    title = "The time is not available"


@dataclass(frozen=True, slots=True)
class Slot:
    """The time of a session, half-open."""

    kind: Channel
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a seller's sessions of one kind have to fit: hours, and how many run at once.

    `hours` None: no closing hours. `at_once` bounds the sessions of all kinds together,
    `kind_at_once` those of this kind (None: no bound of its own). `taken` are the others.
    """

    kind: Channel
    hours: OpenTime | None
    at_once: int
    kind_at_once: int | None
    taken: Sequence[Slot]

    def is_open(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Say whether the channel is open the whole time."""
        if self.hours is None:
            return True
        start = to_micros(starts_at)
        closes_at = self.hours.closes_at(start)
        return self.hours.is_open(start) and (closes_at is None or to_micros(ends_at) <= closes_at)

    def is_free(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Say whether one more session may run the whole time."""
        crossing = [
            each for each in self.taken if each.starts_at < ends_at and each.ends_at > starts_at
        ]
        if _most_at_once(crossing) >= self.at_once:
            return False
        alike = [each for each in crossing if each.kind == self.kind]
        return self.kind_at_once is None or _most_at_once(alike) < self.kind_at_once


def require_slot(timetable: Timetable, starts_at: datetime, minutes: int, *, now: datetime) -> Slot:
    """Return the slot, or refuse with `not_available` and the next free starts."""
    ends_at = starts_at + minutes * _MINUTE
    is_open = timetable.is_open(starts_at, ends_at)
    if is_open and timetable.is_free(starts_at, ends_at):
        return Slot(timetable.kind, starts_at, ends_at)
    why = "is taken" if is_open else f"lies outside the hours of {timetable.kind}"
    free = find_free_starts(timetable, max(starts_at, now), minutes)
    raise NotAvailable(
        f"The time from {starts_at.isoformat()} until {ends_at.isoformat()} {why}.",
        reason="taken" if is_open else "outside_channel_hours",
        minutes=minutes,
        alternatives=free,
    )


def find_free_starts(timetable: Timetable, since: datetime, minutes: int) -> list[datetime]:
    """Return the next starts of free slots of this length, one after the other, from whole minutes.

    None where the channel's hours have no such slot within the time looked ahead.
    """
    found: list[datetime] = []
    start = since + (since.min.replace(tzinfo=since.tzinfo) - since) % _MINUTE
    while len(found) < ALTERNATIVES and start < since + LOOK_AHEAD:
        end = start + minutes * _MINUTE
        if not timetable.is_open(start, end):
            opening = _next_opening(timetable, start)
            if opening is None:
                break
            start = opening
        elif not timetable.is_free(start, end):
            start = min(each.ends_at for each in timetable.taken if each.ends_at > start)
        else:
            found.append(start)
            start = end
    return found


def _next_opening(timetable: Timetable, at: datetime) -> datetime | None:
    """Return when a period begins that is not the one of `at`, or has just begun."""
    if timetable.hours is None:
        return None
    micros = to_micros(at)
    try:
        closes_at = timetable.hours.closes_at(micros)
        return from_micros(timetable.hours.next_opening(micros if closes_at is None else closes_at))
    except NeverOpens:
        return None


def _most_at_once(slots: Sequence[Slot]) -> int:
    """Return how many of the slots run together at most."""
    return max(
        (
            sum(other.starts_at <= each.starts_at < other.ends_at for other in slots)
            for each in slots
        ),
        default=0,
    )
