"""What minutes of chat and phone cost, and when a session has to end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.metering.sessions import (
    SessionKind,
    SessionLimitReached,
    SessionUsage,
    TicketSessions,
    count_minutes,
    count_steps,
    decide_end,
    pays_by_steps,
    read_meter,
)
from tests.domain.catalog_examples import read_catalog

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLENTY = 1_000


def livecart(*usages: SessionUsage, own: int = 1) -> TicketSessions:
    """Return the sessions of a ticket at LiveCart: 10 minutes of chat, 5 of phone."""
    return TicketSessions(read_catalog("livecart").channels, True, own, usages)


def xcart(*usages: SessionUsage) -> TicketSessions:
    """Return the sessions of an urgent incident: an hour together."""
    return TicketSessions(read_catalog("xcart-support").channels, True, 1, usages)


def talk(
    kind: SessionKind, minutes: int, charged: int = 0, session_id: str = "S-0"
) -> SessionUsage:
    return SessionUsage(session_id, kind, minutes, charged)


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2), (600, 10), (601, 11)]
)
def test_minutes_count_as_begun(seconds: int, minutes: int) -> None:
    assert count_minutes(START, START + timedelta(seconds=seconds)) == minutes


@pytest.mark.parametrize(
    ("minutes", "step", "steps"), [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (90, None, 0)]
)
def test_L6_steps_count_as_begun(minutes: int, step: int | None, steps: int) -> None:
    assert count_steps(minutes, step) == steps


def test_L6_the_tickets_own_incident_is_the_first_step() -> None:
    assert livecart().due("S-1", 1) == 0
    assert livecart().due("S-1", 3) == 2
    assert livecart(own=3).due("S-1", 3) == 0


def test_L6_sessions_of_one_ticket_add_up() -> None:
    # 25 minutes of chat cost 3, two of them charged; another step is a fourth.
    assert livecart(talk("chat", 25, charged=2)).due("S-1", 1) == 1
    # 5 minutes of phone are one step as well.
    assert livecart(talk("chat", 25, charged=2), talk("phone", 5, 1, "S-2")).due("S-1", 2) == 2


def test_what_was_charged_too_much_is_given_back() -> None:
    assert livecart(talk("chat", 0, charged=3, session_id="S-1")).due("S-1", 1) == -3


def test_what_a_revision_gave_back_is_not_given_twice() -> None:
    # Three steps cost 3; somebody lowered the charge to 1, so 2 are given back already.
    lowered = livecart(talk("chat", 0, charged=2, session_id="S-1"), own=-1)
    assert lowered.due("S-1", 1) == -1


def test_S7_chat_and_phone_share_the_hour() -> None:
    usages = xcart(talk("chat", 45))
    assert usages.left_minutes("phone", besides="S-1") == 15
    assert usages.left_minutes("phone", besides="S-0") == 60
    with pytest.raises(SessionLimitReached) as refused:
        usages.slot_minutes("chat", 20, besides="S-1")
    assert refused.value.members == {"limit_minutes": 60, "left_minutes": 15}
    assert usages.slot_minutes("chat", None, besides="S-1") == 15


def test_a_slot_is_as_long_as_a_step_where_nothing_else_is_said() -> None:
    assert livecart().slot_minutes("chat", None, besides="S-1") == 10
    assert livecart().slot_minutes("phone", None, besides="S-1") == 5
    corporate = TicketSessions(read_catalog("corporate").channels, True, 1, ())
    assert corporate.slot_minutes("video", None, besides="S-1") == 30


def test_minutes_of_a_bug_report_cost_nothing() -> None:
    plan = read_catalog("livecart").plans["express"]
    assert pays_by_steps(plan, category=None)
    assert not pays_by_steps(plan, category="bug")
    assert not pays_by_steps(read_catalog("xcart-points").plans["points"], category="level-1")


def test_a_running_session_says_until_when_it_is_paid_for() -> None:
    meter = livecart().meter("chat", "S-1", started_at=START)
    early = read_meter(meter, at=START + 3 * MINUTE, free=1)
    assert (early.due, early.covered_until) == (0, START + 10 * MINUTE)
    assert (early.further_available, early.must_end_at) == (True, None)
    later = read_meter(meter, at=START + 10 * MINUTE, free=1)
    assert (later.due, later.covered_until) == (1, START + 20 * MINUTE)
    assert (later.further_available, later.must_end_at) == (False, START + 20 * MINUTE)


def test_a_running_session_without_a_unit_left_has_ended() -> None:
    meter = livecart().meter("phone", "S-1", started_at=START)
    reading = read_meter(meter, at=START + 30 * MINUTE, free=0)
    assert reading.must_end_at == START + 5 * MINUTE


def test_S7_a_limit_ends_a_session_and_nothing_pays_for_more() -> None:
    meter = xcart(talk("chat", 45)).meter("phone", "S-1", started_at=START)
    reading = read_meter(meter, at=START + MINUTE, free=PLENTY)
    assert (reading.must_end_at, reading.further_available) == (START + 15 * MINUTE, False)
    ending = decide_end(meter, at=START + 16 * MINUTE, free=PLENTY)
    assert (ending.minutes, ending.over_minutes, ending.ended_by) == (15, 1, "limit")


def test_minutes_beyond_the_units_are_told_and_not_counted() -> None:
    meter = livecart().meter("chat", "S-1", started_at=START)
    ending = decide_end(meter, at=START + 35 * MINUTE, free=1)
    assert (ending.minutes, ending.over_minutes, ending.ended_by) == (20, 15, "units")


def test_nobody_is_charged_for_a_session_that_was_never_ended() -> None:
    meter = livecart().meter("chat", "S-1", started_at=START)
    ending = decide_end(meter, at=START + timedelta(days=3), free=PLENTY)
    assert (ending.minutes, ending.steps) == (1440, 144)


KINDS = st.sampled_from(["chat", "phone"])
LENGTHS = st.lists(st.tuples(KINDS, st.integers(0, 120)), max_size=6)


@given(LENGTHS, st.integers(1, 4))
def test_L6_the_whole_is_what_all_steps_cost(
    lengths: list[tuple[SessionKind, int]], own: int
) -> None:
    """However sessions follow one another, a ticket costs max(own, Σ ⌈minutes ÷ step⌉)."""
    usages: list[SessionUsage] = []
    steps = {"chat": 10, "phone": 5}
    for number, (kind, minutes) in enumerate(lengths):
        known = livecart(*usages, own=own)
        meter = known.meter(kind, f"S-{number}", started_at=START)
        ending = decide_end(meter, at=START + minutes * MINUTE, free=PLENTY)
        assert (ending.minutes, ending.over_minutes) == (minutes, 0)
        usages.append(
            SessionUsage(f"S-{number}", kind, minutes, known.due(f"S-{number}", ending.steps))
        )
    whole = sum(-(-minutes // steps[kind]) for kind, minutes in lengths)
    assert own + sum(each.charged for each in usages) == max(own, whole)


@given(st.integers(0, 200), st.integers(0, 30), st.integers(1, 4))
def test_a_meter_read_and_then_ended_say_the_same(minutes: int, free: int, own: int) -> None:
    meter = livecart(own=own).meter("chat", "S-1", started_at=START)
    at = START + minutes * MINUTE
    reading, ending = read_meter(meter, at=at, free=free), decide_end(meter, at=at, free=free)
    if ending.ended_by == "units":
        assert reading.must_end_at == START + ending.minutes * MINUTE
    else:
        assert reading.must_end_at is None or reading.must_end_at >= at
