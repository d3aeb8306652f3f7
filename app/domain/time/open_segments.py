"""A range of time as labelled segments: what an explanation shows, and why each part counts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal, NamedTuple

from app.domain.access.refusals import Kind, Refusal
from app.domain.time.instants import MICROS_PER_DAY, format_instant
from app.domain.time.open_time import ShiftSchedule

MAX_SEGMENTS = 10_000


class RangeTooLong(Refusal):
    """The range holds more segments than one explanation may list."""

    kind: ClassVar[Kind] = "invalid"
    code = "range_too_long"
    title = "The range is too long to list"


class Segment(NamedTuple):
    """A half-open part of a range, open or not, and why.

    Open: "open", or "override" where an override gives the hours. Closed: "closed", "holiday",
    or "override" on a date whose hours an override replaces. `name` is the holiday's or the
    override's own, where it has one.
    """

    start: int
    end: int
    open: bool
    why: Literal["open", "override", "closed", "holiday"]
    name: str | None


class Labels:
    """What a calendar has to say about its time, beyond open and closed.

    Closed time is split at the midnights of the holidays and overridden dates of the first
    desk, in its zone; open time where the override of any desk gives the hours.
    """

    __slots__ = ("_covers", "_marks", "_zone")

    def __init__(self, schedules: tuple[ShiftSchedule, ...]) -> None:
        primary = schedules[0]
        self._zone = primary.zone
        names = primary.override_names
        marks: list[tuple[int, Literal["override", "holiday"], str | None]] = [
            *((ordinal, "holiday", name) for ordinal, name in primary.holidays.items()),
            *((ordinal, "override", names.get(ordinal)) for ordinal in primary.overrides),
        ]
        self._marks = sorted(marks, key=lambda mark: mark[0])
        covers = [
            (start, end, desk.override_names.get(ordinal))
            for desk in schedules
            for ordinal in desk.overrides
            for start, end, _ in desk.shifts(ordinal, ordinal, plain=False)
        ]
        self._covers = sorted(covers, key=lambda cover: cover[:2])

    def segments(
        self, periods: Iterable[tuple[int, int]], start: int, end: int, limit: int
    ) -> list[Segment]:
        """Return [start, end), of which `periods` are open, as consecutive segments.

        Raises `RangeTooLong` where there would be more than `limit`.
        """
        segments: list[Segment] = []
        at = start
        for opens, closes in periods:
            segments.extend(self._closed(at, opens))
            segments.extend(self._open(opens, closes))
            at = closes
            if len(segments) > limit:
                break
        else:
            segments.extend(self._closed(at, end))
        if len(segments) > limit:
            raise RangeTooLong(
                f"There are more than {limit} segments from {format_instant(start)} to"
                f" {format_instant(end)}.",
                limit=limit,
            )
        return segments

    def _closed(self, start: int, end: int) -> Iterator[Segment]:
        if start >= end:
            return
        at = start
        first, last = self._zone.date_at(start), self._zone.date_at(end - 1)
        place = bisect_left(self._marks, first, key=lambda mark: mark[0])
        for ordinal, why, name in self._marks[place:]:
            if ordinal > last:
                break
            begins = max(at, self._zone.midnight(ordinal))
            finishes = min(end, self._zone.midnight(ordinal + 1))
            if begins < finishes:
                if at < begins:
                    yield Segment(at, begins, False, "closed", None)
                yield Segment(begins, finishes, False, why, name)
                at = finishes
        if at < end:
            yield Segment(at, end, False, "closed", None)

    def _open(self, start: int, end: int) -> Iterator[Segment]:
        at = start
        place = bisect_right(self._covers, start - 2 * MICROS_PER_DAY, key=lambda cover: cover[0])
        for cover_start, cover_end, name in self._covers[place:]:
            if cover_start >= end:
                break
            begins, finishes = max(at, cover_start), min(end, cover_end)
            if begins < finishes:
                if at < begins:
                    yield Segment(at, begins, True, "open", None)
                yield Segment(begins, finishes, True, "override", name)
                at = finishes
        if at < end:
            yield Segment(at, end, True, "open", None)
