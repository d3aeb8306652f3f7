"""Work: split where weeks and months turn, taken from holds, then from the allowance."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.money import Money
from app.domain.metering.work import (
    WorkPart,
    find_turns,
    lowest_since,
    price_minutes,
    spend_minutes,
    split_work,
    take_back,
)
from tests.domain.lot_examples import make_lot

MINUTE = timedelta(minutes=1)
SUNDAY_22 = datetime(2026, 11, 29, 22, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
MUCH_LATER = datetime(2030, 1, 1, tzinfo=UTC)
# Seconds of a year, both changes of its clocks among them.
INSTANTS = st.integers(0, 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
ZONES = st.sampled_from(["UTC", "+03:00", "Europe/Berlin", "America/New_York"])
LENGTHS = st.integers(min_value=1, max_value=10_080)


def test_four_hours_over_a_monday_are_two_and_two() -> None:
    turns = find_turns(SUNDAY_22, 240, [], zone="UTC", now=MUCH_LATER)
    stretches = split_work(SUNDAY_22, 240, turns)
    assert [(each.at, each.minutes) for each in stretches] == [(SUNDAY_22, 120), (MONDAY, 120)]


def test_a_minute_belongs_to_where_it_begins() -> None:
    # Begun at 22:00:30, the 120th minute begins at 23:59:30 and is Sunday's.
    starts_at = SUNDAY_22 + timedelta(seconds=30)
    stretches = split_work(starts_at, 240, [MONDAY])
    assert [each.minutes for each in stretches] == [120, 120]
    assert stretches[1].at == MONDAY + timedelta(seconds=30)


def test_a_turn_that_is_still_ahead_does_not_split() -> None:
    turns = find_turns(SUNDAY_22, 240, [], zone="UTC", now=SUNDAY_22)
    assert len(split_work(SUNDAY_22, 240, turns)) == 1


def test_months_turn_where_their_lots_do() -> None:
    first_of_december = datetime(2026, 12, 1, 9, tzinfo=UTC)
    november = make_lot(expires_at=first_of_december)
    december = make_lot(valid_from=first_of_december)
    starts_at = first_of_december - 30 * MINUTE
    turns = find_turns(starts_at, 90, [november, december], zone="UTC", now=MUCH_LATER)
    assert [each.minutes for each in split_work(starts_at, 90, turns)] == [30, 60]


@given(INSTANTS, LENGTHS, ZONES)
def test_stretches_add_up_and_each_lies_in_one_week(
    starts_at: datetime, minutes: int, zone: str
) -> None:
    turns = find_turns(starts_at, minutes, [], zone=zone, now=MUCH_LATER)
    stretches = split_work(starts_at, minutes, turns)
    assert sum(each.minutes for each in stretches) == minutes
    assert all(each.minutes > 0 for each in stretches)
    place = starts_at
    for each in stretches:
        assert each.at == place
        last = each.at + (each.minutes - 1) * MINUTE
        assert not any(each.at < turn <= last for turn in turns)
        place = each.at + each.minutes * MINUTE
    # A week, whatever its clocks do, is longer than a week of minutes less two hours.
    assert len(stretches) <= 3


def test_what_is_held_is_used_first() -> None:
    lot = make_lot(100, held=30)
    spending = spend_minutes(50, held=[(lot, 30)], lots=[lot], room=None, at=MONDAY)
    assert [(each.amount, each.held_part) for each in spending.settles] == [(30, 30), (20, 0)]
    assert (spending.over_cap, spending.missing) == (0, 0)


def test_what_is_not_there_is_missing() -> None:
    # 70 are free, 30 held: of 130 minutes 30 are above the allowance.
    lot = make_lot(100, held=30)
    spending = spend_minutes(130, held=[(lot, 30)], lots=[lot], room=None, at=MONDAY)
    assert spending.missing == 30


def test_A6_the_cap_stops_what_is_there_and_not_what_is_missing() -> None:
    lot = make_lot(100)
    spending = spend_minutes(130, held=[], lots=[lot], room=50, at=MONDAY)
    assert sum(each.amount for each in spending.settles) == 50
    assert (spending.over_cap, spending.missing) == (50, 30)


@given(
    minutes=LENGTHS,
    granted=st.integers(0, 5_000),
    held=st.integers(0, 5_000),
    room=st.none() | st.integers(-100, 5_000),
)
def test_every_minute_is_taken_or_told(
    minutes: int, granted: int, held: int, room: int | None
) -> None:
    held = min(held, granted)
    lot = make_lot(granted, held=held)
    spending = spend_minutes(minutes, held=[(lot, held)], lots=[lot], room=room, at=MONDAY)
    taken = sum(each.amount for each in spending.settles)
    assert taken + spending.over_cap + spending.missing == minutes
    assert taken <= granted
    assert room is None or taken <= max(room, 0)
    assert spending.missing == max(0, minutes - granted)


LOT = UUID(int=7)
PARTS = [
    WorkPart(SUNDAY_22, 120, "hold", LOT),
    WorkPart(MONDAY, 60, "allowance", LOT),
    WorkPart(MONDAY, 30, "overage", None),
]


def test_the_last_minutes_come_back_first() -> None:
    stay, back = take_back(PARTS, 50)
    assert back == [WorkPart(MONDAY, 30, "overage", None), WorkPart(MONDAY, 20, "allowance", LOT)]
    assert stay == [PARTS[0], WorkPart(MONDAY, 40, "allowance", LOT)]


@given(st.integers(0, 210))
def test_what_stays_and_what_comes_back_add_up(minutes: int) -> None:
    stay, back = take_back(PARTS, minutes)
    assert sum(each.minutes for each in back) == minutes
    assert sum(each.minutes for each in stay) == 210 - minutes


def test_no_more_can_be_taken_as_of_then_than_was_held_ever_since() -> None:
    # Held 100, 60 used on the way, 20 more held: 40 at the least from the beginning on.
    entries = [
        (LOT, SUNDAY_22, 100),
        (LOT, SUNDAY_22 + 10 * MINUTE, -60),
        (LOT, SUNDAY_22 + 20 * MINUTE, 20),
    ]
    assert lowest_since(entries, SUNDAY_22) == {LOT: 40}
    assert lowest_since(entries, SUNDAY_22 + 20 * MINUTE) == {LOT: 60}
    assert lowest_since(entries, SUNDAY_22 - MINUTE) == {LOT: 0}


def test_entries_of_one_instant_count_together() -> None:
    entries = [(LOT, SUNDAY_22, 100), (LOT, MONDAY, -100), (LOT, MONDAY, 80)]
    assert lowest_since(entries, SUNDAY_22) == {LOT: 80}


@pytest.mark.parametrize(
    ("minutes", "amount"),
    [
        (60, 9500),
        (20, 3167),  # 31.666…
        (3, 475),
        (1, 158),  # 1.58333…
        (-20, -3167),
    ],
)
def test_A5_minutes_cost_what_an_hour_does(minutes: int, amount: int) -> None:
    assert price_minutes(minutes, Money(9500, "EUR")) == Money(amount, "EUR")


def test_half_a_cent_is_rounded_up() -> None:
    assert price_minutes(30, Money(9501, "EUR")) == Money(4751, "EUR")
