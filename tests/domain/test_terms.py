"""Calendar months and days after an anchor (docs/concepts.md)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.catalog.terms import Term, add_term, format_term, is_in_range, parse_term
from app.domain.time.anchored_months import add_months, find_month

BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC", "+02:00", "-03:30"]

anchors = st.integers(631_152_000, 3_471_292_800).map(
    lambda at: datetime.fromtimestamp(at, UTC)
)  # 1990 to 2079
months = st.integers(1, 120)


def civil(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    """Return the instant of a civil time."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC)


def test_each_month_is_taken_from_the_anchor() -> None:
    anchor = civil("2027-01-31T10:00")
    ends = [add_months(anchor, count, BERLIN) for count in (1, 2, 3, 13)]
    assert ends == [
        civil("2027-02-28T10:00"),
        civil("2027-03-31T10:00"),  # not the 28th, though February was short
        civil("2027-04-30T10:00"),
        civil("2028-02-29T10:00"),
    ]


def test_the_civil_time_of_day_stays_across_a_change_of_offset() -> None:
    assert add_months(civil("2026-03-01T09:00"), 1, BERLIN) == datetime(2026, 4, 1, 7, tzinfo=UTC)
    assert add_months(civil("2026-10-01T09:00"), 1, BERLIN) == datetime(2026, 11, 1, 8, tzinfo=UTC)


def test_a_time_that_occurs_twice_is_the_first() -> None:
    # 2026-10-25 02:30 occurs at 00:30Z (summer time) and at 01:30Z.
    assert add_months(civil("2026-09-25T02:30"), 1, BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_time_that_is_skipped_keeps_the_offset_before_the_gap() -> None:
    # 2027-03-28 02:30 does not exist; with +01:00 it is 01:30Z, which is 03:30 in summer time.
    assert add_months(civil("2027-02-28T02:30"), 1, BERLIN) == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )


def test_the_zone_decides_which_month_an_instant_is_in() -> None:
    last_hour = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)  # 1 February in Berlin
    assert add_months(last_hour, 1, BERLIN) == datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert add_months(last_hour, 1, "+00:00") == datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert add_months(last_hour, 2, BERLIN) == civil("2027-04-01T00:30")
    assert add_months(last_hour, 2, "+00:00") == datetime(2027, 3, 31, 23, 30, tzinfo=UTC)


def test_a_fixed_offset_is_a_zone() -> None:
    anchor = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)  # 1 February at +02:00
    assert add_months(anchor, 1, "+02:00") == datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    assert add_months(anchor, 1, "-02:00") == datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    assert add_months(anchor, 2, "+02:00") == datetime(2026, 3, 31, 22, 30, tzinfo=UTC)


def test_beyond_the_last_year_is_an_overflow() -> None:
    anchor = datetime(9999, 6, 1, tzinfo=UTC)
    for term in (Term(months=12), Term(days=3660)):
        with pytest.raises(OverflowError):
            add_term(anchor, term, BERLIN)
    with pytest.raises(OverflowError):
        add_months(datetime(9999, 12, 31, 23, tzinfo=UTC), 1, "+02:00")


@given(anchors, months, st.sampled_from(ZONES))
def test_an_end_has_the_anchors_civil_day_and_time(anchor: datetime, count: int, zone: str) -> None:
    end = add_months(anchor, count, zone)
    wanted = to_civil(anchor, zone) + relativedelta(months=count)
    # A skipped time is moved on by the gap, which is never longer than an hour here.
    assert to_civil(end, zone) - wanted in (timedelta(0), timedelta(minutes=30), timedelta(hours=1))
    assert end.tzinfo is UTC


@given(anchors, st.integers(0, 119), st.sampled_from(ZONES))
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 0, BERLIN)  # the second of two 02:30
def test_later_months_end_later(anchor: datetime, count: int, zone: str) -> None:
    assert add_months(anchor, count, zone) < add_months(anchor, count + 1, zone)
    assert add_months(anchor, 0, zone) == anchor


@given(anchors, st.integers(1, 3660), st.sampled_from(ZONES))
def test_days_are_civil_days(anchor: datetime, days: int, zone: str) -> None:
    end = add_term(anchor, Term(days=days), zone)
    assert abs(end - anchor - timedelta(days=days)) <= timedelta(hours=1)
    assert add_term(anchor, Term(months=days % 120 + 1), zone) == add_months(
        anchor, days % 120 + 1, zone
    )


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("P1Y", Term(months=12)),
        ("P2Y", Term(months=24)),
        ("P1M", Term(months=1)),
        ("P18M", Term(months=18)),
        ("P30D", Term(days=30)),
    ],
)
def test_a_term_is_written_as_it_is_read(text: str, term: Term) -> None:
    assert parse_term(text) == term
    assert format_term(term) == text


def test_other_ways_to_write_a_term() -> None:
    assert parse_term("P1Y6M") == Term(months=18)
    assert parse_term("P12M") == Term(months=12)
    assert parse_term("P2W") == Term(days=14)


@pytest.mark.parametrize(
    "text",
    ["", "P", "P0M", "P0D", "1Y", "P1Y10D", "PT8H", "P1.5Y", "-P1Y", "P-1Y", "P\u0663M", "P99999D"],
)
def test_what_is_not_a_term(text: str) -> None:
    with pytest.raises(ValueError, match="term"):
        parse_term(text)


@given(st.one_of(st.builds(Term, months=months), st.builds(Term, days=st.integers(1, 3660))))
def test_every_term_survives_being_written(term: Term) -> None:
    assert parse_term(format_term(term)) == term
    assert is_in_range(term)


@pytest.mark.parametrize("term", [Term(), Term(months=121), Term(days=3661)])
def test_what_is_not_sold(term: Term) -> None:
    assert not is_in_range(term)


def to_civil(at: datetime, zone: str) -> datetime:
    """Return the civil time of an instant, without its zone."""
    if zone[0] in "+-":
        hours, minutes = int(zone[:3]), int(zone[0] + zone[4:])
        return (at + timedelta(hours=hours, minutes=minutes)).replace(tzinfo=None)
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@pytest.mark.parametrize(
    ("at", "month"),
    [
        ("2026-01-31T09:00:00Z", ("2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z")),
        ("2026-02-28T08:59:59.999999Z", ("2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z")),
        ("2026-02-28T09:00:00Z", ("2026-02-28T09:00:00Z", "2026-03-31T08:00:00Z")),
        # Summer time began on 29 March: the civil time of day stays.
        ("2026-03-31T07:59:59Z", ("2026-02-28T09:00:00Z", "2026-03-31T08:00:00Z")),
        ("2026-03-31T08:00:00Z", ("2026-03-31T08:00:00Z", "2026-04-30T08:00:00Z")),
        ("2027-01-01T00:00:00Z", ("2026-12-31T09:00:00Z", "2027-01-31T09:00:00Z")),
    ],
)
def test_the_month_of_a_term_that_an_instant_lies_in(at: str, month: tuple[str, str]) -> None:
    anchor = datetime.fromisoformat("2026-01-31T09:00:00Z")
    found = find_month(anchor, datetime.fromisoformat(at), "Europe/Berlin")
    assert found == tuple(datetime.fromisoformat(each) for each in month)


@given(anchors, st.integers(0, 10**15), st.sampled_from(ZONES))
def test_every_instant_of_a_term_lies_in_one_month(anchor: datetime, later: int, zone: str) -> None:
    at = anchor + timedelta(microseconds=later)
    begins, ends = find_month(anchor, at, zone)
    assert begins <= at < ends
    assert find_month(anchor, begins, zone) == (begins, ends)
    assert find_month(anchor, ends, zone)[0] == ends
