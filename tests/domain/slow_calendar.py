"""Business time worked out the long way, to compare with: one cell of time after another.

Nothing here is shared with the code under test but the calendar's values. Civil edges are found
from what the clocks on the wall show at each instant (RFC 5545 §3.3.5: the first of two, or the
offset before a gap); open time is painted cell by cell, a minute each, or a second where a zone
keeps local mean time.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.time.calendars import Calendar, Shift

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(text: str) -> int:
    """Return an RFC 3339 instant in microseconds."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def show(instant: int, zone: str = "UTC") -> str:
    """Return an instant as the clocks of a zone show it."""
    shown = EPOCH + timedelta(microseconds=instant)
    return shown.astimezone(ZoneInfo(zone)).isoformat()


def offset_at(zone: str, instant: int) -> int:
    """Return what a zone's clocks are ahead of UTC at an instant, in microseconds."""
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        return (hours * HOUR + minutes * MINUTE) * (-1 if zone[0] == "-" else 1)
    shown = (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone))
    offset = shown.utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=100_000)
def civil_edge(zone: str, day: date, minute: int) -> int:
    """Return the instant of a civil time: the first of two; in a gap, by the offset before."""
    wall = (day - date(1970, 1, 1)).days * DAY + minute * MINUTE
    around = range(wall - 27 * HOUR, wall + 28 * HOUR, 3 * HOUR)
    offsets = {offset_at(zone, instant) for instant in around}
    shown = [wall - offset for offset in offsets if offset_at(zone, wall - offset) == offset]
    if shown:
        return min(shown)
    before_the_gap = wall - max(offsets)
    return wall - offset_at(zone, before_the_gap)


def shifts_on(calendar: Calendar, day: date) -> tuple[Shift, ...]:
    """Return the shifts that start on a date."""
    overrides = dict(calendar.overrides)
    if civil_edge(calendar.zone, day, 0) == civil_edge(calendar.zone, day, 1440):
        return ()  # the zone skipped this date
    if day in overrides:
        return overrides[day]
    return () if is_holiday(calendar, day) else calendar.hours[day.weekday()]


def is_holiday(calendar: Calendar, day: date) -> bool:
    return day in dict(calendar.holidays) and day not in dict(calendar.overrides)


def civil_date(zone: str, instant: int) -> date:
    """Return the date whose midnights an instant lies between."""
    near = (EPOCH + timedelta(microseconds=instant)).date()
    for days in (2, 1, 0, -1, -2):
        day = near + timedelta(days=days)
        if civil_edge(zone, day, 0) <= instant < civil_edge(zone, day, 1440):
            return day
    raise AssertionError(f"no date of {zone} holds {instant}")


def spans_of(calendar: Calendar, first: date, last: date) -> list[tuple[int, int, date]]:
    """Return (start, end, business date) of all shifts that start between two dates."""
    spans = []
    for member in _members(calendar):
        day = first
        while day <= last:
            next_day = day + timedelta(days=1)
            for shift in shifts_on(member, day):
                start = civil_edge(member.zone, day, shift.start_minute)
                end = civil_edge(member.zone, day, shift.end_minute)
                if is_holiday(member, next_day):
                    end = min(end, civil_edge(member.zone, next_day, 0))
                if start < end:
                    owner = day if member is calendar else civil_date(calendar.zone, start)
                    spans.append((start, end, owner))
            day = next_day
    return spans


def is_open(calendar: Calendar, instant: int) -> bool:
    """Say whether some shift holds an instant, to the microsecond."""
    near = (EPOCH + timedelta(microseconds=instant)).date()
    around = spans_of(calendar, near - timedelta(days=4), near + timedelta(days=4))
    return any(start <= instant < end for start, end, _ in around)


class SlowTime:
    """A row of days around an instant, each cell of it open or closed, and of which date."""

    def __init__(self, calendar: Calendar, around: int, *, days: int, cell: int = MINUTE) -> None:
        self.cell, self.zone = cell, calendar.zone
        middle = (EPOCH + timedelta(microseconds=around)).date()
        first, last = middle - timedelta(days=days), middle + timedelta(days=days)
        self.start = (first - date(1970, 1, 1)).days * DAY
        self.end = (last - date(1970, 1, 1)).days * DAY
        margin = timedelta(days=5)
        spans = spans_of(calendar, first - margin, last + margin)
        last_ends: dict[date, int] = {}
        for _, end, day in spans:
            last_ends[day] = max(end, last_ends.get(day, end))
        begins, finishes = self.start - 5 * DAY, self.end + 5 * DAY
        painted = bytearray((finishes - begins) // cell)
        for start, end, _ in spans:
            for place in range((start - begins) // cell, (end - begins) // cell):
                if 0 <= place < len(painted):
                    painted[place] = 1
        self.open: dict[int, date] = {}
        owners = sorted(last_ends)
        for place, is_open_then in enumerate(painted):
            instant = begins + place * cell
            while owners and last_ends[owners[0]] <= instant:
                owners.pop(0)
            if is_open_then:
                self.open[instant] = owners[0]
        self.worth: dict[date, int] = {}
        for day in self.open.values():
            ordinary = day.weekday() in calendar.business_days and not is_holiday(calendar, day)
            if ordinary or day in calendar.extra_business_days:
                self.worth[day] = self.worth.get(day, 0) + cell

    def cells(self, start: int, end: int) -> list[tuple[int, int, date | None]]:
        """Return [start, end) cell by cell, each with the date it is open for, if any."""
        assert self.start <= start <= end <= self.end
        cells = []
        while start < end:
            begins = start - start % self.cell
            until = min(begins + self.cell, end)
            cells.append((start, until, self.open.get(begins)))
            start = until
        return cells

    def elapsed(self, start: int, end: int) -> int:
        if end < start:
            return -self.elapsed(end, start)
        return sum(end - start for start, end, day in self.cells(start, end) if day is not None)

    def elapsed_days(self, start: int, end: int) -> Fraction:
        if end < start:
            return -self.elapsed_days(end, start)
        by_date: dict[date, int] = {}
        for begins, until, day in self.cells(start, end):
            if day in self.worth:
                assert day is not None
                by_date[day] = by_date.get(day, 0) + until - begins
        return sum((Fraction(used, self.worth[day]) for day, used in by_date.items()), Fraction(0))

    def close_of(self, start: int, days: int) -> int:
        """Return when a business date closes: the first not over yet, or the days-th after it."""
        spans: dict[date, tuple[int, int]] = {}
        for instant, day in sorted(self.open.items()):
            if day in self.worth:
                begun, _ = spans.get(day, (instant, 0))
                spans[day] = (begun, instant + self.cell)
        ahead = [span for _, span in sorted(spans.items()) if span[1] > start]
        own = civil_date(self.zone, start)
        has_begun = ahead[0][0] < civil_edge(self.zone, own, 1440)
        return ahead[days if has_begun or not days else days - 1][1]


def _members(calendar: Calendar) -> list[Calendar]:
    return [calendar] + [each for member in calendar.union for each in _members(member)]
