"""What a shop can sell: every number of the five sellers, and a sentence for every promise."""

from typing import Any

import pytest

from tests.api.conftest import Api

# offer: price, term, allowance (None: unlimited), price of one unit
OFFERS: dict[str, tuple[int | None, str | None, int | None, int | None]] = {
    "livecart.standard-1m": (9900, "P1M", None, None),
    "livecart.standard-1y": (9900, "P1Y", 10, 990),
    "livecart.standard-2y": (19900, "P2Y", 25, 796),
    "livecart.standard-3y": (59900, "P3Y", 100, 599),
    "livecart.priority-1y": (19900, "P1Y", 10, 1990),
    "livecart.priority-2y": (39900, "P2Y", 30, 1330),
    "livecart.priority-3y": (99900, "P3Y", 100, 999),
    "livecart.express-1y": (39900, "P1Y", 15, 2660),
    "livecart.express-2y": (79900, "P2Y", 35, 2283),  # 2,282.86 rounded
    "livecart.express-3y": (199900, "P3Y", 120, 1666),  # 1,665.83 rounded
    "xcart-points.60": (3450, "P2Y", 60, 58),  # 57.5 rounded half up
    "xcart-points.120": (6850, "P2Y", 120, 57),
    "xcart-points.300": (16950, "P2Y", 300, 57),
    "xcart-points.1200": (67333, "P2Y", 1200, 56),
    "xcart-support.subscription-1m": (14900, "P1M", None, None),
    "xcart-support.subscription-1y": (99000, "P1Y", None, None),
    "xcart-support.incident-normal": (9900, "P1Y", 1, 9900),
    "xcart-support.incident-urgent": (13900, "P1Y", 1, 13900),
    "agency.starter": (None, None, 2400, None),
    "agency.standard": (None, None, None, None),
    "agency.advanced": (None, None, None, None),
    "agency.flexible": (None, None, None, None),
    "corporate.professional": (0, "P1Y", 1, 0),
    "corporate.enterprise": (0, "P1Y", 2, 0),
    # 48 incidents for €17,988.00
    "corporate.gold": (1798800, "P1Y", 4, 37475),
    "corporate.extended-cover": (None, None, 0, None),
}
EXPRESS = (
    "First response within 1 to 4 business hours when asked in business hours, and within"
    " 24 hours at any time, guaranteed."
)
ENGINEERS = "(Monday to Friday 06:00 to 01:00, Saturday and Sunday 10:00 to 18:00, UTC+03:00)"
EFFORTS = "as a target, with reasonable efforts"
WAITS = "not counting waits for the customer"


async def list_offers(api: Api, **asked: Any) -> dict[str, Any]:
    reply = await api.holding(None).get("/v1/offers", params={"limit": 200} | asked)
    assert reply.status_code == 200, reply.text
    return {each["offer"]: each for each in reply.json()["data"]}


async def test_L1_P1_S1_S4_A1_E1_every_offer_has_the_sellers_numbers(api: Api) -> None:
    offers = await list_offers(api)
    assert set(offers) == set(OFFERS)
    for code, (price, term, amount, unit_price) in OFFERS.items():
        offer = offers[code]
        assert (offer["price"] or {"amount": None})["amount"] == price, code
        assert (offer["unit_price"] or {"amount": None})["amount"] == unit_price, code
        assert (offer["term"], offer["allowance"]["amount"]) == (term, amount), code
        unlimited = code.startswith(("livecart.standard-1m", "xcart-support.subscription"))
        assert offer["allowance"]["unlimited"] is unlimited, code
        assert offer["catalog"] == code.partition(".")[0]


async def test_how_each_is_sold(api: Api) -> None:
    offers = await list_offers(api)
    quoted = {code for code, offer in offers.items() if offer["sold"] == "quote"}
    assert quoted == {code for code in OFFERS if code.startswith("agency.")} | {
        "corporate.extended-cover"
    }
    included = {code for code, offer in offers.items() if offer["sold"] == "included"}
    assert included == {"corporate.professional", "corporate.enterprise"}
    assert {code for code, offer in offers.items() if offer["site_bound"]} == {
        "xcart-support.subscription-1m",
        "xcart-support.subscription-1y",
    }
    gold = offers["corporate.gold"]
    assert gold["list_price"] == {"amount": 149900, "currency": "EUR", "per": "month"}
    cover = offers["corporate.extended-cover"]
    assert (cover["plan"], cover["adds_calendar"]) == (None, "extended")
    monthly = {code for code, offer in offers.items() if offer["allowance"]["per"] == "month"}
    assert monthly == {code for code in OFFERS if code.startswith(("agency.", "corporate."))} - {
        "corporate.extended-cover"
    }


@pytest.mark.parametrize(
    ("plan", "channels"),
    [
        ("standard", ["ticket", "email"]),
        ("priority", ["ticket", "email", "chat"]),
        ("express", ["ticket", "email", "chat", "phone"]),
    ],
)
async def test_L2_channels(api: Api, plan: str, channels: list[str]) -> None:
    for offer in (await list_offers(api, catalog="livecart", plan=plan)).values():
        assert offer["channels"] == channels
        assert offer["expedited_bugs"] is (plan == "express")


@pytest.mark.parametrize(
    ("offer", "sentences"),
    [
        ("livecart.standard-1y", ["First response within 48 hours, guaranteed."]),
        ("livecart.priority-1y", ["First response within 24 hours, guaranteed."]),
        (
            "livecart.express-1y",
            [EXPRESS],
        ),
        ("xcart-points.60", ["First response within 1 business day, guaranteed."]),
        (
            "xcart-support.subscription-1y",
            [
                f"Ordinary requests: first response within 1 business day {ENGINEERS}, guaranteed.",
                f"Urgent requests: first response within 2 business hours {ENGINEERS}, guaranteed.",
            ],
        ),
        (
            "xcart-support.incident-normal",
            [
                f"First response within 1 business day {ENGINEERS}, guaranteed.",
                "Resolution guaranteed, at no set time.",
            ],
        ),
        ("agency.starter", []),
        (
            "corporate.gold",
            [
                "Severity 1: first response within 8 business hours, guaranteed.",
                "Severity 2: first response within 8 business hours, guaranteed.",
                "Severity 3: first response within 8 business hours, guaranteed.",
                "Severity 4: first response within 24 business hours, guaranteed.",
                f"Severity 1: resolution within 16 business hours, {WAITS}, {EFFORTS}.",
                f"Severity 2: resolution within 3 business days, {WAITS}, {EFFORTS}.",
                f"Severity 3: resolution within 7 business days, {WAITS}, {EFFORTS}.",
                "Severity 4: resolution on a best-effort basis.",
            ],
        ),
        (
            "corporate.professional",
            [
                "Severity 1: no first response time is offered.",
                "Severity 2: no first response time is offered.",
                "Severity 3: no first response time is offered.",
                "Severity 4: first response within 24 business hours, on a best-effort basis.",
                "Severity 1: no resolution time is offered.",
                "Severity 2: no resolution time is offered.",
                "Severity 3: no resolution time is offered.",
                "Severity 4: resolution on a best-effort basis.",
            ],
        ),
    ],
)
async def test_promises_in_one_sentence_each(api: Api, offer: str, sentences: list[str]) -> None:
    promises = (await list_offers(api))[offer]["promises"]
    assert [each["text"] for each in promises] == sentences


async def test_E3_each_promise_names_its_severity(api: Api) -> None:
    promises = (await list_offers(api))["corporate.enterprise"]["promises"]
    assert [(each["metric"], each["severity"], each["strength"]) for each in promises] == [
        ("first_response", 1, "guaranteed"),
        ("first_response", 2, "guaranteed"),
        ("first_response", 3, "guaranteed"),
        ("first_response", 4, "guaranteed"),
        ("resolution", 1, "target"),
        ("resolution", 2, "target"),
        ("resolution", 3, "target"),
        ("resolution", 4, "best_effort"),
    ]


async def test_offers_are_chosen_by_catalogue_plan_currency_and_unit(api: Api) -> None:
    assert len(await list_offers(api, catalog="livecart")) == 10
    assert len(await list_offers(api, plan="express")) == 3
    assert len(await list_offers(api, currency="USD")) == 8
    assert set(await list_offers(api, unit="minute")) == {
        "agency.starter",
        "agency.standard",
        "agency.advanced",
        "agency.flexible",
    }
    assert len(await list_offers(api, catalog="xcart-support", unit="incident")) == 4
    assert await list_offers(api, catalog="livecart", currency="USD") == {}
    unknown = await api.get("/v1/offers", params={"catalog": "nobody"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "catalog_unknown")
