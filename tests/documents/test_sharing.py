"""What a document says once and uses often: tables of promises, sets, plans that extend others."""

import copy
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from app.documents.joining import render_calendar
from app.documents.reading import parse_calendar, parse_catalog
from app.domain.access.refusals import Fault
from app.domain.catalog.plans import Plan
from app.domain.promises.promises import BusinessDays, Clause, Promise
from app.domain.time.calendars import Shift
from tests.domain.catalog_examples import Document, small_document
from tests.support.catalog_documents import faults_of

HOURS_8 = Clause(timedelta(hours=8), "business", None, "guaranteed")
MATRIX: dict[str, Any] = {
    "warn_at_percent": 75,
    "first_response": {"1": "8 bh", "2": "8 bh", "3": "24 bh"},
    "resolution": {"1": "3 bd", "2": "target 48 h", "3": "best effort", "pauses": ["customer"]},
    "seller_choice": ["warn_at_percent", "resolution/pauses"],
}


def document_with(**plan: object) -> Document:
    """Return a document of three severities whose plan Gold promises nothing else."""
    document = small_document()
    for level in ("2", "3"):
        document["severities"][level] = {"name": "N", "definition": "D"}
    gold = document["plans"]["gold"]
    del gold["promises"]
    gold |= copy.deepcopy(plan)
    return document


def gold_of(document: Document) -> Plan:
    return parse_catalog(document).plans["gold"]


def test_a_matrix_makes_a_promise_of_what_several_levels_have_alike() -> None:
    chosen = ("warn_at_percent",)
    warned = Fraction(3, 4)
    assert gold_of(document_with(matrix=MATRIX)).promises == (
        Promise(
            "first_response",
            "guaranteed",
            (HOURS_8,),
            frozenset({1, 2}),
            warn_at=warned,
            seller_choice=chosen,
        ),
        Promise(
            "first_response",
            "guaranteed",
            (Clause(timedelta(hours=24), "business", None, "guaranteed"),),
            frozenset({3}),
            warn_at=warned,
            seller_choice=chosen,
        ),
        Promise(
            "resolution",
            "guaranteed",
            (Clause(BusinessDays(3), "business", None, "guaranteed"),),
            frozenset({1}),
            pauses=frozenset({"customer"}),
            warn_at=warned,
            seller_choice=("warn_at_percent", "pauses"),
        ),
        Promise(
            "resolution",
            "target",
            (Clause(timedelta(hours=48), None, None, "target"),),
            frozenset({2}),
            pauses=frozenset({"customer"}),
            warn_at=warned,
            seller_choice=("warn_at_percent", "pauses"),
        ),
        Promise(
            "resolution",
            "best_effort",
            (),
            frozenset({3}),
            pauses=frozenset({"customer"}),
            seller_choice=("pauses",),
        ),
    )


def test_a_matrix_by_urgency_and_for_any_request() -> None:
    matrix = {
        "first_response": {"normal": "1 bd", "urgent": "120 bm"},
        "next_response": {"any": "none"},
        "resolution": {"any": "guaranteed"},
    }
    normal, urgent, none, timeless = gold_of(document_with(matrix=matrix, urgent=True)).promises
    assert (normal.urgent, normal.clauses[0].within) == (False, BusinessDays(1))
    assert (urgent.urgent, urgent.clauses[0].within) == (True, timedelta(hours=2))
    assert (none.strength, none.clauses) == ("none", ())
    assert (timeless.strength, timeless.clauses) == ("guaranteed", ())


@pytest.mark.parametrize(
    ("matrix", "pointer", "code"),
    [
        ({"first_response": {"1": "soon"}}, "/first_response/1", "invalid_duration"),
        ({"first_response": {"1": "none 8 h"}}, "/first_response/1", "invalid_duration"),
        ({"first_response": {"1": "0 h"}}, "/first_response/1", "out_of_range"),
        ({"first_response": {"1": "9999 bd"}}, "/first_response/1", "out_of_range"),
        ({"first_response": {"1": 8}}, "/first_response/1", "invalid_type"),
        ({"first_response": {"4": "8 h"}}, "/first_response/4", "unknown_severity"),
        ({"first_response": {"6": "8 h"}}, "/first_response/6", "unknown_field"),
        ({"first_response": {"any": "8 h", "1": "4 h"}}, "/first_response", "conflicting_fields"),
        ({"first_response": {}}, "/first_response/any", "required"),
        ({"first_response": {"urgent": "8 h"}}, "", "conflicting_fields"),
        ({"resolution": {"any": "1 bd"}, "calendar": "night"}, "/calendar", "unknown_calendar"),
        ({"speed": {"any": "1 h"}}, "/speed", "unknown_field"),
    ],
)
def test_a_fault_in_a_matrix_is_at_its_place(matrix: object, pointer: str, code: str) -> None:
    assert faults_of(document_with(matrix=matrix)) == [(f"/plans/gold/matrix{pointer}", code)]


def test_business_hours_need_a_calendar() -> None:
    document = document_with(matrix={"resolution": {"any": "1 bd"}})
    document["calendars"]["office"] = document["calendars"].pop("business")
    document["offers"]["cover"]["adds_calendar"] = "office"
    assert faults_of(document) == [("/plans/gold/matrix/calendar", "required")]
    document["plans"]["gold"]["matrix"]["calendar"] = "office"
    assert gold_of(document).promises[0].clauses[0].calendar == "office"


def test_a_list_and_a_matrix_may_not_promise_the_same() -> None:
    listed = [{"metric": "first_response", "strength": "best_effort"}]
    document = document_with(matrix=MATRIX, promises=listed)
    assert faults_of(document) == [("/plans/gold/matrix/first_response", "overlapping_promises")]


def test_plans_share_sets_of_promises() -> None:
    document = document_with(promise_sets=["times"])
    document["promise_sets"] = {"times": {"matrix": MATRIX}}
    assert gold_of(document).promises == gold_of(document_with(matrix=MATRIX)).promises
    document["plans"]["gold"]["promise_sets"] = ["times", "time"]
    assert faults_of(document) == [("/plans/gold/promise_sets/1", "unknown_promise_set")]
    document["plans"]["gold"]["promise_sets"] = ["times", "more"]
    document["promise_sets"]["more"] = {"promises": [{"metric": "resolution", "strength": "none"}]}
    assert faults_of(document) == [("/plans/gold/promise_sets/1", "overlapping_promises")]


def test_calendars_share_sets_of_holidays() -> None:
    document = small_document()
    named = {"date": "2026-12-25", "name": "Christmas Day"}
    document["holidays"] = {
        "german": {"days": [named, "2026-05-01"], "until": "2027-12-31"},
        "own": {"days": ["2026-12-24"], "until": "2026-12-31"},
    }
    calendar = document["calendars"]["business"]
    calendar["holiday_sets"] = ["german", "own"]
    calendar["holidays"] = [{"date": "2026-05-01", "name": "Labour Day"}]
    read = parse_catalog(document).calendars["business"]
    assert read.holidays == (
        (date(2026, 5, 1), "Labour Day"),
        (date(2026, 12, 24), "holiday"),
        (date(2026, 12, 25), "Christmas Day"),
    )
    assert read.holidays_until == date(2026, 12, 31)
    again: list[Fault] = []
    assert parse_calendar(render_calendar(read), pointer="", faults=again) == read
    calendar["holiday_sets"] = ["german", "french"]
    assert faults_of(document) == [("/calendars/business/holiday_sets/1", "unknown_holiday_set")]
    calendar["holiday_sets"] = ["german", "old"]
    document["holidays"]["old"] = {"days": [f"{year}-05-02" for year in range(1800, 2000)]}
    assert faults_of(document) == [("/calendars/business", "too_many_items")]


def test_hours_are_the_same_for_a_range_of_days() -> None:
    document = small_document()
    hours = {"mon-thu": [["09:00", "17:00"]], "fri": [["09:00", "15:00"]], "sat-sun": []}
    document["calendars"]["business"]["hours"] = hours
    week = parse_catalog(document).calendars["business"].hours
    assert week == (*[(Shift(540, 1020),)] * 4, (Shift(540, 900),), (), ())
    hours["thu-fri"] = []
    place = "/calendars/business/hours"
    assert faults_of(document) == [(f"{place}/thu-fri", "duplicate")]
    del hours["thu-fri"]
    hours["sun-sat"] = []
    assert faults_of(document) == [(f"{place}/sun-sat", "unknown_weekday")]


def test_a_plan_has_what_it_extends_but_for_what_it_says_itself() -> None:
    document = document_with(matrix=MATRIX, features=["Fast"], seller_choice=["rank"])
    document["plans"]["silver"] = {"extends": "gold", "name": "Silver", "rank": 3}
    document["plans"]["bronze"] = {"extends": "silver", "rank": 4, "features": []}
    plans = parse_catalog(document).plans
    gold, silver, bronze = plans["gold"], plans["silver"], plans["bronze"]
    assert (silver.name, silver.rank, silver.features) == ("Silver", 3, ("Fast",))
    assert (bronze.name, bronze.rank, bronze.features) == ("Silver", 4, ())
    assert silver.promises == bronze.promises == gold.promises
    assert silver.seller_choice == ("rank",)


def test_a_fault_in_what_a_plan_has_from_another_is_named_once_where_it_is_written() -> None:
    document = document_with(unit="hour")
    document["plans"]["silver"] = {"extends": "gold", "name": "", "rank": 3}
    assert faults_of(document) == [
        ("/plans/gold/unit", "invalid_choice"),
        ("/plans/silver/name", "empty"),
    ]
    document["plans"]["gold"]["unit"] = "minute"
    document["plans"]["gold"]["weekly_cap"] = "1/2"
    document["plans"]["silver"] |= {"name": "Silver", "unit": "incident"}
    assert faults_of(document) == [("/plans/silver/extends", "unit_mismatch")]
    document["plans"]["silver"] = {"extends": "gold"}
    assert faults_of(document) == [("/plans/silver/extends", "duplicate_rank")]


def test_a_plan_extends_one_that_is_there_and_never_itself() -> None:
    document = document_with()
    document["plans"]["gold"]["extends"] = "golden"
    assert faults_of(document) == [("/plans/gold/extends", "unknown_plan")]
    document["plans"]["gold"]["extends"] = "rated"
    document["plans"]["rated"]["extends"] = "gold"
    assert faults_of(document) == [
        ("/plans/gold/extends", "plan_cycle"),
        ("/plans/rated/extends", "plan_cycle"),
    ]
