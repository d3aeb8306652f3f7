"""Laws of business time, over random calendars and zones, against the slow calculator."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.domain.time.business_time import HORIZON, OpenTime
from app.domain.time.calendars import Calendar, Shift
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.time.dues import NeverOpens
from app.domain.values import replace
from tests.domain import slow_calendar
from tests.domain.slow_calendar import DAY, EPOCH, HOUR, MINUTE, SECOND, SlowTime, at

DAYS = 6

# Where clocks do something, and where they do nothing.
ZONES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Sao_Paulo": ("2018-11-04", "2018-02-18"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),
    "America/St_Johns": ("2006-04-02", "2006-10-29"),
    "Pacific/Apia": ("2011-12-30", "2011-12-31"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Asia/Tehran": ("2021-03-22", "2021-09-22"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "Asia/Kathmandu": ("1986-01-01", "2026-07-01"),
    "Pacific/Auckland": ("2026-01-01", "2026-09-27"),
    "+02:00": ("2026-01-01", "2024-02-29"),
    "-03:30": ("2025-12-31", "2100-02-28"),
}


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    start = draw(st.one_of(st.integers(0, 1439), st.sampled_from((0, 60, 120, 150, 1320, 1410))))
    length = draw(st.one_of(st.integers(1, 1440), st.sampled_from((1, 30, 60, 480, 1440))))
    return Shift(start, start + length)


@st.composite
def calendars(draw: st.DrawFn, *, zone: str, near: date, members: int = 1) -> Calendar:
    day_shifts = st.lists(shifts(), max_size=2).map(tuple)
    days_near = st.integers(-DAYS - 2, DAYS + 2).map(lambda days: near + timedelta(days=days))
    union: tuple[Calendar, ...] = ()
    if members:
        zones = st.sampled_from(sorted(ZONES))
        others = zones.flatmap(lambda other: calendars(zone=other, near=near, members=0))
        union = tuple(draw(st.lists(others, max_size=members)))
    hours = tuple(draw(day_shifts) for _ in range(7))
    assume(any(hours))
    return Calendar(
        zone=zone,
        hours=hours,
        holidays=tuple((day, "holiday") for day in sorted(draw(st.sets(days_near, max_size=3)))),
        overrides=tuple(sorted(draw(st.dictionaries(days_near, day_shifts, max_size=2)).items())),
        business_days=draw(
            st.one_of(st.just(frozenset(range(5))), st.frozensets(st.integers(0, 6), min_size=1))
        ),
        union=union,
        extra_business_days=frozenset(draw(st.sets(days_near, max_size=2))),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, int]:
    """Draw a calendar, and an instant near something that matters to it."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    near = draw(
        st.one_of(
            st.sampled_from(ZONES[zone]).map(date.fromisoformat),
            st.integers(1975, 2110).map(lambda year: date(year, 1, 1)),
            st.dates(date(1972, 1, 10), date(2120, 12, 20)),
        )
    )
    calendar = draw(calendars(zone=zone, near=near))
    return calendar, (near - EPOCH.date()).days * DAY


offsets = st.one_of(
    st.integers(-DAYS * DAY, DAYS * DAY),
    st.integers(-DAYS * 24, DAYS * 24).map(lambda hours: hours * HOUR),
)


def examples(number: int) -> Callable[[Any], Any]:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(max_examples=number, deadline=None, suppress_health_check=slow)


@examples(100)
@given(cases(), offsets, offsets)
def test_elapsed_is_what_counting_minutes_gives(
    case: tuple[Calendar, int], first: int, second: int
) -> None:
    calendar, middle = case
    slow, fast = SlowTime(calendar, middle, days=DAYS + 1), compile_calendar(calendar)
    start, end = middle + first, middle + second
    assert fast.elapsed(start, end) == slow.elapsed(start, end)
    assert fast.elapsed_business_days(start, end) == slow.elapsed_days(start, end)


@examples(50)
@given(cases(), st.sampled_from((-SECOND, -1, 0, 1, SECOND)))
def test_every_edge_lies_exactly_where_the_slow_calculator_has_it(
    case: tuple[Calendar, int], beside: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    near = (EPOCH + timedelta(microseconds=middle)).date()
    around = slow_calendar.spans_of(calendar, near - timedelta(days=2), near + timedelta(days=2))
    for edge in {edge for start, end, _ in around for edge in (start, end)}:
        assert fast.is_open(edge + beside) == slow_calendar.is_open(calendar, edge + beside)


@examples(50)
@given(cases(), offsets)
def test_periods_and_segments_cover_a_range_and_agree_with_the_cells(
    case: tuple[Calendar, int], first: int
) -> None:
    calendar, middle = case
    slow, fast = SlowTime(calendar, middle, days=DAYS + 1), compile_calendar(calendar)
    start, end = sorted((middle + first, middle + DAYS * DAY))
    segments = fast.segments(start, end)
    assert [start, *(each.end for each in segments)] == [*(each.start for each in segments), end]
    assert all(each.start < each.end for each in segments)
    periods = list(fast.periods(start, end))
    assert all(one[1] < two[0] for one, two in pairwise(periods))
    assert sum(end - start for start, end in periods) == fast.elapsed(start, end)
    for begins, until, day in slow.cells(start, end):
        assert any(opens <= begins and until <= closes for opens, closes in periods) == (
            day is not None
        )
    assert sum(each.end - each.start for each in segments if each.open) == fast.elapsed(start, end)


amounts = st.one_of(
    st.integers(1, 40 * HOUR),
    st.integers(1, 40).map(lambda hours: hours * HOUR),
    st.integers(1, 3000).map(lambda hours: hours * HOUR),
)


@examples(100)
@given(cases(), offsets, amounts, st.booleans())
def test_due_is_the_inverse_of_elapsed_and_names_both_its_ends(
    case: tuple[Calendar, int], first: int, amount: int, back: bool
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start, away = middle + first, -1 if back else 1
    due_at, breaches_after = fast.due(start, away * amount)
    assert fast.elapsed(start, due_at) == away * amount
    assert fast.elapsed(start, breaches_after) == away * amount
    assert abs(fast.elapsed(start, due_at - away)) == amount - 1
    assert abs(fast.elapsed(start, breaches_after + away)) == amount + 1
    assert (due_at - start) * away > 0
    assert (breaches_after - due_at) * away >= 0


def have_business_days(fast: OpenTime, start: int) -> bool:
    return fast.elapsed_business_days(start + 20 * DAY, start + 60 * DAY) > 0


@examples(100)
@given(
    cases(),
    offsets,
    st.one_of(st.integers(1, 300), st.fractions(0, 20, max_denominator=1000)),
    st.booleans(),
)
def test_business_days_due_is_the_inverse_rounded_to_a_microsecond(
    case: tuple[Calendar, int], first: int, days: Fraction | int, back: bool
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start, away = middle + first, -1 if back else 1
    assume(have_business_days(fast, start) and days)
    due_at, breaches_after = fast.due_business_days(start, away * days)
    reached = abs(fast.elapsed_business_days(start, due_at))
    assert reached >= days
    assert abs(fast.elapsed_business_days(start, due_at - away)) < days
    assert (breaches_after - due_at) * away >= 0
    if reached == days:
        assert abs(fast.elapsed_business_days(start, breaches_after)) == days
        assert abs(fast.elapsed_business_days(start, breaches_after + away)) > days
    else:
        assert breaches_after == due_at


@examples(60)
@given(cases(), offsets, st.integers(0, 3), st.integers(0, 2 * DAY))
def test_a_business_day_closes_where_the_slow_calculator_has_it_and_never_earlier(
    case: tuple[Calendar, int], first: int, days: int, later: int
) -> None:
    calendar, middle = case
    slow, fast = SlowTime(calendar, middle, days=4 * DAYS), compile_calendar(calendar)
    start = middle + first
    assume(have_business_days(fast, start))
    closes = fast.close_of_business_day(start, days)
    assume(closes < slow.end)
    assert closes == slow.close_of(start, days)
    assert closes > start
    assert fast.due(start, fast.elapsed(start, closes)).due_at == closes
    assert fast.close_of_business_day(start + later, days) >= closes


@examples(60)
@given(cases(), offsets, offsets, offsets)
def test_splitting_an_interval_adds_up(
    case: tuple[Calendar, int], first: int, second: int, third: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    a, b, c = middle + first, middle + second, middle + third * 200
    assert fast.elapsed(a, b) + fast.elapsed(b, c) == fast.elapsed(a, c)
    assert fast.elapsed(a, b) == -fast.elapsed(b, a)
    days = fast.elapsed_business_days
    assert days(a, b) + days(b, c) == days(a, c)


@examples(60)
@given(cases(), offsets, amounts, st.integers(0, 3 * HOUR), st.integers(0, 90 * MINUTE))
def test_due_is_monotone_in_start_and_in_amount(
    case: tuple[Calendar, int], first: int, amount: int, later: int, more: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start = middle + first
    due = fast.due(start, amount)
    assert due <= fast.due(start + later, amount)
    assert due <= fast.due(start, amount + more)
    try:
        earliest = fast.due(start, -amount - more)
    except NeverOpens:  # open only since a day on which it is open otherwise
        assume(False)
    assert earliest <= fast.due(start, -amount)


@examples(60)
@given(
    cases(), offsets, st.fractions(0, 20, max_denominator=1000), st.integers(0, 30 * HOUR), offsets
)
def test_business_days_due_is_monotone_in_start_and_in_amount(
    case: tuple[Calendar, int], first: int, days: Fraction, later: int, more: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start, longer = middle + first, days + Fraction(abs(more), 3 * DAY)
    assume(have_business_days(fast, start))
    due = fast.due_business_days(start, days)
    assert due <= fast.due_business_days(start + later, days)
    assert due <= fast.due_business_days(start, longer)
    assert fast.due_business_days(start, -longer) <= fast.due_business_days(start, -days)


@examples(60)
@given(cases(), offsets, st.integers(1, 12), st.integers(0, 6 * DAY))
def test_a_pause_over_some_of_a_business_day_moves_a_deadline_by_that_share(
    case: tuple[Calendar, int], first: int, days: int, pause: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start = middle + first
    assume(have_business_days(fast, start))
    stopped = fast.due_business_days(start, Fraction(days, 2)).due_at
    used = fast.elapsed_business_days(start, stopped)
    paused = fast.elapsed_business_days(stopped, stopped + pause)
    moved = fast.due_business_days(stopped + pause, days - used)
    assert moved.due_at == fast.due_business_days(start, days + paused).due_at


@examples(60)
@given(cases(), offsets)
def test_no_date_but_a_business_date_is_worth_anything(
    case: tuple[Calendar, int], first: int
) -> None:
    """Every named date with open time is worth one, whatever its weekday and its neighbours."""
    calendar, middle = case
    calendar = replace(calendar, union=())
    fast, slow = compile_calendar(calendar), SlowTime(calendar, middle, days=DAYS + 1)
    whole = fast.elapsed_business_days(middle - DAYS * DAY, middle + DAYS * DAY)
    assert whole == slow.elapsed_days(middle - DAYS * DAY, middle + DAYS * DAY)
    none = replace(calendar, business_days=frozenset(), extra_business_days=frozenset())
    assert compile_calendar(none).elapsed_business_days(middle, middle + first) == 0


@examples(60)
@given(cases(), offsets, amounts, st.integers(0, 4 * DAY))
def test_a_pause_over_some_open_time_moves_a_deadline_by_that_open_time(
    case: tuple[Calendar, int], first: int, amount: int, pause: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    start = middle + first
    stopped = fast.due(start, amount // 2).due_at
    used = fast.elapsed(start, stopped)
    paused = fast.elapsed(stopped, stopped + pause)
    moved = fast.due(stopped + pause, amount - used)
    assert moved == fast.due(start, amount + paused)


@examples(60)
@given(cases(), offsets)
def test_next_opening_and_closing_agree_with_the_periods(
    case: tuple[Calendar, int], first: int
) -> None:
    calendar, middle = case
    fast = compile_calendar(calendar)
    now = middle + first
    opening = fast.next_opening(now)
    assert fast.is_open(opening)
    assert fast.elapsed(now, opening) == 0
    closing = fast.closes_at(opening)
    if closing is None:
        assert fast.elapsed(opening, opening + 700 * DAY) == 700 * DAY
    else:
        assert fast.elapsed(opening, closing) == closing - opening
        assert not fast.is_open(closing)
    assert (fast.closes_at(now) is None) or fast.is_open(now)


@examples(25)
@given(cases(), st.integers(1, 9990), st.integers(0, 364), st.integers(1, 60_000))
def test_years_far_away_are_the_same_however_they_were_built(
    case: tuple[Calendar, int], year: int, day: int, hours: int
) -> None:
    calendar, _ = case
    fast, built = OpenTime(calendar), OpenTime(calendar)
    for years in (built._open, built._business):
        years._irregular = frozenset(range(10_000))
    start = at(f"{year:04}-01-01T00:00:00+00:00") + day * DAY + 7 * HOUR
    due = fast.due(start, hours * HOUR) if year < 9900 else None
    end = due.due_at if due is not None and hours < 5000 else start + 400 * DAY
    end = min(end, HORIZON)
    assert fast.elapsed(start, end) == built.elapsed(start, end)
    assert fast.elapsed_business_days(start, end) == built.elapsed_business_days(start, end)
    if due is not None:
        assert fast.elapsed(start, due.due_at) == hours * HOUR


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Africa/Monrovia"])
def test_local_mean_time_is_right_to_the_second(zone: str) -> None:
    # Before standard time these zones were minutes and seconds from UTC, so that edges do not
    # lie on whole minutes; the slow calculator counts seconds here.
    hours = ((Shift(540, 720), Shift(1320, 1500)),) * 7
    calendar = Calendar(zone, hours, business_days=frozenset(range(7)))
    middle = at("1880-06-15T00:00:00+00:00")
    slow, fast = SlowTime(calendar, middle, days=2, cell=SECOND), compile_calendar(calendar)
    for start in range(middle - DAY, middle + DAY, 5 * HOUR + 1234567):
        assert fast.elapsed(start, middle + DAY) == slow.elapsed(start, middle + DAY)
        assert fast.elapsed_business_days(start, middle) == slow.elapsed_days(start, middle)
