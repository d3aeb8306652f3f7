"""Sentences made from the data."""

from datetime import timedelta

import pytest

from app.domain.catalog.amounts import Unit
from app.domain.catalog.offer_texts import (
    describe_allowance,
    describe_promise,
    describe_term,
)
from app.domain.catalog.offers import Allowance
from app.domain.catalog.terms import Term
from app.domain.promises.promises import Clause, Promise
from app.domain.time.calendar_texts import describe_hours
from app.domain.time.calendars import Calendar, Shift
from tests.domain.catalog_examples import CODES, read_catalog

ENGINEERS = "Monday to Friday 06:00 to 01:00, Saturday and Sunday 10:00 to 18:00, UTC+03:00"
EFFORTS = ", as a target, with reasonable efforts"
WAITS = ", not counting waits for the customer"


def sentences(catalog: str, plan: str) -> list[str]:
    """Return a plan's promises in words."""
    found = read_catalog(catalog)
    return [describe_promise(promise, found.calendars) for promise in found.plans[plan].promises]


def test_an_elapsed_time() -> None:
    assert sentences("livecart", "standard") == ["First response within 48 hours, guaranteed."]


def test_two_bounds_and_a_usual_time() -> None:
    (sentence,) = sentences("livecart", "express")
    assert sentence == (
        "First response within 1 to 4 business hours when asked in business hours, and within"
        " 24 hours at any time, guaranteed."
    )


def test_a_business_day() -> None:
    assert sentences("xcart-points", "points") == [
        "First response within 1 business day, guaranteed."
    ]


def test_urgent_and_ordinary_requests_with_hours_spelled_out() -> None:
    assert sentences("xcart-support", "incident-urgent") == [
        f"Ordinary requests: first response within 1 business day ({ENGINEERS}), guaranteed.",
        f"Urgent requests: first response within 2 business hours ({ENGINEERS}), guaranteed.",
        "Resolution guaranteed, at no set time.",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (None, "4 hours (Monday to Friday 00:00 to 24:00, UTC)"),
        (
            "24 hours, five days",
            "4 hours (24 hours, five days: Monday to Friday 00:00 to 24:00, UTC)",
        ),
        ("duty hours", "4 duty hours (Monday to Friday 00:00 to 24:00, UTC)"),
    ],
)
def test_a_clause_of_24_hours_on_five_days_is_named_as_the_seller_does(
    name: str | None, text: str
) -> None:
    weekdays = Calendar("UTC", ((Shift(0, 1440),),) * 5 + ((), ()), name=name)
    clause = Clause(timedelta(hours=4), "weekdays", None, "guaranteed")
    promise = Promise("first_response", "guaranteed", (clause,))
    sentence = describe_promise(promise, {"weekdays": weekdays})
    assert sentence == f"First response within {text}, guaranteed."


def test_severities() -> None:
    assert sentences("corporate", "enterprise") == [
        "Severity 1: first response within 8 business hours, guaranteed.",
        "Severity 2: first response within 16 business hours, guaranteed.",
        "Severities 3 and 4: first response within 24 business hours, guaranteed.",
        f"Severity 1: resolution within 32 business hours{WAITS}{EFFORTS}.",
        f"Severity 2: resolution within 7 business days{WAITS}{EFFORTS}.",
        f"Severity 3: resolution within 14 business days{WAITS}{EFFORTS}.",
        "Severity 4: resolution on a best-effort basis.",
    ]


def test_what_is_not_offered_and_what_is_best_effort() -> None:
    assert sentences("corporate", "professional") == [
        "Severities 1 to 3: no first response time is offered.",
        "Severity 4: first response within 24 business hours, on a best-effort basis.",
        "Severities 1 to 3: no resolution time is offered.",
        "Severity 4: resolution on a best-effort basis.",
    ]


def test_severities_that_are_not_in_a_row_and_urgency_together() -> None:
    promise = Promise(
        "next_response",
        "best_effort",
        (Clause(timedelta(minutes=90), None, None, "best_effort"),),
        severities=frozenset({1, 2, 4}),
        urgent=True,
        pauses=frozenset({"customer", "third-party"}),
    )
    assert describe_promise(promise, {}) == (
        "Urgent requests of severities 1, 2 and 4: next response within 90 minutes, not counting"
        " waits for the customer or the third party, on a best-effort basis."
    )


def test_the_sellers_own_sentence_goes_first() -> None:
    promise = Promise("resolution", "guaranteed", (), text="We fix it, or you pay nothing.")
    assert describe_promise(promise, {}) == "We fix it, or you pay nothing."


@pytest.mark.parametrize("code", CODES)
def test_every_promise_is_one_sentence(code: str) -> None:
    plans = read_catalog(code).plans.values()
    found = [sentence for plan in plans for sentence in sentences(code, plan.code)]
    assert bool(found) == (code != "agency")  # which promises no times
    for sentence in found:
        assert sentence[0].isupper()
        assert sentence.count(".") == 1
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("allowance", "unit", "text"),
    [
        (Allowance(10, False, "term"), "incident", "10 incidents"),
        (Allowance(1, False, "month"), "incident", "1 incident a month"),
        (Allowance(1200, False, "term"), "point", "1,200 points"),
        (Allowance(2400, False, "month"), "minute", "40 hours a month"),
        (Allowance(60, False, "month"), "minute", "1 hour a month"),
        (Allowance(90, False, "month"), "minute", "90 minutes a month"),
        (Allowance(None, False, "month"), "minute", "hours a month, as agreed"),
        (Allowance(None, False, "term"), "point", "points, as agreed"),
        (Allowance(None, True, "term"), "incident", "unlimited incidents"),
        (Allowance(0, False, "term"), "incident", "no incidents of its own"),
    ],
)
def test_an_allowance(allowance: Allowance, unit: Unit, text: str) -> None:
    assert describe_allowance(allowance, unit) == text


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Term(months=12), "1 year"),
        (Term(months=36), "3 years"),
        (Term(months=1), "1 month"),
        (Term(months=18), "18 months"),
        (Term(days=30), "30 days"),
        (None, "a term as agreed"),
    ],
)
def test_a_term(term: Term | None, text: str) -> None:
    assert describe_term(term) == text


def test_hours() -> None:
    calendars = read_catalog("xcart-support").calendars
    assert describe_hours(calendars["engineers"]) == ENGINEERS
    assert describe_hours(calendars["live"]) == "Monday to Friday 09:00 to 17:00, UTC+03:00"
    extended = read_catalog("corporate").calendars["extended"]
    assert describe_hours(extended) == "Monday to Sunday 09:00 to 17:00, Europe/Berlin"


def test_hours_with_a_break_days_apart_and_midnight() -> None:
    split = (Shift(540, 720), Shift(780, 1440))
    day = (Shift(540, 720),)
    calendar = Calendar("UTC", (split, (), split, (), (), day, ()))
    assert describe_hours(calendar) == (
        "Monday 09:00 to 12:00 and 13:00 to 24:00, Wednesday 09:00 to 12:00 and 13:00 to 24:00,"
        " Saturday 09:00 to 12:00, UTC"
    )


def test_hours_of_calendars_joined() -> None:
    west = Calendar("-05:00", ((Shift(540, 1020),),) * 5 + ((),) * 2)
    whole = Calendar("UTC", ((),) * 7, union=(west, west))
    assert describe_hours(whole) == "; ".join(["Monday to Friday 09:00 to 17:00, UTC-05:00"] * 2)
