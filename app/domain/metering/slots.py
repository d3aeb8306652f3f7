"""Slots: when a session can take place, among the channel's hours and what is taken."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from app.domain.access.refusals import Refusal
from app.domain.catalog.channels import Channel
from app.domain.time.business_time import NeverOpens, OpenTime, from_micros, to_micros
from app.domain.time.instants import write_instant
from app.domain.values import Value

# How many free starts a refusal names, and how far ahead it looks for them.
ALTERNATIVES = 3
LOOK_AHEAD = timedelta(days=28)

_MINUTE = timedelta(minutes=1)


class NotAvailable(Refusal):
    """The time lies outside the channel's hours, or is taken; `alternatives` are the next free."""

    kind = "conflict"
    code = "not_available"
    title = "The time is not available"


class Slot(Value):
    """The time of a session, half-open."""

    kind: Channel
    starts_at: datetime
    ends_at: datetime


class CoveredHours(Value):
    """The hours of a channel with cover on top, while that lasts: over a half-open period."""

    hours: OpenTime
    starts_at: datetime
    ends_at: datetime


class Timetable(Value):
    """What a seller's sessions of one kind have to fit: hours, and when no more can run.

    `hours` None: no closing hours. `full` are the times, in order and apart, at which as many
    sessions run as may (`find_full`). `covered` are the hours of a customer who has cover.
    """

    kind: Channel
    hours: OpenTime | None
    full: Sequence[tuple[datetime, datetime]]
    covered: Sequence[CoveredHours] = ()

    def is_open(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Say whether the channel is open the whole time."""
        if self.hours is None or _is_open(self.hours, starts_at, ends_at):
            return True
        return any(
            each.starts_at <= starts_at
            and ends_at <= each.ends_at
            and _is_open(each.hours, starts_at, ends_at)
            for each in self.covered
        )

    def full_until(self, starts_at: datetime, ends_at: datetime) -> datetime | None:
        """Return until when no more can run, of the last such time within; None: one can."""
        before = bisect_left(self.full, ends_at, key=lambda each: each[0])
        if not before or self.full[before - 1][1] <= starts_at:
            return None
        return self.full[before - 1][1]


def find_full(
    taken: Iterable[Slot], kind: Channel, *, at_once: int, kind_at_once: int | None
) -> list[tuple[datetime, datetime]]:
    """Return when no more session of a kind can run, in order and apart: one sweep over all edges.

    `at_once` bounds the sessions of all kinds together, `kind_at_once` those of this kind (None:
    no bound of its own).
    """
    edges: dict[datetime, list[int]] = {}
    for slot in taken:
        alike = int(slot.kind == kind)
        for at, sign in ((slot.starts_at, 1), (slot.ends_at, -1)):
            edge = edges.setdefault(at, [0, 0])
            edge[0] += sign
            edge[1] += sign * alike
    full: list[tuple[datetime, datetime]] = []
    running = running_alike = 0
    since: datetime | None = None
    for at in sorted(edges):
        running += edges[at][0]
        running_alike += edges[at][1]
        is_full = running >= at_once or (kind_at_once is not None and running_alike >= kind_at_once)
        if is_full and since is None:
            since = at
        elif not is_full and since is not None:
            full.append((since, at))
            since = None
    return full


def require_slot(timetable: Timetable, starts_at: datetime, minutes: int, *, now: datetime) -> Slot:
    """Return the slot, or refuse with `not_available` and the next free starts."""
    ends_at = starts_at + minutes * _MINUTE
    is_open = timetable.is_open(starts_at, ends_at)
    if is_open and timetable.full_until(starts_at, ends_at) is None:
        return Slot(timetable.kind, starts_at, ends_at)
    why = "is taken" if is_open else f"lies outside the hours of {timetable.kind}"
    raise refuse_slot(
        timetable,
        f"The time from {write_instant(starts_at)} until {write_instant(ends_at)} {why}.",
        reason="taken" if is_open else "outside_channel_hours",
        since=max(starts_at, now),
        minutes=minutes,
    )


def refuse_slot(
    timetable: Timetable, detail: str, *, reason: str, since: datetime, minutes: int
) -> NotAvailable:
    """Return the refusal of a time, with the next free starts."""
    until = since + LOOK_AHEAD
    return NotAvailable(
        detail,
        reason=reason,
        minutes=minutes,
        alternatives=list(islice(find_free_starts(timetable, since, until, minutes), ALTERNATIVES)),
    )


def find_free_starts(
    timetable: Timetable, since: datetime, until: datetime, minutes: int
) -> Iterator[datetime]:
    """Yield the starts of free slots of this length, one after the other, from whole minutes.

    Those that begin before `until`; none where the channel's hours have no such slot.
    """
    start = _whole_minute(since)
    while start < until:
        end = start + minutes * _MINUTE
        if not timetable.is_open(start, end):
            opening = _next_opening(timetable, start)
            if opening is None:
                return
            start = _whole_minute(opening)
            continue
        full_until = timetable.full_until(start, end)
        if full_until is None:
            yield start
        start = end if full_until is None else _whole_minute(full_until)


def _whole_minute(at: datetime) -> datetime:
    """Return the whole minute at an instant, or the next one."""
    return at + (at.min.replace(tzinfo=at.tzinfo) - at) % _MINUTE


def _next_opening(timetable: Timetable, at: datetime) -> datetime | None:
    """Return when a period begins that is not the one of `at`, or has just begun."""
    if timetable.hours is None:
        return None
    found = [_opening_after(timetable.hours, at)]
    for each in timetable.covered:
        if at < each.starts_at and each.hours.is_open(to_micros(each.starts_at)):
            found.append(each.starts_at)
            continue
        opening = _opening_after(each.hours, max(at, each.starts_at))
        found.append(opening if opening is not None and opening < each.ends_at else None)
    return min((each for each in found if each is not None), default=None)


def _opening_after(hours: OpenTime, at: datetime) -> datetime | None:
    micros = to_micros(at)
    try:
        if not hours.is_open(micros):
            return from_micros(hours.next_opening(micros))
        closes_at = hours.closes_at(micros)
        return None if closes_at is None else from_micros(hours.next_opening(closes_at))
    except NeverOpens:
        return None


def _is_open(hours: OpenTime, starts_at: datetime, ends_at: datetime) -> bool:
    start = to_micros(starts_at)
    closes_at = hours.closes_at(start)
    return hours.is_open(start) and (closes_at is None or to_micros(ends_at) <= closes_at)
