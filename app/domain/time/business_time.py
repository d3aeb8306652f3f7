"""Business time: due and elapsed, in open time and in business days, of one calendar.

Instants are integer microseconds since 1970-01-01T00:00:00Z, spans are integer microseconds.
Everything is known from year 1 up to year 9999 (`EARLIEST`, `HORIZON`).

A union's open time is the merged open time of all its members. Its business dates are those of
the calendar that names the union: that calendar's weekdays, holidays and zone decide which
dates count, and each is spread over all the open time that belongs to it, the members' too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from app.domain.time.business_days import (
    close_of_business_day,
    due_business_days,
    elapsed_business_days,
)
from app.domain.time.calendar_texts import name_hours
from app.domain.time.calendars import Calendar
from app.domain.time.dues import Due, NeverOpens, not_reached, out_of_range
from app.domain.time.instants import InstantOutOfRange, format_instant, from_micros, to_micros
from app.domain.time.open_segments import MAX_SEGMENTS, Labels, RangeTooLong, Segment
from app.domain.time.open_time import (
    EARLIEST,
    HORIZON,
    LAST_YEAR,
    YEAR_STARTS,
    BusinessBlock,
    OpenBlock,
    ShiftSchedule,
    build_business_block,
    build_open_block,
    year_of,
)
from app.domain.time.open_years import Years

__all__ = [
    "EARLIEST",
    "HORIZON",
    "Due",
    "InstantOutOfRange",
    "NeverOpens",
    "OpenTime",
    "RangeTooLong",
    "Segment",
    "from_micros",
    "to_micros",
]


# How many years' open time a calendar keeps, as far as its weight goes.
_KEPT_YEARS = 8


class OpenTime:
    """One calendar's open time. Years are built when first needed; answers never change."""

    __slots__ = (
        "_business",
        "_labels",
        "_last_exception",
        "_open",
        "_schedules",
        "calendar",
        "holidays_until",
        "words",
    )

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        members = tuple(_flatten(calendar))
        # Of a union the holidays are known until the first of its members' are not.
        known_until = (each.holidays_until for each in members)
        self.holidays_until = min((day for day in known_until if day is not None), default=None)
        self.words = name_hours(calendar)
        self._schedules = tuple(ShiftSchedule(member) for member in members)
        if not any(desk.has_hours() for desk in self._schedules):
            raise NeverOpens("The calendar is never open: it has no hours on any day.")
        self._last_exception = max(
            (year for desk in self._schedules for year in desk.exceptional_years()), default=0
        )
        self._open: Years[OpenBlock] = Years(self._schedules, build_open_block)
        self._business: Years[BusinessBlock] = Years(self._schedules, build_business_block)
        self._labels: Labels | None = None

    @property
    def weight(self) -> int:
        """Return about how many intervals and dates it will keep, however it is asked."""
        dated = sum(
            len(desk.holidays) + sum(len(shifts) + 1 for shifts in desk.overrides.values())
            for desk in self._schedules
        )
        return dated + _KEPT_YEARS * sum(desk.yearly_cost for desk in self._schedules)

    def business_block(self, year: int) -> BusinessBlock:
        """Return the open time of one civil year's business dates."""
        return self._business.block(year)

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
                raise not_reached(start)
            year, amount = found
            block = self._open.block(year)
        place = bisect_left(block.totals, amount)
        end = block.ends[place]
        due_at = end - block.totals[place] + amount
        if due_at < end:
            return Due(due_at, due_at)
        return Due(due_at, self._open.start_of(year, place + 1))

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
        return due_business_days(self._business, start, days)

    def elapsed_business_days(self, start: int, end: int) -> Fraction:
        """Return the business days between two instants; negative when `end` is before `start`."""
        return elapsed_business_days(self._business, start, end)

    def close_of_business_day(self, start: int, days: int) -> int:
        """Return when the `days`-th business date after `start` closes; of 0, that of `start`.

        What is open at `start` is of the date on which its shift began; any other time is of its
        civil date. 0 is the first business date from then on that has not closed by `start`.
        Raises `NeverOpens` as `due` does.
        """
        zone = self._schedules[0].zone
        midnight = min(zone.midnight(zone.date_at(start) + 1), HORIZON)
        return close_of_business_day(self._business, start, days, midnight=midnight)

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
            raise NeverOpens(
                f"The calendar does not open from {format_instant(at)} until year 9999."
            )
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
            self._labels = Labels(self._schedules)
        return self._labels.segments(self.periods(start, end), start, end, limit)

    def civil_date_at(self, at: int) -> date:
        """Return the civil date of an instant in the calendar's own zone."""
        self._known_block(at)
        return date.fromordinal(max(1, self._schedules[0].zone.date_at(at)))

    def is_past_known(self, at: int) -> bool:
        """Say whether an instant lies after the last date whose holidays are known."""
        if self.holidays_until is None:
            return False
        return self._schedules[0].zone.date_at(at) > self.holidays_until.toordinal()

    def holiday_at(self, at: int) -> str | None:
        """Return the name of the holiday on the civil date of an instant, or None.

        An override cancels its date's holiday. A union's holidays are those of the calendar
        that names it.
        """
        self._known_block(at)
        return self._schedules[0].holidays.get(self._schedules[0].zone.date_at(at))

    def _known_block(self, at: int) -> OpenBlock:
        year = year_of(at)
        if not 1 <= year <= LAST_YEAR:
            raise out_of_range()
        return self._open.block(year)

    def _starting_block(self, year: int, at: int) -> OpenBlock:
        if year > LAST_YEAR:
            raise not_reached(at)
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
                raise not_reached(start, back=True)
            year, left = found
            target = self._open.sum(year) - left
        block = self._open.block(year)
        place = bisect_right(block.totals, target)
        due_at = block.ends[place] - block.totals[place] + target
        if due_at > block.starts[place]:
            return Due(due_at, due_at)
        return Due(due_at, self._open.end_of(year, place - 1))

    def _opening(self, at: int) -> int:
        if at == HORIZON:
            return HORIZON
        block = self._known_block(at)
        place = bisect_right(block.ends, at)
        return max(at, self._open.start_of(year_of(at), place))


def _flatten(calendar: Calendar) -> Iterator[Calendar]:
    yield calendar
    for member in calendar.union:
        yield from _flatten(member)
