"""How minutes are counted: the least, steps, factors by span, and what is rounded together."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.counting import CountedOver, Counting, Factor
from app.domain.metering.counted_minutes import SessionTerms, Worked, count_work, skip_counted
from app.domain.time.calendars import Calendar
from app.domain.time.compiled_calendars import compile_calendar
from tests.domain.catalog_examples import read_catalog
from tests.domain.factor_examples import FRACTIONS, OF_CALENDAR

MINUTE = timedelta(minutes=1)
# 9:30 to 17:30, Monday to Friday, at GMT+2.
BUSINESS: Calendar = read_catalog("livecart").calendars["business"]
CALENDARS = {"business": compile_calendar(BUSINESS)}
TUESDAY_10 = datetime(2026, 11, 24, 8, tzinfo=UTC)
OUTSIDE = Factor(by=Fraction(2), outside="business")


def terms(
    *factors: Factor,
    least: int = 60,
    step: int = 15,
    over: CountedOver = "work",
    urgent: bool = False,
    severity: int | None = None,
) -> SessionTerms:
    counting = Counting(least, step, over, factors)
    return SessionTerms(counting, CALENDARS, "+02:00", WorkedTicket(urgent, severity))


def minutes(start: datetime, worked: int, how: SessionTerms) -> list[int]:
    """Return what one piece of work counts, span by span."""
    [spans] = count_work([Worked(start, worked, ())], how)
    return [each.minutes for each in spans]


@pytest.mark.parametrize(
    ("start", "worked", "counted"),
    [
        (TUESDAY_10, 20, [60]),
        (TUESDAY_10, 65, [75]),
        (TUESDAY_10 + timedelta(hours=9), 60, [120]),  # from 19:00
        (TUESDAY_10 + timedelta(hours=7), 60, [30, 60]),  # from 17:00, the edge at 17:30
        (TUESDAY_10, 50, [60]),
        (TUESDAY_10, 0, []),
    ],
)
def test_N12_minutes_are_counted_as_the_seller_says(
    start: datetime, worked: int, counted: list[int]
) -> None:
    assert minutes(start, worked, terms(OUTSIDE)) == counted


def test_a_factor_may_have_a_least_of_its_own() -> None:
    """An emergency takes two hours at least, also if only a part of it was one."""
    late = Factor(by=Fraction(2), outside="business", least=120)
    assert minutes(TUESDAY_10, 20, terms(late)) == [60]
    evening = TUESDAY_10 + timedelta(hours=9)
    assert minutes(evening, 20, terms(late)) == [120]
    assert minutes(evening, 70, terms(late)) == [150]
    assert sum(minutes(TUESDAY_10 + timedelta(hours=7, minutes=25), 10, terms(late))) == 120
    both = [Worked(TUESDAY_10, 20, ()), Worked(evening, 20, ())]
    counted = count_work(both, terms(late, over="ticket"))
    assert [sum(each.minutes for each in piece) for piece in counted] == [60, 60]


def test_the_first_factor_that_applies_counts() -> None:
    urgent = Factor(by=Fraction(3), urgent=True)
    inside = Factor(by=Fraction(3, 2), inside="business")
    assert minutes(TUESDAY_10, 60, terms(inside, urgent, urgent=True)) == [90]
    assert minutes(TUESDAY_10, 60, terms(urgent, inside, urgent=True)) == [180]
    assert minutes(TUESDAY_10, 60, terms(urgent, inside)) == [90]


def test_a_factor_may_be_for_some_severities_only() -> None:
    grave = Factor(by=Fraction(2), severities=frozenset({1, 2}))
    assert minutes(TUESDAY_10, 60, terms(grave, severity=1)) == [120]
    assert minutes(TUESDAY_10, 60, terms(grave, severity=3)) == [60]
    assert minutes(TUESDAY_10, 60, terms(grave)) == [60]
    late = Factor(by=Fraction(3), outside="business", severities=frozenset({1}))
    seven_hours = timedelta(hours=7)  # from 17:00, the edge at 17:30
    assert minutes(TUESDAY_10 + seven_hours, 60, terms(late, grave, severity=1)) == [60, 90]
    assert minutes(TUESDAY_10 + seven_hours, 60, terms(late, grave, severity=2)) == [60, 60]


def counted_together(over: CountedOver, *pieces: tuple[datetime, int]) -> list[int]:
    found = count_work([Worked(at, worked, ()) for at, worked in pieces], terms(over=over))
    return [sum(each.minutes for each in spans) for spans in found]


def test_what_is_rounded_together() -> None:
    tomorrow = TUESDAY_10 + timedelta(days=1)
    pieces = [(TUESDAY_10, 20), (TUESDAY_10 + timedelta(hours=2), 20), (tomorrow, 30)]
    assert counted_together("work", *pieces) == [60, 60, 60]
    assert counted_together("day", *pieces) == [60, 0, 60]
    assert counted_together("ticket", *pieces) == [60, 0, 15]  # 20, 40, 70 minutes: 60, 60, 75


def test_a_day_turns_at_midnight_of_the_catalogues_zone() -> None:
    late = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # 23:30 at GMT+2
    [spans] = count_work([Worked(late, 60, ())], terms(over="day"))
    assert [(each.worked, each.minutes) for each in spans] == [(30, 60), (30, 60)]


def test_what_was_counted_is_skipped() -> None:
    [spans] = count_work([Worked(TUESDAY_10 + 7 * 60 * MINUTE, 60, ())], terms(OUTSIDE))
    left = skip_counted(spans, 50)
    assert [(each.at, each.minutes) for each in left] == [
        (TUESDAY_10 + timedelta(hours=7, minutes=40), 40)
    ]


FACTORS = st.lists(
    OF_CALENDAR
    | st.builds(Factor, by=FRACTIONS, urgent=st.just(True))
    | st.builds(
        Factor,
        by=FRACTIONS,
        outside=st.sampled_from([None, "business"]),
        severities=st.frozensets(st.integers(1, 4), min_size=1),
    ),
    max_size=3,
)
STARTS = st.integers(0, 10_000).map(lambda minute: TUESDAY_10 + minute * MINUTE)
WORK = st.tuples(STARTS, st.integers(1, 3_000))


@given(
    pieces=st.lists(WORK, min_size=1, max_size=4),
    factors=FACTORS,
    least=st.integers(1, 120),
    step=st.integers(1, 60),
    over=st.sampled_from(["work", "ticket", "day"]),
    urgent=st.booleans(),
    severity=st.sampled_from([None, 1, 3]),
)
def test_counting_is_never_less_than_worked_or_the_least(
    *,
    pieces: list[tuple[datetime, int]],
    factors: list[Factor],
    least: int,
    step: int,
    over: CountedOver,
    urgent: bool,
    severity: int | None,
) -> None:
    how = terms(*factors, least=least, step=step, over=over, urgent=urgent, severity=severity)
    counted = count_work([Worked(at, worked, ()) for at, worked in pieces], how)
    whole = sum(each.minutes for spans in counted for each in spans)
    assert whole >= max(least, sum(worked for _, worked in pieces))
    assert whole % step == 0
    for (_, worked), spans in zip(pieces, counted, strict=True):
        assert sum(each.worked for each in spans) == worked
        assert all(each.minutes >= 0 for each in spans)
        if over == "work":
            assert sum(each.minutes for each in spans) >= max(worked, least)


@given(WORK, FACTORS, st.integers(0, 3_000), st.booleans())
def test_weights_add_up_over_splits_before_rounding(
    piece: tuple[datetime, int], factors: list[Factor], place: int, urgent: bool
) -> None:
    """A least and step of a minute, over the ticket: two halves are the whole."""
    at, worked = piece
    first = place % worked
    how = terms(*factors, least=1, step=1, over="ticket", urgent=urgent)
    halves = [Worked(at, first, ()), Worked(at + first * MINUTE, worked - first, ())]
    split = sum(each.minutes for spans in count_work(halves, how) for each in spans)
    whole = sum(minutes(at, worked, how))
    assert split == whole
