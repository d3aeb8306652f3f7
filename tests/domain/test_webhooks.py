"""Webhooks: which events are wanted, and when what failed is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.events.webhooks import (
    FAILING_LIMIT,
    RESULTS,
    RETRY_DELAYS,
    Result,
    Verdict,
    decide_health,
    decide_next,
    is_pattern,
    judge_status,
    retry_delay,
    wants_event,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("types", "type_", "wanted"),
    [
        (["*"], "key.created", True),
        (["ticket.*"], "ticket.opened", True),
        (["ticket.*"], "tickets.opened", False),
        (["ticket.opened"], "ticket.opened", True),
        (["ticket.opened"], "ticket.settled", False),
        (["units.low", "ticket.*"], "units.low", True),
        ([], "units.low", False),
    ],
)
def test_types_are_named_by_groups_or_all(types: list[str], type_: str, wanted: bool) -> None:
    assert wants_event(types, None, type_=type_, account_id="c-1") is wanted


def test_accounts_are_named_or_all() -> None:
    assert wants_event(["*"], None, type_="units.low", account_id="c-1")
    assert wants_event(["*"], ["c-1"], type_="units.low", account_id="c-1")
    assert not wants_event(["*"], ["c-1"], type_="units.low", account_id="c-2")


@pytest.mark.parametrize("text", ["*", "ticket.*", "ticket.opened", "fair_use.*"])
def test_filters_name_what_is_told(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize(
    "text", ["", "**", "ticket", "ticket.", "*.opened", "invoice.*", "ticket.deleted", "Ticket.*"]
)
def test_filters_name_nothing_else(text: str) -> None:
    assert not is_pattern(text)


@pytest.mark.parametrize(
    ("status_code", "result"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (299, "delivered"),
        (301, "redirect_refused"),
        (304, "redirect_refused"),
        (400, "http_error"),
        (410, "gone"),
        (429, "http_error"),
        (503, "http_error"),
        (101, "http_error"),
    ],
)
def test_a_status_says_what_an_attempt_came_to(status_code: int, result: Result) -> None:
    assert judge_status(status_code) == result


def test_delays_add_up_to_about_a_day() -> None:
    for chance, hours in ((0.0, 18), (0.5, 23), (0.999, 28)):
        delays = [retry_delay(place, chance=chance) for place in range(len(RETRY_DELAYS))]
        assert sum(delays, timedelta()) // timedelta(hours=1) == hours
        assert delays == sorted(delays)


def test_a_failure_is_tried_again_until_there_are_no_more_delays() -> None:
    assert decide_next("timed_out", failures=0, now=NOW, chance=0.5) == Verdict(
        "pending", NOW + timedelta(seconds=5), 1
    )
    assert decide_next("timed_out", failures=9, now=NOW, chance=0.5) == Verdict(
        "pending", NOW + timedelta(hours=8), 10
    )
    assert decide_next("timed_out", failures=10, now=NOW, chance=0.5) == Verdict("failed", None, 11)


def test_every_result_leads_somewhere() -> None:
    said = {
        result: decide_next(result, failures=0, now=NOW, chance=0.5).status for result in RESULTS
    }
    assert said.pop("delivered") == "delivered"
    assert said.pop("gone") == said.pop("event_expired") == "failed"
    assert set(said.values()) == {"pending"}


def test_an_interrupted_attempt_counts_for_nothing() -> None:
    assert decide_next("interrupted", failures=3, now=NOW, chance=0.5) == Verdict("pending", NOW, 3)
    assert decide_health(["interrupted"], failing_since=None, now=NOW) == (None, None)


def test_an_endpoint_fails_from_its_first_failure_on() -> None:
    before = NOW - timedelta(days=1)
    assert decide_health(["timed_out"], failing_since=None, now=NOW) == (NOW, None)
    assert decide_health(["timed_out"], failing_since=before, now=NOW) == (before, None)
    assert decide_health(["delivered"], failing_since=before, now=NOW) == (None, None)
    assert decide_health(["delivered", "http_error"], failing_since=before, now=NOW) == (NOW, None)


def test_an_endpoint_is_disabled_for_being_gone_or_failing_for_days() -> None:
    assert decide_health(["gone", "delivered"], failing_since=None, now=NOW) == (NOW, "gone")
    long_ago = NOW - FAILING_LIMIT
    assert decide_health(["http_error"], failing_since=long_ago, now=NOW) == (long_ago, "failing")
    assert decide_health(["delivered"], failing_since=long_ago, now=NOW) == (None, None)
    assert decide_health([], failing_since=long_ago, now=NOW) == (long_ago, None)
