"""Open time of one year: shifts turned into sorted intervals of instants, with running totals."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate

from app.domain.time.calendars import Calendar, Shift
from app.domain.time.instants import EPOCH_ORDINAL, MICROS_PER_DAY, MICROS_PER_MINUTE
from app.domain.time.zones import Zone, load_zone
from app.domain.values import Value

LAST_YEAR = 9998
# Index y - 1 is the first instant of year y in UTC; the last entry is the horizon, year 9999.
YEAR_STARTS = tuple(
    (date(year, 1, 1).toordinal() - EPOCH_ORDINAL) * MICROS_PER_DAY for year in range(1, 10_000)
)
EARLIEST = YEAR_STARTS[0]
HORIZON = YEAR_STARTS[-1]

# Dates looked at beyond a year's ends: a shift lasts at most a day, and a zone is at most a
# day from UTC (two where the date line moved).
_MARGIN_DAYS = 4

Interval = tuple[int, int]


class OpenBlock(Value):
    """The open intervals within one year of UTC; `totals[i]` is open time up to `ends[i]`.

    `count` is the whole year's open time.
    """

    starts: list[int]
    ends: list[int]
    totals: list[int]
    count: int

    def moved(self, by: int) -> "OpenBlock":
        """Return the same block `by` microseconds later."""
        return OpenBlock(
            [at + by for at in self.starts], [at + by for at in self.ends], self.totals, self.count
        )


class BusinessBlock(Value):
    """The open time of one year's business dates, in order.

    `totals[i]` is their open time up to `ends[i]`, `days[i]` the place of that interval's date
    in the year, `day_totals[k]` the open time of the dates up to and with the k-th, and `count`
    how many dates there are. Instants in [`begins`, `finishes`) belong to this year's dates;
    years join without a gap.
    """

    starts: list[int]
    ends: list[int]
    totals: list[int]
    days: list[int]
    day_totals: list[int]
    count: int
    begins: int
    finishes: int

    def moved(self, by: int) -> "BusinessBlock":
        """Return the same block `by` microseconds later."""
        return BusinessBlock(
            [at + by for at in self.starts],
            [at + by for at in self.ends],
            self.totals,
            self.days,
            self.day_totals,
            self.count,
            self.begins + by,
            self.finishes + by,
        )

    def used_by(self, day: int, rest: int, per_day: int) -> tuple[int, int]:
        """Return the year's open time used up `rest / per_day` into its date at place `day`.

        Rounded down, with what is left over: 0 where it is exact.
        """
        before = self.day_totals[day - 1] if day else 0
        if not rest:
            return before, 0
        used, left = divmod(rest * (self.day_totals[day] - before), per_day)
        return before + used, left


class ShiftSchedule:
    """One member of a calendar's union, ready to give its shifts as instants."""

    __slots__ = (
        "business_days",
        "extra_days",
        "holidays",
        "hours",
        "override_names",
        "overrides",
        "yearly_cost",
        "zone",
    )

    def __init__(self, calendar: Calendar) -> None:
        self.zone: Zone = load_zone(calendar.zone)
        self.hours = calendar.hours
        self.business_days = calendar.business_days
        self.extra_days = frozenset(day.toordinal() for day in calendar.extra_business_days)
        self.overrides = {day.toordinal(): shifts for day, shifts in calendar.overrides}
        self.override_names = {day.toordinal(): name for day, name in calendar.override_names}
        self.holidays = {
            day.toordinal(): name
            for day, name in calendar.holidays
            if day.toordinal() not in self.overrides
        }
        # What one year takes to be built: its dates, and the shifts on them.
        self.yearly_cost = 366 + 53 * sum(map(len, self.hours))

    def shifts(self, first: int, last: int, *, plain: bool) -> list[tuple[int, int, int]]:
        """Return (start, end, date) of the shifts that start on these dates, both included.

        A holiday has no shifts, and cuts those of the night before at its midnight. A date
        that the zone skipped has none; nor has a shift whose end is not after its start once
        both are instants. `plain` leaves holidays and overrides out.
        """
        found = []
        holidays = {} if plain else self.holidays
        overrides = {} if plain else self.overrides
        first = max(first, 1)
        midnights = [self.zone.midnight(ordinal) for ordinal in range(first, last + 3)]
        for place, ordinal in enumerate(range(first, last + 1)):
            midnight, next_midnight = midnights[place], midnights[place + 1]
            shifts: tuple[Shift, ...] | None = overrides.get(ordinal)
            if shifts is None:
                shifts = () if ordinal in holidays else self.hours[(ordinal - 1) % 7]
            if not shifts or next_midnight <= midnight:
                continue
            # No zone changes its clocks twice within two days, so where both days have 24
            # hours it does not change them at all.
            steady = (
                next_midnight - midnight == midnights[place + 2] - next_midnight == MICROS_PER_DAY
            )
            for shift in shifts:
                if steady:
                    start = midnight + shift.start_minute * MICROS_PER_MINUTE
                    end = midnight + shift.end_minute * MICROS_PER_MINUTE
                else:
                    start = self.zone.edge(ordinal, shift.start_minute)
                    end = self.zone.edge(ordinal, shift.end_minute)
                if ordinal + 1 in holidays:
                    end = min(end, next_midnight)
                if start < end:
                    found.append((start, end, ordinal))
        return found

    def is_business_date(self, ordinal: int, *, plain: bool) -> bool:
        """Say whether a date is a business date.

        Its weekday is one and it is no holiday, or it is named as one.
        """
        if not plain and ordinal in self.extra_days:
            return True
        if (ordinal - 1) % 7 not in self.business_days:
            return False
        return plain or ordinal not in self.holidays

    def has_hours(self) -> bool:
        """Say whether some weekday or some override has a shift."""
        return any(self.hours) or any(self.overrides.values())

    def exceptional_years(self) -> set[int]:
        """Return the years that a holiday, an override or an extra business day may change."""
        years = set()
        for ordinal in (*self.holidays, *self.overrides, *self.extra_days):
            for near in (ordinal - _MARGIN_DAYS - 1, ordinal + _MARGIN_DAYS + 1):
                years.add(date.fromordinal(min(max(near, 1), date.max.toordinal())).year)
        return years


def build_open_block(schedules: tuple[ShiftSchedule, ...], year: int, plain: bool) -> OpenBlock:
    """Return the merged open time of all desks within one year of UTC."""
    first, last = _dates_of(year)
    spans = []
    for desk in schedules:
        for start, end, _ in desk.shifts(first, last, plain=plain):
            spans.append((start, end))
    begins, finishes = YEAR_STARTS[year - 1], YEAR_STARTS[year]
    inside = [
        (max(start, begins), min(end, finishes))
        for start, end in merge(spans)
        if start < finishes and end > begins
    ]
    totals = list(accumulate(end - start for start, end in inside))
    return OpenBlock(
        [start for start, _ in inside],
        [end for _, end in inside],
        totals,
        totals[-1] if totals else 0,
    )


def build_business_block(
    schedules: tuple[ShiftSchedule, ...], year: int, plain: bool
) -> BusinessBlock:
    """Return the open time of one civil year's business dates, those of the first desk.

    A shift belongs to the date that it starts on; a further desk's shift to the first desk's
    civil date at its start. Where shifts of several dates overlap, an open instant belongs to
    the earliest date whose last shift has not ended.
    """
    primary = schedules[0]
    new_year = date(year, 1, 1).toordinal()
    next_year = date(year + 1, 1, 1).toordinal()
    first, last = _dates_of(year)
    spans = primary.shifts(first, last, plain=plain)
    for desk in schedules[1:]:
        for start, end, _ in desk.shifts(first, last, plain=plain):
            spans.append((start, end, primary.zone.date_at(start)))
    shares = _share_out(spans)

    starts: list[int] = []
    ends: list[int] = []
    days: list[int] = []
    day_totals: list[int] = []
    for ordinal, pieces in shares:
        if not new_year <= ordinal < next_year:
            continue
        if not primary.is_business_date(ordinal, plain=plain):
            continue
        for start, end in pieces:
            starts.append(start)
            ends.append(end)
            days.append(len(day_totals))
        worked = sum(end - start for start, end in pieces)
        day_totals.append(worked + (day_totals[-1] if day_totals else 0))
    return BusinessBlock(
        starts,
        ends,
        list(accumulate(end - start for start, end in zip(starts, ends, strict=True))),
        days,
        day_totals,
        len(day_totals),
        _year_edge(primary.zone, spans, new_year),
        _year_edge(primary.zone, spans, next_year),
    )


def merge(spans: Iterable[Interval]) -> list[Interval]:
    """Return the same time as sorted intervals that neither overlap nor touch."""
    merged: list[Interval] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def year_of(at: int) -> int:
    """Return the year of UTC that holds an instant; 0 before year 1, 9999 from year 9999 on."""
    return bisect_right(YEAR_STARTS, at)


def _dates_of(year: int) -> tuple[int, int]:
    first = date(year, 1, 1).toordinal() - _MARGIN_DAYS
    return first, date(year, 12, 31).toordinal() + _MARGIN_DAYS


def _share_out(spans: list[tuple[int, int, int]]) -> list[tuple[int, list[Interval]]]:
    """Return each date's own open time, dates in order; a date left without any is left out."""
    last_ends: dict[int, int] = {}
    for _, end, ordinal in spans:
        last_ends[ordinal] = max(end, last_ends.get(ordinal, end))
    shares: list[tuple[int, list[Interval]]] = []
    open_time = merge((start, end) for start, end, _ in spans)
    place = 0
    for ordinal in sorted(last_ends):
        until = last_ends[ordinal]
        pieces = []
        while place < len(open_time) and open_time[place][0] < until:
            start, end = open_time[place]
            pieces.append((start, min(end, until)))
            if end > until:
                open_time[place] = (until, end)
                break
            place += 1
        if pieces:
            shares.append((ordinal, pieces))
    return shares


def _year_edge(zone: Zone, spans: list[tuple[int, int, int]], ordinal: int) -> int:
    """Return from when on instants belong to `ordinal`, a New Year's Day, and the dates after."""
    ends = [end for _, end, day in spans if ordinal - _MARGIN_DAYS <= day < ordinal]
    return max([zone.midnight(ordinal), *ends])
