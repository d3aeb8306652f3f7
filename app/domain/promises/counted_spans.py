"""Counted spans: a clock's time cut where what counts changes, by the clause that won, and why.

Instants are integer microseconds in UTC, and spans are half-open and in order.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from app.domain.promises.deadlines import Timing
from app.domain.promises.targets import Measure, Stop
from app.domain.time.business_time import OpenTime, Segment
from app.domain.time.instants import MICROS_PER_DAY
from app.domain.time.open_time import LAST_YEAR, year_of

Why = Literal["open", "override", "closed", "holiday", "paused", "stopped"]

# A calendar is read a week at a time, so that a long clock costs only what is shown of it. The
# limit is above what a week can hold with a shift every other minute.
_STEP = 7 * MICROS_PER_DAY
_STEP_SEGMENTS = 20_000
_NO_BUSINESS_DAY = "not a business day"


class CountedSpan(NamedTuple):
    """A span of time; `detail` is a name, a cause, or why open time did not count."""

    start: int
    end: int
    counted: bool
    why: Why
    detail: str | None


def trace(timing: Timing, end: int) -> Iterator[CountedSpan]:
    """Yield a clock's time from its start to `end`; nothing where no clause has a time.

    Time of a target without a calendar is open. Neighbours that say the same are one.
    """
    won = timing.reckoning.won
    if won is None:
        return
    stops = list(timing.stops)
    if timing.halted_at is not None and timing.halted_for is not None:
        stops.append(Stop(timing.halted_at, end, "paused", timing.halted_for))
    yield from _merge(_between_stops(won.measure, timing.reckoning.start, end, stops))


def _between_stops(
    measure: Measure, start: int, end: int, stops: Sequence[Stop]
) -> Iterator[CountedSpan]:
    at = start
    for stop in stops:
        if stop.start >= end:
            break
        yield from _count(measure, at, stop.start)
        at = min(stop.end, end)
        yield CountedSpan(stop.start, at, False, stop.why, stop.detail)
    yield from _count(measure, at, end)


def _count(measure: Measure, start: int, end: int) -> Iterator[CountedSpan]:
    if start >= end:
        return
    if measure.open_time is None:
        yield CountedSpan(start, end, True, "open", None)
    elif measure.in_days:
        yield from _count_days(measure.open_time, start, end)
    else:
        for each in _read(measure.open_time, start, end):
            yield CountedSpan(each.start, each.end, each.open, each.why, each.name)


def _count_days(open_time: OpenTime, start: int, end: int) -> Iterator[CountedSpan]:
    """Count the open time of business dates only: a Saturday's hours are worth nothing."""
    at = start
    for opens, closes in _find_business_periods(open_time, start, end):
        yield from _pass_over(open_time, at, opens)
        for each in _read(open_time, opens, closes):
            yield CountedSpan(each.start, each.end, each.open, each.why, each.name)
        at = closes
    yield from _pass_over(open_time, at, end)


def _pass_over(open_time: OpenTime, start: int, end: int) -> Iterator[CountedSpan]:
    for each in _read(open_time, start, end):
        if each.open:
            yield CountedSpan(each.start, each.end, False, "closed", _NO_BUSINESS_DAY)
        else:
            yield CountedSpan(each.start, each.end, False, each.why, each.name)


def _find_business_periods(open_time: OpenTime, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the open time of business dates within [start, end), in order."""
    for year in range(max(year_of(start) - 1, 1), min(year_of(end) + 1, LAST_YEAR) + 1):
        block = open_time.business_block(year)
        if block.finishes > start and block.begins < end:
            for opens, closes in zip(block.starts, block.ends, strict=True):
                if opens < end and closes > start:
                    yield max(opens, start), min(closes, end)


def _read(open_time: OpenTime, start: int, end: int) -> Iterator[Segment]:
    for at in range(start, end, _STEP):
        yield from open_time.segments(at, min(at + _STEP, end), limit=_STEP_SEGMENTS)


def _merge(spans: Iterable[CountedSpan]) -> Iterator[CountedSpan]:
    pending: CountedSpan | None = None
    for span in spans:
        if span.start >= span.end:
            continue
        if pending is not None and pending[2:] == span[2:]:
            pending = pending._replace(end=span.end)
        else:
            if pending is not None:
                yield pending
            pending = span
    if pending is not None:
        yield pending
