"""Business time: due and elapsed, in open time and in business days, of one calendar.

Instants are integer microseconds since 1970-01-01T00:00:00Z, spans are integer microseconds.
Everything is known from year 1 up to year 9999 (`EARLIEST`, `HORIZON`).

A union's open time is the merged open time of all its members. Its business dates are those of
the calendar that names the union: that calendar's weekdays, holidays and zone decide which
dates count, and each is spread over all the open time that belongs to it, the members' too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, NamedTuple

from app.domain.calendars import Calendar
from app.domain.instants import InstantOutOfRange, from_micros, say_instant, to_micros
from app.domain.open_segments import MAX_SEGMENTS, Labels, RangeTooLong, Segment
from app.domain.open_time import (
    EARLIEST,
    HORIZON,
    LAST_YEAR,
    YEAR_STARTS,
    BusinessBlock,
    Desk,
    OpenBlock,
    Years,
    build_business_block,
    build_open_block,
    year_of,
)
from app.domain.refusals import Kind, Refusal

__all__ = [
    "EARLIEST",
    "HORIZON",
    "Due",
    "InstantOutOfRange",
    "NeverOpens",
    "OpenTime",
    "RangeTooLong",
    "Segment",
    "compile_calendar",
    "from_micros",
    "to_micros",
]


class NeverOpens(Refusal):
    """The calendar has no open time, or not enough of it before year 9999 (or since year 1)."""

    kind: ClassVar[Kind] = "invalid"
    code = "never_opens"
    title = "The calendar does not open for long enough"


class Due(NamedTuple):
    """The earliest and the latest instant at which a target is used up."""

    due_at: int
    breaches_after: int


def compile_calendar(calendar: Calendar) -> "OpenTime":
    """Return the calendar, ready to compute with; the same object for an equal calendar.

    Raises `NeverOpens` if it has no weekly hours and no override with hours, and `ZoneFault`
    for a zone that `calendar_documents` would not have accepted.
    """
    return _compile(calendar)


class OpenTime:
    """One calendar's open time. Years are built when first needed; answers never change."""

    __slots__ = (
        "_business",
        "_desks",
        "_labels",
        "_last_exception",
        "_open",
        "calendar",
        "holidays_until",
    )

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.holidays_until = calendar.holidays_until
        self._desks = tuple(Desk(member) for member in _flatten(calendar))
        if not any(desk.has_hours() for desk in self._desks):
            raise NeverOpens("The calendar is never open: it has no hours on any day.")
        self._last_exception = max(
            (year for desk in self._desks for year in desk.exceptional_years()), default=0
        )
        self._open: Years[OpenBlock] = Years(self._desks, build_open_block)
        self._business: Years[BusinessBlock] = Years(self._desks, build_business_block)
        self._labels: Labels | None = None

    def due(self, start: int, amount: int) -> Due:
        """Return when `amount` of open time since `start` is used up.

        `due_at` is the earliest such instant (Friday 17:00), `breaches_after` the latest
        (Monday 09:00); an amount of 0 is due at `start`. A negative amount counts backwards,
        mirrored: `due_at` is the latest instant with that much open time from it to `start`,
        `breaches_after` the earliest. So elapsed(start, due_at) == amount, either way. Where
        nothing opens any more, `breaches_after` is the end of what is known.
        Raises `NeverOpens` if the target is not reached before year 9999 (or since year 1).
        """
        if amount <= 0:
            return self._due_back(start, -amount) if amount else Due(start, self._opening(start))
        year = bisect_right(YEAR_STARTS, start)
        block = self._open.blocks.get(year) or self._starting_block(year, start)
        place = bisect_right(block.starts, start)
        if place:
            amount += block.totals[place - 1]
            unused = block.ends[place - 1] - start
            if unused > 0:
                amount -= unused
        if amount > block.count:
            found = self._open.forward(year + 1, amount - block.count)
            if found is None:
                raise _not_reached(start)
            year, amount = found
            block = self._open.block(year)
        place = bisect_left(block.totals, amount)
        end = block.ends[place]
        due_at = end - block.totals[place] + amount
        if due_at < end:
            return Due(due_at, due_at)
        return Due(due_at, _start_of(self._open, year, place + 1))

    def elapsed(self, start: int, end: int) -> int:
        """Return the open time between two instants; negative when `end` is before `start`."""
        first, last = bisect_right(YEAR_STARTS, start), bisect_right(YEAR_STARTS, end)
        used = self._used(last, end) - self._used(first, start)
        if first < last:
            return used + self._open.between(first, last)
        if first > last:
            return used - self._open.between(last, first)
        return used

    def due_business_days(self, start: int, days: Fraction | int) -> Due:
        """Return when a number of business days since `start` is used up.

        Each business date with open time is worth exactly one, spread evenly over its open
        time; all other time is worth nothing. `due_at` and `breaches_after` are the earliest
        and the latest such instant, as for `due`; one that falls between two microseconds is
        both, rounded up. Negative days are mirrored, and rounded away from `start`.
        Raises `NeverOpens` as `due` does.
        """
        if days <= 0:
            return self._business_due_back(start, days) if days else self._business_now(start)
        year, done, whole_date = self._business_place(start)
        per_day = whole_date * days.denominator
        target = done * days.denominator + days.numerator * whole_date
        whole, rest = divmod(target, per_day)
        # What is reached exactly at a date's end is due there, not on the date after.
        reached, counted = whole + (1 if rest else 0), self._business.sum(year)
        if reached > counted:
            found = self._business.forward(year + 1, reached - counted)
            if found is None:
                raise _not_reached(start)
            year, reached = found
        block = self._business.block(year)
        used, left = block.used_by(reached - (1 if rest else 0), rest, per_day)
        used += 1 if left else 0
        place = bisect_left(block.totals, used)
        due_at = block.ends[place] - block.totals[place] + used
        if due_at > HORIZON:
            raise _not_reached(start)
        if left or due_at < block.ends[place]:
            return Due(due_at, due_at)
        return Due(due_at, _start_of(self._business, year, place + 1))

    def elapsed_business_days(self, start: int, end: int) -> Fraction:
        """Return the business days between two instants; negative when `end` is before `start`."""
        first, done, whole_first = self._business_place(start)
        last, reached, whole_last = self._business_place(end)
        if first <= last:
            between = self._business.between(first, last)
        else:
            between = -self._business.between(last, first)
        if whole_first == whole_last:
            return Fraction(reached - done + between * whole_last, whole_last)
        return Fraction(reached, whole_last) - Fraction(done, whole_first) + between

    def is_open(self, at: int) -> bool:
        """Say whether support is open at an instant."""
        block = self._known_block(at)
        place = bisect_right(block.starts, at)
        return place > 0 and at < block.ends[place - 1]

    def next_opening(self, at: int) -> int:
        """Return the earliest open instant from `at` on: `at` itself if open.

        Raises `NeverOpens` if there is none before year 9999.
        """
        opening = self._opening(at)
        if opening >= HORIZON:
            raise NeverOpens(f"The calendar does not open from {say_instant(at)} until year 9999.")
        return opening

    def closes_at(self, at: int) -> int | None:
        """Return when support, open at `at`, next closes; None if closed, or if it never does."""
        if not self.is_open(at):
            return None
        year = year_of(at)
        block = self._open.block(year)
        closing = block.ends[bisect_right(block.starts, at) - 1]
        # A calendar open for two whole years without exceptions is open always.
        last = min(max(year, self._last_exception) + 2, LAST_YEAR)
        while closing == YEAR_STARTS[year]:
            if year == last:
                return None
            year += 1
            block = self._open.block(year)
            if not block.starts or block.starts[0] != closing:
                return closing
            closing = block.ends[0]
        return closing

    def periods(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the open periods within [start, end), merged, clipped and in order."""
        self._known_block(start)
        pending: tuple[int, int] | None = None
        year = year_of(start)
        while year <= LAST_YEAR and YEAR_STARTS[year - 1] < end:
            block = self._open.block(year)
            for place in range(bisect_right(block.ends, start), bisect_left(block.starts, end)):
                opens, closes = max(block.starts[place], start), min(block.ends[place], end)
                if pending is not None and pending[1] == opens:
                    opens = pending[0]
                elif pending is not None:
                    yield pending
                pending = (opens, closes)
            found = self._open.forward(year + 1, 1)
            year = LAST_YEAR + 1 if found is None else found[0]
        if pending is not None:
            yield pending

    def segments(self, start: int, end: int, *, limit: int = MAX_SEGMENTS) -> list[Segment]:
        """Return [start, end) as consecutive segments, each open or not, and why.

        Raises `RangeTooLong` where there would be more than `limit`.
        """
        if self._labels is None:
            self._labels = Labels(self._desks)
        return self._labels.segments(self.periods(start, end), start, end, limit)

    def holiday_at(self, at: int) -> str | None:
        """Return the name of the holiday on the civil date of an instant, or None.

        An override cancels its date's holiday. A union's holidays are those of the calendar
        that names it.
        """
        self._known_block(at)
        return self._desks[0].holidays.get(self._desks[0].zone.date_at(at))

    def _known_block(self, at: int) -> OpenBlock:
        year = year_of(at)
        if not 1 <= year <= LAST_YEAR:
            raise _out_of_range()
        return self._open.block(year)

    def _starting_block(self, year: int, at: int) -> OpenBlock:
        if year > LAST_YEAR:
            raise _not_reached(at)
        return self._known_block(at)

    def _used(self, year: int, at: int) -> int:
        """Return the open time of the instant's year before it."""
        block = self._open.blocks.get(year)
        if block is None:
            if at == HORIZON:
                return 0
            block = self._known_block(at)
        place = bisect_right(block.starts, at)
        if not place:
            return 0
        unused = block.ends[place - 1] - at
        return block.totals[place - 1] - unused if unused > 0 else block.totals[place - 1]

    def _due_back(self, start: int, amount: int) -> Due:
        year = year_of(start)
        target = self._used(year, start) - amount
        if target < 0:
            found = self._open.backward(year - 1, -target)
            if found is None:
                raise _not_reached(start, back=True)
            year, left = found
            target = self._open.sum(year) - left
        block = self._open.block(year)
        place = bisect_right(block.totals, target)
        due_at = block.ends[place] - block.totals[place] + target
        if due_at > block.starts[place]:
            return Due(due_at, due_at)
        return Due(due_at, _end_of(self._open, year, place - 1))

    def _opening(self, at: int) -> int:
        if at == HORIZON:
            return HORIZON
        block = self._known_block(at)
        place = bisect_right(block.ends, at)
        return max(at, _start_of(self._open, year_of(at), place))

    def _business_place(self, at: int) -> tuple[int, int, int]:
        """Return an instant's place in the business dates: its year, and p / q days into it."""
        year = year_of(at)
        if at == HORIZON:
            return year, 0, 1
        self._known_block(at)
        block = self._business.block(year)
        if at < block.begins:
            if year == 1:
                return 1, 0, 1
            year -= 1
            block = self._business.block(year)
        elif at >= block.finishes:
            year += 1
            if year > LAST_YEAR:
                return year, 0, 1
            block = self._business.block(year)
        place = bisect_right(block.starts, at) - 1
        if place < 0:
            return year, 0, 1
        used = block.totals[place] - max(0, block.ends[place] - at)
        day = block.days[place]
        before = block.day_totals[day - 1] if day else 0
        worth = block.day_totals[day] - before
        return year, day * worth + used - before, worth

    def _business_now(self, start: int) -> Due:
        year, _, _ = self._business_place(start)
        if year > LAST_YEAR:
            return Due(start, HORIZON)
        place = bisect_right(self._business.block(year).ends, start)
        return Due(start, max(start, _start_of(self._business, year, place)))

    def _business_due_back(self, start: int, days: Fraction | int) -> Due:
        year, done, whole_date = self._business_place(start)
        per_day = whole_date * days.denominator
        target = done * days.denominator + days.numerator * whole_date
        whole, rest = divmod(target, per_day)
        if whole < 0:
            found = self._business.backward(year - 1, -whole)
            if found is None:
                raise _not_reached(start, back=True)
            year, left_days = found
            whole = self._business.sum(year) - left_days
        block = self._business.block(year)
        used, left = block.used_by(whole, rest, per_day)
        place = bisect_right(block.totals, used)
        due_at = block.ends[place] - block.totals[place] + used
        if left or due_at > block.starts[place]:
            return Due(due_at, due_at)
        return Due(due_at, _end_of(self._business, year, place - 1))


@lru_cache(maxsize=128)
def _compile(calendar: Calendar) -> OpenTime:
    return OpenTime(calendar)


def _flatten(calendar: Calendar) -> Iterator[Calendar]:
    yield calendar
    for member in calendar.union:
        yield from _flatten(member)


def _start_of(years: Years[OpenBlock] | Years[BusinessBlock], year: int, place: int) -> int:
    """Return where the interval at `place` of a year starts, or the next year's first one."""
    block = years.block(year)
    if place < len(block.starts):
        return block.starts[place]
    found = years.forward(year + 1, 1)
    return HORIZON if found is None else min(HORIZON, years.block(found[0]).starts[0])


def _end_of(years: Years[OpenBlock] | Years[BusinessBlock], year: int, place: int) -> int:
    """Return where the interval at `place` of a year ends, or an earlier year's last one."""
    if place >= 0:
        return years.block(year).ends[place]
    found = years.backward(year - 1, 1)
    return EARLIEST if found is None else years.block(found[0]).ends[-1]


def _not_reached(start: int, *, back: bool = False) -> NeverOpens:
    until = "since year 1" if back else "before year 9999"
    return NeverOpens(f"The target, from {say_instant(start)}, is not reached {until}.")


def _out_of_range() -> InstantOutOfRange:
    return InstantOutOfRange("Calendars are known from 0001-01-01 up to 9999-01-01, in UTC.")
