"""A ticket's history: what is struck counts as if it had never been, and a long one folds fast."""

import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.promises import Promise
from app.domain.tickets.ticket_history import (
    STRIKABLE,
    inherit_events,
    read_clock_events,
    require_strikable,
)
from app.domain.tickets.ticket_rules import MOST_EVENTS, TooManyEvents, require_few_events
from app.domain.tickets.tickets import TicketEvent
from app.domain.values import replace
from tests.domain.clock_examples import HOUR, clause, promise

OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)
PLAN: tuple[Promise, ...] = (
    promise("first_response", clause(4 * HOUR)),
    promise("next_response", clause(4 * HOUR), pauses={"vendor"}),
    promise("resolution", clause(30 * HOUR), severities={1}, pauses={"customer", "vendor"}),
    promise("resolution", clause(90 * HOUR), severities={2, 3}, pauses={"customer"}),
)
DATA: dict[str, Any] = {
    "pause": {"waiting_on": "customer"},
    "severity": {"severity": 2, "urgent": None, "policy": "carry_elapsed", "reason": "a typo"},
    "resolution": {"outcome": "solved"},
}


def happened(number: int, type_: str, at: datetime, /, **data: Any) -> TicketEvent:
    known = DATA.get(type_, {}) | data
    return TicketEvent("c-1", "HD-1", number, type_, at, at, "maya", known)


def build_events(chance: random.Random) -> list[TicketEvent]:
    kinds = (*sorted(STRIKABLE), "session_start", "resolution", "reopening")
    return [
        happened(
            number,
            chance.choice(kinds),
            OPENED + timedelta(minutes=chance.randint(0, 20_000)),
        )
        for number in range(1, chance.randint(2, 16))
    ]


def run(events: Sequence[TicketEvent], now: datetime) -> object:
    return run_clocks(
        promises=PLAN,
        calendars={},
        opened_at=OPENED,
        severity=1,
        urgent=False,
        events=read_clock_events(events),
        now=now,
    )


@given(st.integers(0, 2**64 - 1).map(random.Random))
def test_an_event_that_is_struck_counts_as_if_it_had_never_been(chance: random.Random) -> None:
    events = build_events(chance)
    strikable = [each for each in events if each.type in STRIKABLE]
    now = OPENED + timedelta(days=20)
    struck = chance.sample(strikable, chance.randint(0, len(strikable)))
    history = list(events)
    for each in struck:
        assert require_strikable(history, each.number) == each
        history.append(happened(len(history) + 1, "strike", now, number=each.number))
    assert run(history, now) == run([each for each in events if each not in struck], now)


@given(st.integers(0, 2**64 - 1).map(random.Random))
def test_a_part_was_answered_when_its_ticket_was(chance: random.Random) -> None:
    events = build_events(chance)
    now = OPENED + timedelta(days=20)
    whole: Any = run(events, now)
    past = inherit_events(read_clock_events(events), at=now)
    part = run_clocks(
        promises=PLAN,
        calendars={},
        opened_at=OPENED,
        severity=1,
        urgent=False,
        events=[replace(each, order=order) for order, each in enumerate(past)],
        now=now,
    )
    assert (part[0].status, part[0].met_at) == (whole[0].status, whole[0].met_at)


def count_calls(rounds: int) -> int:
    """Count the calls of functions that a fold of so many resolutions and reopenings makes."""
    events = []
    for number in range(rounds):
        at = OPENED + number * HOUR
        events.append(ClockEvent("resolution", at, 2 * number))
        events.append(ClockEvent("reopening", at + HOUR / 2, 2 * number + 1))
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run_clocks(
            promises=(promise("resolution", clause(10_000 * HOUR)),),
            calendars={},
            opened_at=OPENED,
            severity=1,
            urgent=False,
            events=events,
            now=OPENED + timedelta(days=400),
        )
    finally:
        sys.setprofile(before)
    return calls


def test_rounds_of_resolving_and_reopening_cost_each_the_same() -> None:
    assert count_calls(400) < 2.2 * count_calls(200)


def test_a_history_that_is_too_long_is_refused_but_for_its_end() -> None:
    require_few_events("customer_reply", MOST_EVENTS - 1, name="The ticket 'HD-1'")
    with pytest.raises(TooManyEvents):
        require_few_events("reopening", MOST_EVENTS, name="The ticket 'HD-1'")
    require_few_events("resolution", MOST_EVENTS, name="The ticket 'HD-1'")
