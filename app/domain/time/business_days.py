"""Business days: due and elapsed where each business date is worth exactly one.

A business date with open time is worth one day, spread evenly over its open time; one without
is worth nothing, and so is all time outside business dates. Sums are rational; where a target
falls between two microseconds, the instant is rounded away from the start.
"""

from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import NamedTuple

from app.domain.time.dues import Due, not_reached, out_of_range
from app.domain.time.open_time import EARLIEST, HORIZON, LAST_YEAR, BusinessBlock, year_of
from app.domain.time.open_years import Years

BusinessYears = Years[BusinessBlock]


class _Place(NamedTuple):
    """How far an instant is into the business dates of a year: `done / per_day` days."""

    year: int
    done: int
    per_day: int


def due_business_days(years: BusinessYears, start: int, days: Fraction | int) -> Due:
    """Return when a number of business days since `start` is used up; mirrored when negative."""
    if not days:
        return Due(start, _next_start(years, start))
    year, done, worth = _place_of(years, start)
    per_day = worth * days.denominator
    whole, rest = divmod(done * days.denominator + days.numerator * worth, per_day)
    if days < 0:
        return _due_back(years, start, year, whole=whole, rest=rest, per_day=per_day)
    # What is used up exactly at a date's end is due there, not on the date after.
    year, reached = _reach(years, year, whole + (1 if rest else 0), start)
    block = years.block(year)
    used, left = block.used_by(reached - (1 if rest else 0), rest, per_day)
    used += 1 if left else 0
    place = bisect_left(block.totals, used)
    due_at = block.ends[place] - block.totals[place] + used
    if due_at > HORIZON:
        raise not_reached(start)
    if left or due_at < block.ends[place]:
        return Due(due_at, due_at)
    return Due(due_at, years.start_of(year, place + 1))


def close_of_business_day(years: BusinessYears, start: int, days: int, *, midnight: int) -> int:
    """Return when the `days`-th business date after that of `start` closes.

    `midnight` ends the civil date of `start`: a business date that has begun by then and has not
    closed by `start` is that of `start`, and is passed over unless `days` is 0.
    """
    year, done, worth = _place_of(years, start)
    closed = done // worth
    later, begun, worth_later = _place_of(years, midnight)
    begun_since = -(-begun // worth_later) - closed + years.between(year, later)
    passed = closed + (1 if begun_since > 0 or not days else 0)
    year, reached = _reach(years, year, passed + days, start)
    block = years.block(year)
    closes = block.ends[bisect_left(block.totals, block.day_totals[reached - 1])]
    if closes > HORIZON:
        raise not_reached(start)
    return closes


def elapsed_business_days(years: BusinessYears, start: int, end: int) -> Fraction:
    """Return the business days between two instants; negative when `end` is before `start`."""
    first, done, worth_first = _place_of(years, start)
    last, reached, worth_last = _place_of(years, end)
    between = years.between(first, last) if first <= last else -years.between(last, first)
    if worth_first == worth_last:
        return Fraction(reached - done + between * worth_last, worth_last)
    return Fraction(reached, worth_last) - Fraction(done, worth_first) + between


def _due_back(
    years: BusinessYears, start: int, year: int, *, whole: int, rest: int, per_day: int
) -> Due:
    if whole < 0:
        found = years.backward(year - 1, -whole)
        if found is None:
            raise not_reached(start, back=True)
        year, left_days = found
        whole = years.sum(year) - left_days
    block = years.block(year)
    used, left = block.used_by(whole, rest, per_day)
    place = bisect_right(block.totals, used)
    due_at = block.ends[place] - block.totals[place] + used
    if left or due_at > block.starts[place]:
        return Due(due_at, due_at)
    return Due(due_at, years.end_of(year, place - 1))


def _next_start(years: BusinessYears, at: int) -> int:
    """Return from when on business dates' time runs, at `at` or after it."""
    year = _place_of(years, at).year
    if year > LAST_YEAR:
        return HORIZON
    return max(at, years.start_of(year, bisect_right(years.block(year).ends, at)))


def _reach(years: BusinessYears, year: int, number: int, start: int) -> tuple[int, int]:
    """Return the year of the business date of this number in `year` or after, and its number there.

    Raises `NeverOpens` for one that is not reached from `start`.
    """
    counted = years.sum(year)
    if number <= counted:
        return year, number
    found = years.forward(year + 1, number - counted)
    if found is None:
        raise not_reached(start)
    return found


def _place_of(years: BusinessYears, at: int) -> _Place:
    if not EARLIEST <= at <= HORIZON:
        raise out_of_range()
    year = year_of(at)
    if year <= LAST_YEAR:
        block = years.block(year)
        if at >= block.finishes:
            year += 1
        elif at < block.begins and year > 1:
            year -= 1
    if year > LAST_YEAR:
        return _Place(year, 0, 1)
    block = years.block(year)
    place = bisect_right(block.starts, at) - 1
    if place < 0:
        return _Place(year, 0, 1)
    used = block.totals[place] - max(0, block.ends[place] - at)
    day = block.days[place]
    before = block.day_totals[day - 1] if day else 0
    worth = block.day_totals[day] - before
    return _Place(year, day * worth + used - before, worth)
