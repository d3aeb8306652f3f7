"""Slots: within hours, not taken, and the next ones that are free."""

import time
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.channels import Channel
from app.domain.metering.slots import (
    LOOK_AHEAD,
    CoveredHours,
    NotAvailable,
    Slot,
    Timetable,
    find_free_starts,
    find_full,
    require_slot,
)
from app.domain.time.calendars import Calendar, Shift
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.values import replace
from tests.domain.catalog_examples import read_catalog

MINUTE = timedelta(minutes=1)
# X-Cart's live support: Monday to Friday, 9:00 to 17:00 at GMT+3.
LIVE = compile_calendar(read_catalog("xcart-support").calendars["live"])
FRIDAY_9 = datetime(2026, 11, 27, 6, tzinfo=UTC)
SATURDAY_10 = datetime(2026, 11, 28, 7, tzinfo=UTC)
MONDAY_9 = datetime(2026, 11, 30, 6, tzinfo=UTC)
HOUR = 60 * MINUTE


def slot(starts_at: datetime, minutes: int = 60, kind: Channel = "chat") -> Slot:
    return Slot(kind, starts_at, starts_at + minutes * MINUTE)


def live(*taken: Slot, at_once: int = 1, kind_at_once: int | None = 1) -> Timetable:
    full = find_full(taken, "chat", at_once=at_once, kind_at_once=kind_at_once)
    return Timetable("chat", LIVE, full)


def is_free(timetable: Timetable) -> bool:
    """Return whether one more session may run in Monday's first hour."""
    return timetable.full_until(MONDAY_9, MONDAY_9 + HOUR) is None


def free_starts(timetable: Timetable, since: datetime, minutes: int) -> list[datetime]:
    """Return the next three starts of free slots."""
    return list(islice(find_free_starts(timetable, since, since + LOOK_AHEAD, minutes), 3))


def test_S7_saturday_is_refused_and_monday_offered() -> None:
    with pytest.raises(NotAvailable) as refused:
        require_slot(live(), SATURDAY_10, 60, now=FRIDAY_9)
    assert refused.value.members["reason"] == "outside_channel_hours"
    assert refused.value.members["alternatives"] == [MONDAY_9 + n * HOUR for n in range(3)]


def test_cover_adds_its_hours_while_it_lasts() -> None:
    always = compile_calendar(Calendar("+03:00", ((Shift(0, 1440),),) * 7))
    cover = CoveredHours(always, FRIDAY_9 + 9 * HOUR, SATURDAY_10 + 90 * MINUTE)
    timetable = replace(live(), covered=[cover])
    assert free_starts(timetable, FRIDAY_9 + 8 * HOUR, 60)[0] == cover.starts_at
    assert free_starts(timetable, SATURDAY_10 + 20 * MINUTE, 60) == [
        SATURDAY_10 + 20 * MINUTE,
        MONDAY_9,
        MONDAY_9 + HOUR,
    ]
    assert not timetable.is_open(SATURDAY_10 + HOUR, SATURDAY_10 + 2 * HOUR)


def test_a_slot_ends_within_the_hours_too() -> None:
    half_past_four = FRIDAY_9 + 7 * HOUR + 30 * MINUTE
    assert require_slot(live(), half_past_four, 30, now=FRIDAY_9).ends_at == FRIDAY_9 + 8 * HOUR
    with pytest.raises(NotAvailable):
        require_slot(live(), half_past_four, 31, now=FRIDAY_9)


def test_what_is_taken_is_stepped_over() -> None:
    taken = live(slot(MONDAY_9), slot(MONDAY_9 + 90 * MINUTE, 30))
    with pytest.raises(NotAvailable) as refused:
        require_slot(taken, MONDAY_9 + 30 * MINUTE, 30, now=FRIDAY_9)
    assert refused.value.members["reason"] == "taken"
    assert refused.value.members["alternatives"] == [
        MONDAY_9 + 60 * MINUTE,
        MONDAY_9 + 120 * MINUTE,
        MONDAY_9 + 150 * MINUTE,
    ]


def test_a_slot_may_begin_when_another_ends() -> None:
    after = require_slot(live(slot(MONDAY_9)), MONDAY_9 + HOUR, 60, now=FRIDAY_9)
    assert after == slot(MONDAY_9 + HOUR)


def test_as_many_run_at_once_as_the_seller_says() -> None:
    taken = [slot(MONDAY_9), slot(MONDAY_9 + 30 * MINUTE, kind="phone")]
    assert is_free(live(*taken, at_once=3, kind_at_once=2))
    assert not is_free(live(*taken, at_once=3, kind_at_once=1))
    assert not is_free(live(*taken, at_once=2, kind_at_once=2))
    # Two sessions that only follow one another are never two at once.
    apart = [slot(MONDAY_9, 30), slot(MONDAY_9 + 30 * MINUTE, 30)]
    assert is_free(live(*apart, at_once=2, kind_at_once=2))


def test_a_channel_without_hours_is_open_always() -> None:
    always = Timetable("chat", None, [])
    assert require_slot(always, SATURDAY_10, 10, now=FRIDAY_9) == slot(SATURDAY_10, 10)


def test_what_is_longer_than_any_day_has_no_alternative() -> None:
    with pytest.raises(NotAvailable) as refused:
        require_slot(live(), FRIDAY_9, 9 * 60, now=FRIDAY_9)
    assert refused.value.members["alternatives"] == []


def test_alternatives_begin_at_whole_minutes_and_not_in_the_past() -> None:
    odd = MONDAY_9 + timedelta(minutes=7, seconds=13)
    assert free_starts(live(), odd, 30)[0] == MONDAY_9 + 8 * MINUTE
    with pytest.raises(NotAvailable) as refused:
        require_slot(live(), SATURDAY_10, 60, now=MONDAY_9 + HOUR)
    assert refused.value.members["alternatives"][0] == MONDAY_9 + HOUR  # type: ignore[index]


def test_a_thousand_short_bookings_and_a_day_are_one_sweep() -> None:
    # Every second minute is taken: no two minutes are free until they end.
    taken = [slot(MONDAY_9 + 2 * n * MINUTE, 1) for n in range(100_000)]
    always = Timetable("chat", None, find_full(taken, "chat", at_once=1, kind_at_once=None))
    began = time.process_time()
    found = free_starts(always, MONDAY_9, 1_440)
    assert found == []  # the bookings last longer than one looks ahead
    assert free_starts(always, MONDAY_9, 1)[0] == MONDAY_9 + MINUTE
    assert time.process_time() - began < 1


OFFSETS = st.integers(min_value=-300, max_value=3_000)
TAKEN = st.lists(st.tuples(OFFSETS, st.integers(1, 200)), max_size=8)


@given(TAKEN, OFFSETS, st.integers(1, 300), st.integers(1, 3))
def test_every_alternative_can_be_taken(
    taken: list[tuple[int, int]], asked: int, minutes: int, at_once: int
) -> None:
    slots = [slot(MONDAY_9 + begin * MINUTE, length) for begin, length in taken]
    timetable = live(*slots, at_once=at_once, kind_at_once=None)
    since = MONDAY_9 + asked * MINUTE
    starts = free_starts(timetable, since, minutes)
    assert starts == sorted(set(starts))
    for start in starts:
        assert start >= since
        assert require_slot(timetable, start, minutes, now=since) == slot(start, minutes)
        busiest = max(
            sum(each.starts_at <= moment < each.ends_at for each in slots)
            for moment in (start + n * MINUTE for n in range(minutes))
        )
        assert busiest < at_once
