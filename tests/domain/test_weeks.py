"""Weeks turn on Mondays at midnight, on the zone's own clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.time.weeks import week_of

ZONES = ["UTC", "+03:00", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe"]
HOUR = timedelta(hours=1)
# Minutes of sixty years.
INSTANTS = st.integers(0, 60 * 365 * 1440).map(
    lambda minutes: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_A6_a_week_begins_on_monday_at_midnight() -> None:
    # Tuesday 24 November 2026.
    assert week_of(at("2026-11-24T08:00:00+00:00"), "UTC") == (
        at("2026-11-23T00:00:00+00:00"),
        at("2026-11-30T00:00:00+00:00"),
    )


def test_monday_at_midnight_is_the_new_week() -> None:
    monday = at("2026-11-23T00:00:00+00:00")
    assert week_of(monday, "UTC")[0] == monday
    assert week_of(monday - timedelta(microseconds=1), "UTC")[1] == monday


def test_midnight_is_the_zones_own() -> None:
    # Monday 00:00 at GMT+3 is Sunday 21:00 in UTC.
    assert week_of(at("2026-11-22T21:00:00+00:00"), "+03:00")[0] == at("2026-11-22T21:00:00+00:00")


@pytest.mark.parametrize(
    ("inside", "hours"),
    [
        ("2026-03-25T12:00:00+01:00", 167),  # clocks go forward on Sunday 29 March
        ("2026-04-01T12:00:00+02:00", 168),
        ("2026-10-21T12:00:00+02:00", 169),  # and back on Sunday 25 October
    ],
)
def test_a_week_in_which_clocks_change(inside: str, hours: int) -> None:
    starts_at, ends_at = week_of(at(inside), "Europe/Berlin")
    assert ends_at - starts_at == hours * HOUR


@given(INSTANTS, st.sampled_from(ZONES))
def test_weeks_follow_one_another_without_a_gap(instant: datetime, zone: str) -> None:
    starts_at, ends_at = week_of(instant, zone)
    assert starts_at <= instant < ends_at
    assert abs((ends_at - starts_at) - 168 * HOUR) <= HOUR
    assert week_of(ends_at, zone)[0] == ends_at
    assert week_of(starts_at - timedelta(microseconds=1), zone)[1] == starts_at
