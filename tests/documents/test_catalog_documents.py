"""Documents into catalogues: every fault by its place and code, and nothing but these faults."""

import copy
import json
import math
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.reading import MOST_FAULTS, InvalidCatalog, parse_catalog
from app.domain.access.differences import canonical_digest, diff_documents
from app.domain.access.refusals import Fault
from app.domain.catalog.money import Money
from app.domain.catalog.offers import Allowance, Discount
from app.domain.catalog.terms import Term
from app.domain.promises.promises import BusinessDays, Clause
from tests.domain.catalog_examples import (
    CODES,
    Document,
    read_catalog,
    read_document,
    small_document,
)
from tests.support.catalog_documents import faults_of

ABSENT = object()

# A change to the small document, and the one fault that it makes: where, what, the code.
FAULTS: list[tuple[str, Any, str, str]] = [
    # The document's own fields
    ("/code", ABSENT, "/code", "required"),
    ("/code", "Shop!", "/code", "invalid_code"),
    ("/code", "-shop", "/code", "invalid_code"),
    ("/code", "s" * 65, "/code", "invalid_code"),
    ("/title", 7, "/title", "invalid_type"),
    ("/title", None, "/title", "invalid_type"),
    ("/title", "  ", "/title", "empty"),
    ("/title", "t" * 201, "/title", "too_long"),
    ("/description", "d" * 4001, "/description", "too_long"),
    ("/description", "a\0b", "/description", "invalid_text"),
    ("/description", "a\x1bb", "/description", "invalid_text"),
    ("/description", "a\x85b", "/description", "invalid_text"),
    ("/description", "a\ud800b", "/description", "invalid_text"),
    ("/description", date(2026, 1, 1), "/description", "invalid_type"),
    ("/pirce", 1, "/pirce", "unknown_field"),
    ("/a~1b~0c", 1, "/a~1b~0c", "unknown_field"),
    ("/seller_choice", ["nowhere"], "/seller_choice/0", "unknown_field"),
    ("/seller_choice", ["plans/gold/promises/0"], "/seller_choice/0", "unknown_field"),
    ("/timezone", ABSENT, "/timezone", "required"),
    ("/timezone", "CET", "/timezone", "ambiguous_timezone"),
    ("/timezone", "GMT+2", "/timezone", "ambiguous_timezone"),
    ("/timezone", "Europe/Atlantis", "/timezone", "unknown_timezone"),
    ("/utc_offset", "+02:00", "/timezone", "conflicting_fields"),
    ("/currency", "XYZ", "/currency", "unknown_currency"),
    ("/currency", "eur", "/currency", "unknown_currency"),
    ("/languages/0", "English", "/languages/0", "invalid_code"),
    ("/languages", ["en", "en"], "/languages/1", "duplicate"),
    ("/languages", "en", "/languages", "invalid_type"),
    ("/notes", [str(number) for number in range(201)], "/notes", "too_many_items"),
    # Calendars
    ("/calendars/night", [], "/calendars/night", "invalid_type"),
    ("/calendars/business/timezone", "CET", "/calendars/business/timezone", "ambiguous_timezone"),
    (
        "/calendars/business/hours/mon/0/1",
        "25:00",
        "/calendars/business/hours/mon/0/1",
        "invalid_time",
    ),
    ("/calendars/business/union", ["night"], "/calendars/business/union/0", "unknown_calendar"),
    ("/calendars/Night", {}, "/calendars/Night", "invalid_code"),
    # What support covers
    ("/topics/setup/name", ABSENT, "/topics/setup/name", "required"),
    ("/topics/setup/included", "no", "/topics/setup/included", "invalid_type"),
    ("/topics/set up", {"name": "Setup"}, "/topics/set up", "invalid_code"),
    ("/topics/setup", "Setup", "/topics/setup", "invalid_type"),
    ("/severities/6", {"name": "N", "definition": "D"}, "/severities/6", "invalid_code"),
    ("/severities/1/examples", [1], "/severities/1/examples/0", "invalid_type"),
    ("/channels/fax", {"name": "F", "description": "D"}, "/channels/fax", "unknown_channel"),
    ("/channels/ticket/hours", "night", "/channels/ticket/hours", "unknown_calendar"),
    ("/channels/ticket/served_in", "night", "/channels/ticket/served_in", "unknown_calendar"),
    (
        "/channels/ticket/refuses_topics",
        ["x"],
        "/channels/ticket/refuses_topics/0",
        "unknown_topic",
    ),
    ("/channels/ticket/at_once", 0, "/channels/ticket/at_once", "out_of_range"),
    ("/channels/ticket/limit_minutes", 1441, "/channels/ticket/limit_minutes", "out_of_range"),
    ("/rate_card", ABSENT, "/rate_card", "required"),
    ("/rate_card/bug", {"name": "Bug", "base": 0}, "/rate_card/bug", "reserved_code"),
    ("/rate_card/patch/base", -1, "/rate_card/patch/base", "out_of_range"),
    ("/rate_card/patch/base", 40.0, "/rate_card/patch/base", "invalid_type"),
    ("/rate_card/patch/base", True, "/rate_card/patch/base", "invalid_type"),
    ("/rate_card/patch/kind", "guess", "/rate_card/patch/kind", "invalid_choice"),
    ("/rate_card/patch/kind", "on_request", "/rate_card/patch/base", "unknown_field"),
    ("/rate_card/patch/upper", 80, "/rate_card/patch/upper", "unknown_field"),
    ("/rate_card/patch/kind", "range", "/rate_card/patch/upper", "required"),
    (
        "/rate_card/patch",
        {"name": "P", "kind": "range", "base": 80, "upper": 79},
        "/rate_card/patch/upper",
        "out_of_range",
    ),
    (
        "/rate_card/patch",
        {"name": "P", "kind": "per_unit", "base": 80, "per_unit": 60},
        "/rate_card/patch/variable",
        "required",
    ),
    (
        "/rate_card/patch",
        {"name": "P", "kind": "per_unit", "base": 80, "per_unit": 60, "variable": "N Stores"},
        "/rate_card/patch/variable",
        "invalid_code",
    ),
    # Plans
    ("/plans/gold/rank", 2, "/plans/rated/rank", "duplicate_rank"),
    ("/plans/gold/rank", 0, "/plans/gold/rank", "out_of_range"),
    ("/plans/gold/unit", "hour", "/plans/gold/unit", "invalid_choice"),
    ("/plans/gold/channels", ABSENT, "/plans/gold/channels", "required"),
    ("/plans/gold/channels", [], "/plans/gold/channels", "required"),
    ("/plans/gold/channels", ["ticket", "chat"], "/plans/gold/channels/1", "unknown_channel"),
    ("/plans/gold/channels", ["ticket", "fax"], "/plans/gold/channels/1", "invalid_choice"),
    ("/plans/gold/channels", ["ticket"] * 2, "/plans/gold/channels/1", "duplicate"),
    ("/plans/gold/topics", ["setup", "seo"], "/plans/gold/topics/1", "unknown_topic"),
    ("/plans/gold/weekly_cap", "1/2", "/plans/gold/weekly_cap", "unit_mismatch"),
    ("/plans/gold/overage", True, "/plans/gold/overage", "unit_mismatch"),
    ("/plans/gold/joins_months", 2, "/plans/gold/joins_months", "unit_mismatch"),
    ("/channels/ticket/incident_minutes", 5, "/plans/rated/channels/0", "unit_mismatch"),
    # Promises
    ("/plans/gold/promises", {}, "/plans/gold/promises", "invalid_type"),
    ("/plans/gold/promises/0", 1, "/plans/gold/promises/0", "invalid_type"),
    ("/plans/gold/promises/0/metric", "speed", "/plans/gold/promises/0/metric", "invalid_choice"),
    ("/plans/gold/promises/0/strength", ABSENT, "/plans/gold/promises/0/strength", "required"),
    (
        "/plans/gold/promises/0/strength",
        "none",
        "/plans/gold/promises/0/clauses",
        "conflicting_fields",
    ),
    (
        "/plans/gold/promises/0/severities",
        [1, 2],
        "/plans/gold/promises/0/severities/1",
        "unknown_severity",
    ),
    (
        "/plans/gold/promises/0/severities",
        [1, 6],
        "/plans/gold/promises/0/severities/1",
        "out_of_range",
    ),
    (
        "/plans/gold/promises/1",
        {"metric": "first_response", "strength": "best_effort"},
        "/plans/gold/promises/1",
        "overlapping_promises",
    ),
    (
        "/plans/gold/promises/0/urgent",
        True,
        "/plans/gold/promises/0/urgent",
        "conflicting_fields",
    ),
    (
        "/plans/gold/promises/0/warn_at_percent",
        100,
        "/plans/gold/promises/0/warn_at_percent",
        "out_of_range",
    ),
    (
        "/plans/gold/promises/0/pauses",
        ["The customer"],
        "/plans/gold/promises/0/pauses/0",
        "invalid_code",
    ),
    (
        "/plans/gold/promises/0/clauses/0/calendar",
        "night",
        "/plans/gold/promises/0/clauses/0/calendar",
        "unknown_calendar",
    ),
    (
        "/plans/gold/promises/0/clauses/0/opened_in_hours",
        "night",
        "/plans/gold/promises/0/clauses/0/opened_in_hours",
        "unknown_calendar",
    ),
    (
        "/plans/gold/promises/0/clauses/0/within",
        "8 hours",
        "/plans/gold/promises/0/clauses/0/within",
        "invalid_duration",
    ),
    (
        "/plans/gold/promises/0/clauses/0/within",
        "-PT8H",
        "/plans/gold/promises/0/clauses/0/within",
        "out_of_range",
    ),
    (
        "/plans/gold/promises/0/clauses/0/within",
        "P9999999D",
        "/plans/gold/promises/0/clauses/0/within",
        "out_of_range",
    ),
    (
        "/plans/gold/promises/0/clauses/0/within",
        {"business_days": 0},
        "/plans/gold/promises/0/clauses/0/within/business_days",
        "out_of_range",
    ),
    (
        "/plans/gold/promises/0/clauses/0",
        {"within": {"business_days": 1}},
        "/plans/gold/promises/0/clauses/0/calendar",
        "required",
    ),
    (
        "/plans/gold/promises/0/clauses/0/strength",
        "best_effort",
        "/plans/gold/promises/0/clauses/0/strength",
        "invalid_choice",
    ),
    (
        "/plans/gold/promises/0/clauses/0/strength",
        "typical",
        "/plans/gold/promises/0/clauses",
        "conflicting_fields",
    ),
    # Offers
    ("/offers/gold-1y/plan", "silver", "/offers/gold-1y/plan", "unknown_plan"),
    ("/offers/gold-1y/sold", "gift", "/offers/gold-1y/sold", "invalid_choice"),
    ("/offers/gold-1y/unit", "point", "/offers/gold-1y/unit", "unit_mismatch"),
    ("/offers/gold-1y/term", "1 year", "/offers/gold-1y/term", "invalid_term"),
    ("/offers/gold-1y/term", "P121M", "/offers/gold-1y/term", "out_of_range"),
    ("/offers/gold-1y/term", "P3661D", "/offers/gold-1y/term", "out_of_range"),
    ("/offers/gold-1y/term", ABSENT, "/offers/gold-1y/term", "required"),
    ("/offers/gold-1y/price", ABSENT, "/offers/gold-1y/price", "required"),
    ("/offers/gold-1y/price/amount", ABSENT, "/offers/gold-1y/price/amount", "required"),
    ("/offers/gold-1y/price/amount", -1, "/offers/gold-1y/price/amount", "out_of_range"),
    ("/offers/gold-1y/price/amount", 10**400, "/offers/gold-1y/price/amount", "out_of_range"),
    ("/offers/gold-1y/price/amount", math.nan, "/offers/gold-1y/price/amount", "invalid_type"),
    (
        "/offers/gold-1y/price/currency",
        "USD",
        "/offers/gold-1y/price/currency",
        "currency_mismatch",
    ),
    ("/offers/gold-1y/price/per", "month", "/offers/gold-1y/price/per", "unknown_field"),
    (
        "/offers/gold-1y/list_price",
        {"amount": 1, "currency": "EUR"},
        "/offers/gold-1y/list_price/per",
        "required",
    ),
    ("/offers/gold-1y/sold", "quote", "/offers/gold-1y/price", "conflicting_fields"),
    ("/offers/gold-1y/sold", "included", "/offers/gold-1y/price", "conflicting_fields"),
    ("/offers/gold-1y/allowance", ABSENT, "/offers/gold-1y/allowance", "required"),
    ("/offers/gold-1y/allowance/amount", ABSENT, "/offers/gold-1y/allowance/amount", "required"),
    ("/offers/gold-1y/allowance/amount", 0, "/offers/gold-1y/allowance/amount", "out_of_range"),
    (
        "/offers/gold-1y/allowance/unlimited",
        True,
        "/offers/gold-1y/allowance/unlimited",
        "conflicting_fields",
    ),
    ("/offers/gold-1y/allowance/per", "week", "/offers/gold-1y/allowance/per", "invalid_choice"),
    ("/offers/gold-1y/carries_over", True, "/offers/gold-1y/carries_over", "conflicting_fields"),
    (
        "/offers/gold-1y/adds_calendar",
        "business",
        "/offers/gold-1y/adds_calendar",
        "conflicting_fields",
    ),
    ("/offers/cover/adds_calendar", "night", "/offers/cover/adds_calendar", "unknown_calendar"),
    ("/offers/cover/adds_calendar", ABSENT, "/offers/cover/allowance", "required"),
    ("/offers/cover/allowance", {"per": "term"}, "/offers/cover/allowance", "conflicting_fields"),
    (
        "/offers/gold-1y",
        {
            "plan": "gold",
            "name": "N",
            "description": "D",
            "sold": "quote",
            "term": "P90D",
            "allowance": {"per": "month"},
        },
        "/offers/gold-1y/term",
        "conflicting_fields",
    ),
    # What the seller does besides
    ("/first_licence/plan", "silver", "/first_licence/plan", "unknown_plan"),
    ("/first_licence/amount", 0, "/first_licence/amount", "out_of_range"),
    ("/first_licence/term", ABSENT, "/first_licence/term", "required"),
    ("/discounts/0/percent", 101, "/discounts/0/percent", "out_of_range"),
    ("/discounts/0/contract_months", 121, "/discounts/0/contract_months", "out_of_range"),
    (
        "/discounts/1",
        {"contract_months": 12, "percent": 20},
        "/discounts/1/contract_months",
        "duplicate",
    ),
    ("/contacts/0/email", "support", "/contacts/0/email", "invalid_email"),
    ("/contacts/0/hours", "night", "/contacts/0/hours", "unknown_calendar"),
    ("/contacts/0/department", ABSENT, "/contacts/0/department", "required"),
    ("/policies", ABSENT, "/policies", "required"),
    ("/policies/without_plan", "perhaps", "/policies/without_plan", "invalid_choice"),
    ("/policies/grace_days", 0, "/policies/grace_days", "out_of_range"),
    ("/policies/grant_term", "P1D1Y", "/policies/grant_term", "invalid_term"),
]


def change(document: Document, pointer: str, value: object) -> Document:
    """Return the document with one place set, appended, or taken away."""
    changed: Any = copy.deepcopy(document)
    *path, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    place = changed
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last) :] = [value]
    elif value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return dict(changed)


def test_the_small_document_is_a_catalogue() -> None:
    catalog = parse_catalog(small_document())
    assert catalog.offers["shop.gold-1y"].price == Money(9900, "EUR")
    assert catalog.offers["shop.gold-1y"].term == Term(months=12)
    assert catalog.offers["shop.gold-1y"].unit == "incident"
    assert catalog.offers["shop.cover"].allowance == Allowance(0, unlimited=False, per="term")
    assert catalog.find_offer("shop.gold-1y") is catalog.offers["shop.gold-1y"]
    assert catalog.find_offer("gold-1y") is None


@pytest.mark.parametrize(("place", "value", "pointer", "code"), FAULTS)
def test_a_fault_is_named_by_place_and_code(
    place: str, value: object, pointer: str, code: str
) -> None:
    assert faults_of(change(small_document(), place, value)) == [(pointer, code)]


def test_every_fault_is_named_at_once() -> None:
    document = small_document()
    for place, value in (
        ("/code", "A B"),
        ("/plans/gold/rank", -1),
        ("/plans/gold/promises/0/clauses/0/calendar", "night"),
        ("/offers/gold-1y/price/amount", ABSENT),
        ("/offers/gold-1y/term", "P999M"),
        ("/policies/grace_days", "thirty"),
        ("/spare", {}),
    ):
        document = change(document, place, value)
    assert sorted(faults_of(document)) == [
        ("/code", "invalid_code"),
        ("/offers/gold-1y/price/amount", "required"),
        ("/offers/gold-1y/term", "out_of_range"),
        ("/plans/gold/promises/0/clauses/0/calendar", "unknown_calendar"),
        ("/plans/gold/rank", "out_of_range"),
        ("/policies/grace_days", "invalid_type"),
        ("/spare", "unknown_field"),
    ]


def test_a_channel_has_a_limit_or_further_incidents() -> None:
    document = small_document()
    del document["plans"]["rated"], document["rate_card"], document["first_licence"]
    document["channels"]["ticket"] |= {"incident_minutes": 10, "limit_minutes": 60}
    assert faults_of(document) == [("/channels/ticket/limit_minutes", "conflicting_fields")]


def test_a_rate_card_without_points_prices_nothing_unless_it_names_another_unit() -> None:
    document = small_document()
    del document["plans"]["rated"], document["first_licence"]
    assert faults_of(document) == [("/rate_card", "unit_mismatch")]
    rows = document["rate_card"]
    for row in rows.values():
        row["unit"] = "incident"
    assert parse_catalog(document).rate_card
    first = next(iter(rows))
    rows[first]["unit"] = "point"
    assert faults_of(document) == [(f"/rate_card/{first}/unit", "unit_mismatch")]


def test_a_category_has_another_price_under_conditions_only() -> None:
    document = small_document()
    rows = document["rate_card"]
    first = next(iter(rows))
    rows["other-price"] = {"name": "Other", "base": 2, "category": first}
    assert faults_of(document) == [("/rate_card/other-price/urgent", "required")]
    rows["other-price"] |= {"urgent": True, "channels": ["fax"], "severities": [9]}
    assert faults_of(document) == [
        ("/rate_card/other-price/channels/0", "invalid_choice"),
        ("/rate_card/other-price/severities/0", "out_of_range"),
    ]
    rows["other-price"] = {"name": "Other", "base": 2, "urgent": True, "category": "none-such"}
    assert faults_of(document) == [("/rate_card/other-price/category", "unknown_category")]


def test_an_hours_plan_has_a_weekly_cap_and_overage() -> None:
    document = small_document()
    plan = document["plans"]["gold"]
    plan |= {"unit": "minute", "weekly_cap": "1/2", "overage": True, "joins_months": 2}
    plan["overage_rate"] = {"amount": 8000, "currency": "EUR"}
    gold = parse_catalog(document).plans["gold"]
    assert (gold.weekly_cap, gold.overage_rate) == ((1, 2), Money(8000, "EUR"))
    plan["weekly_cap"] = "3/2"
    assert faults_of(document) == [("/plans/gold/weekly_cap", "out_of_range")]
    plan["weekly_cap"] = "half"
    assert faults_of(document) == [("/plans/gold/weekly_cap", "out_of_range")]
    del plan["overage"], plan["weekly_cap"]
    assert faults_of(document) == [("/plans/gold/overage_rate", "conflicting_fields")]


def test_a_catalogue_has_a_plan() -> None:
    document = small_document()
    document |= {"plans": {}, "offers": {}}
    del document["rate_card"], document["first_licence"]
    assert faults_of(document) == [("/plans", "required")]


def test_an_empty_document_says_what_is_needed() -> None:
    needed = ("code", "title", "description", "timezone", "currency", "plans", "policies")
    assert sorted(faults_of({})) == sorted((f"/{name}", "required") for name in needed)


def test_calendars_may_not_join_in_a_circle() -> None:
    document = small_document()
    other = copy.deepcopy(document["calendars"]["business"])
    document["calendars"]["other"] = other | {"union": ["business"]}
    assert parse_catalog(document).calendars["other"].union
    document["calendars"]["business"]["union"] = ["other"]
    assert {code for _, code in faults_of(document)} == {"calendar_cycle"}


def test_promises_for_different_requests_do_not_overlap() -> None:
    document = small_document()
    document["severities"]["2"] = {"name": "High", "definition": "Something is down."}
    document["plans"]["gold"]["urgent"] = True
    document["plans"]["gold"]["promises"] += [
        {"metric": "first_response", "strength": "none", "severities": [2], "urgent": True},
        {"metric": "first_response", "strength": "best_effort", "severities": [2], "urgent": False},
        {"metric": "resolution", "strength": "guaranteed"},
    ]
    assert len(parse_catalog(document).plans["gold"].promises) == 4
    document["plans"]["gold"]["promises"].append(
        {"metric": "first_response", "strength": "best_effort", "urgent": False}
    )
    assert faults_of(document) == [("/plans/gold/promises/4", "overlapping_promises")]


def test_a_promise_says_all_it_can() -> None:
    document = small_document()
    document["plans"]["gold"]["promises"][0] = {
        "metric": "resolution",
        "strength": "guaranteed",
        "clauses": [
            {"within": {"business_days": 7}, "calendar": "business"},
            {"within": "P14D"},
            {"within": "PT90M", "opened_in_hours": "business", "strength": "typical"},
        ],
        "pauses": ["customer", "vendor"],
        "warn_at_percent": 75,
        "warn_before": "PT2H",
        "text": "Within seven business days.",
    }
    promise = parse_catalog(document).plans["gold"].promises[0]
    assert promise.clauses == (
        Clause(BusinessDays(7), "business", None, "guaranteed"),
        Clause(timedelta(days=14), None, None, "guaranteed"),
        Clause(timedelta(minutes=90), None, "business", "typical"),
    )
    assert promise.pauses == {"customer", "vendor"}
    assert (promise.warn_at, promise.warn_before) == (Fraction(3, 4), timedelta(hours=2))
    assert promise.text == "Within seven business days."


def test_what_the_seller_chose_must_be_there() -> None:
    document = small_document()
    document["seller_choice"] = ["calendars/business/hours", "policies/grace_days"]
    document["plans"]["gold"]["promises"][0]["seller_choice"] = ["clauses"]
    document["policies"]["seller_choice"] = ["grace_days", "grant_term"]
    assert faults_of(document) == [("/policies/seller_choice/1", "unknown_field")]
    document["policies"]["seller_choice"] = ["grace_days"]
    assert parse_catalog(document).policies.seller_choice == ("grace_days",)


def test_a_misspelt_name_is_guessed() -> None:
    document = small_document()
    document["offers"]["gold-1y"]["plan"] = "golden"
    document["offers"]["gold-1y"]["includs"] = []
    with pytest.raises(InvalidCatalog) as refused:
        parse_catalog(document)
    assert [fault.detail for fault in refused.value.faults] == [
        'The document has no plan "golden". Did you mean "gold"?',
        'There is no field "includs" here. Did you mean "includes"?',
    ]
    assert refused.value.code == "invalid_catalog"
    assert refused.value.detail.startswith("The document has 2 faults; the first, at /offers/")


def test_faults_are_bounded_and_can_be_sent() -> None:
    document = small_document()
    document["topics"] = {f"topic-{number}": {"naem": 1} for number in range(100_000)}
    document["x" * 1000] = 1
    with pytest.raises(InvalidCatalog) as refused:
        parse_catalog(document)
    assert len(refused.value.faults) == 2
    document["topics"] = {f"topic-{number}": {"naem": 1, "x": "\udfff"} for number in range(200)}
    with pytest.raises(InvalidCatalog) as refused:
        parse_catalog(document)
    assert len(refused.value.faults) == MOST_FAULTS
    document["\udfff" * 1000] = 1
    assert faults_of(document) == [("", "invalid_text")]
    for fault in refused.value.faults:
        assert len(f"{fault.pointer}{fault.detail}".encode()) < 2000


def test_offers_are_in_the_sellers_order() -> None:
    assert list(parse_catalog(small_document()).offers) == ["shop.gold-1y", "shop.cover"]
    document = small_document()
    document["offers"] = dict(reversed(document["offers"].items()))
    assert list(parse_catalog(document).offers) == ["shop.cover", "shop.gold-1y"]
    assert [code.partition(".")[2] for code in read_catalog("xcart-points").offers] == [
        "60",
        "120",
        "300",
        "1200",
    ]


@pytest.mark.parametrize("code", CODES)
def test_the_same_document_is_the_same_catalogue(code: str) -> None:
    document = read_document(code)
    before = copy.deepcopy(document)
    as_json = json.loads(json.dumps(document, sort_keys=True))
    assert parse_catalog(as_json) == parse_catalog(document) == read_catalog(code)
    assert list(parse_catalog(document).offers) == list(read_catalog(code).offers)
    assert document == before
    assert canonical_digest(as_json) == canonical_digest(document)
    assert diff_documents(document, as_json) == []


def test_the_discount_for_the_shortest_contract_is_first() -> None:
    document = small_document()
    document["discounts"].append({"contract_months": 6, "percent": 5})
    assert parse_catalog(document).discounts == (Discount(6, 5), Discount(12, 10))


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(["P1Y", "PT8H", "incident", "business", "none", "guaranteed", "2026-02-30"]),
    st.dates(),
)
junk = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def mutate(draw: st.DrawFn, value: object) -> object:
    """Change one place of a document: replace it, take it away, or put something beside it."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        match draw(st.integers(0, 12)):
            case 0:
                del changed[name]
            case 1:
                changed[draw(st.text(max_size=8))] = changed[name]
            case _:
                changed[name] = mutate(draw, value[name])
        return changed
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        position = draw(st.integers(0, len(value) - 1))
        if draw(st.booleans()):
            return [*value, value[position]]
        return [*value[:position], mutate(draw, value[position]), *value[position + 1 :]]
    return draw(junk)


@st.composite
def mutated_documents(draw: st.DrawFn) -> Document:
    documents: list[Document] = [small_document(), *map(read_document, CODES)]
    document = draw(st.sampled_from(documents))
    for _ in range(draw(st.integers(1, 4))):
        changed = mutate(draw, document)
        document = changed if isinstance(changed, dict) else document
    return document


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated_documents())
def test_nothing_but_a_named_fault_comes_of_a_broken_document(document: Document) -> None:
    faults: list[Fault] | None = None
    try:
        parse_catalog(document)
    except InvalidCatalog as refused:
        faults = refused.faults
    assert faults != []
    for fault in faults or ():
        assert fault.pointer == "" or fault.pointer.startswith("/")
        assert fault.detail.encode("utf-8")
        assert fault.code.isidentifier()
