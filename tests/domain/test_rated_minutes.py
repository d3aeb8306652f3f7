"""What overage costs where an hour's rate depends on when it was worked, or how it is counted."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.counting import Counting, Factor
from app.domain.catalog.hourly_rates import HourlyRate, RatedHours, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.metering.counted_minutes import SessionTerms, Worked, count_work, find_edges
from app.domain.metering.rated_minutes import RatedMinutes, mark_parts, rate_overage
from app.domain.metering.work import WorkPart, WorkSpan
from app.domain.time.business_time import to_micros
from app.domain.time.compiled_calendars import compile_calendar
from tests.domain.catalog_examples import read_catalog
from tests.domain.factor_examples import OF_CALENDAR

MINUTE = timedelta(minutes=1)
# 9:30 to 17:30, Monday to Friday, at GMT+2.
BUSINESS = compile_calendar(read_catalog("livecart").calendars["business"])
CALENDARS = {"business": BUSINESS}
TUESDAY_10 = datetime(2026, 11, 24, 8, tzinfo=UTC)
TUESDAY_17 = TUESDAY_10 + timedelta(hours=7)
OUTSIDE = Factor(by=Fraction(2), outside="business")
EMERGENCY = HourlyRate(Money(27_500, "AUD"), outside="business", hours="worked")
STANDARD = HourlyRate(Money(14_000, "AUD"))
RATES = (EMERGENCY, STANDARD)


def find_rate(at: datetime | None, rates: tuple[HourlyRate, ...] = RATES) -> HourlyRate | None:
    def is_open(name: str) -> bool:
        assert at is not None
        return CALENDARS[name].is_open(to_micros(at))

    known = None if at is None else is_open
    return find_hourly_rate(rates, WorkedTicket(), is_open=known)


def spans_of(
    at: datetime, worked: int, *factors: Factor, least: int = 60, step: int = 15
) -> list[WorkSpan]:
    counting = Counting(least, step, "work", factors)
    terms = SessionTerms(counting, CALENDARS, "+02:00", WorkedTicket())
    turns = find_edges(BUSINESS, at, at + worked * MINUTE)
    [spans] = count_work([Worked(at, worked, turns)], terms)
    return spans


def rate(spans: list[WorkSpan], *, covered: int = 0) -> list[tuple[int, int, int | None]]:
    """Return what is billed of spans, of which the first minutes are covered."""
    minutes = sum(each.minutes for each in spans)
    parts = [
        WorkPart(TUESDAY_10, covered, "allowance", None),
        WorkPart(TUESDAY_10, minutes - covered, "overage", None),
    ]
    billed = [each for each in mark_parts(parts, spans) if each.source == "overage"]
    found = rate_overage(minutes - covered, billed, find_rate)
    return [
        (each.minutes, each.rated, each.rate.per_hour.amount if each.rate else None)
        for each in found
    ]


@pytest.mark.parametrize(
    ("at", "worked", "covered", "billed"),
    [
        # An hour in business hours, and one after them, which counts as two.
        (TUESDAY_10, 60, 0, [(60, 60, 14_000)]),
        (TUESDAY_10 + timedelta(hours=9), 60, 0, [(120, 60, 27_500)]),
        # The least is an hour at either rate.
        (TUESDAY_10, 20, 0, [(60, 60, 14_000)]),
        (TUESDAY_10 + timedelta(hours=9), 20, 0, [(60, 60, 27_500)]),
        # From 17:00 to 18:00, the edge being at 17:30.
        (TUESDAY_17, 60, 0, [(30, 30, 14_000), (60, 30, 27_500)]),
        # An hour of counted time is left: what is billed is the second half of the evening's.
        (TUESDAY_17, 60, 60, [(30, 15, 27_500)]),
        (TUESDAY_17, 60, 90, []),
    ],
)
def test_an_hour_costs_by_when_it_was_worked(
    at: datetime, worked: int, covered: int, billed: list[tuple[int, int, int]]
) -> None:
    assert rate(spans_of(at, worked, OUTSIDE), covered=covered) == billed


def test_what_was_not_worked_has_the_rate_of_any_time() -> None:
    spans = spans_of(TUESDAY_17, 60, OUTSIDE)
    parts = mark_parts([WorkPart(TUESDAY_17, 90, "overage", None)], spans)
    assert rate_overage(100, parts, find_rate) == [
        RatedMinutes(STANDARD, 40, 40),
        RatedMinutes(EMERGENCY, 60, 30),
    ]
    # What came back is the last that was worked.
    assert rate_overage(50, parts, find_rate) == [
        RatedMinutes(STANDARD, 30, 30),
        RatedMinutes(EMERGENCY, 20, 10),
    ]
    assert rate_overage(-30, [], find_rate) == [RatedMinutes(STANDARD, -30, -30)]
    assert rate_overage(0, [], find_rate) == []
    only = [RatedMinutes(None, 30, 30)]
    assert rate_overage(30, parts[:1], lambda at: find_rate(at, (EMERGENCY,))) == only


FACTORS = st.lists(
    OF_CALENDAR,
    max_size=2,
)
STARTS = st.integers(0, 10_000).map(lambda minute: TUESDAY_10 + minute * MINUTE)
WORKED = st.integers(1, 3_000)


def rated_by_hours(parts: list[WorkPart], hours: RatedHours) -> int:
    rates = (HourlyRate(Money(100, "AUD"), hours=hours),)
    found = rate_overage(sum(p.minutes for p in parts), parts, lambda at: find_rate(at, rates))
    return sum(each.rated for each in found)


@given(
    at=STARTS,
    worked=WORKED,
    factors=FACTORS,
    least=st.integers(1, 120),
    step=st.integers(1, 60),
    cuts=st.lists(st.integers(0, 20_000), max_size=4),
)
def test_what_is_rated_is_never_less_than_worked_or_the_least(
    *, at: datetime, worked: int, factors: list[Factor], least: int, step: int, cuts: list[int]
) -> None:
    """However it was cut into parts, and never more than what counts."""
    spans = spans_of(at, worked, *factors, least=least, step=step)
    minutes = sum(each.minutes for each in spans)
    marks = sorted({0, minutes, *(cut % minutes for cut in cuts)})
    parts = [WorkPart(at, end - begin, "overage", None) for begin, end in pairwise(marks)]
    marked = mark_parts(parts, spans)
    assert sum(each.minutes for each in marked) == minutes
    assert all(at <= (each.worked_at or at) < at + worked * MINUTE for each in marked)
    plainly = rated_by_hours(marked, "worked")
    assert max(worked, least) <= plainly <= minutes == rated_by_hours(marked, "counted")
    assert plainly % step == 0


@given(STARTS, WORKED, FACTORS, st.integers(0, 3_000))
def test_what_is_rated_adds_up_over_splits_before_rounding(
    at: datetime, worked: int, factors: list[Factor], place: int
) -> None:
    first = place % worked
    halves = [(at, first), (at + first * MINUTE, worked - first)]
    for hours in ("worked", "counted"):
        whole, *split = (
            (0 if not length else _rate_whole(begin, length, factors, hours))
            for begin, length in [(at, worked), *halves]
        )
        assert 0 <= sum(split) - whole <= (0 if hours == "worked" else 1)


def _rate_whole(at: datetime, worked: int, factors: list[Factor], hours: RatedHours) -> int:
    spans = spans_of(at, worked, *factors, least=1, step=1)
    minutes = sum(each.minutes for each in spans)
    return rated_by_hours(mark_parts([WorkPart(at, minutes, "overage", None)], spans), hours)
