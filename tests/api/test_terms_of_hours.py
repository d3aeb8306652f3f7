"""The terms of a seller of hours as people read them: a card of minutes, rates, hours, months."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api
from tests.support.work import log

EUR = "EUR"
MINUTE = {"unit": "minute"}
CARD = {
    "fault": {"name": "Fault of the platform", "base": 0} | MINUTE,
    "engineering": {"name": "Engineering", "base": 30} | MINUTE,
    "migration": {"name": "Migration", "kind": "from", "base": 120} | MINUTE,
    "move": {"name": "Move", "kind": "per_unit", "base": 60, "per_unit": 30, "variable": "shops"}
    | MINUTE,
    "other": {"name": "Other", "kind": "on_request"} | MINUTE,
}
TEXTS = {
    "fault": "By the time worked",
    "engineering": "By the time worked (30 minutes set aside)",
    "migration": "By the time worked (2 hours set aside)",
    "move": "By the time worked (1 hour + 30 minutes × shops set aside)",
    "other": "Upon request",
}


def hosting() -> dict[str, Any]:
    """Return the agency's terms with a card of minutes, rates by hours, and a monthly price."""
    agency = packaged_documents()["agency"]
    del agency["examples"]
    days = {"timezone": "UTC", "hours": {"sat": [["10:00", "16:00"]]}, "name": "days"}
    agency["calendars"]["day"] = days
    agency["plans"]["starter"]["counting"] = {"factors": [{"outside": "day", "by": "2"}]}
    agency["channels"]["ticket"]["hours"] = "business"
    agency["offers"]["starter"] |= {
        "sold": "direct",
        "term": "P1M",
        "sold_by": {"name": "server", "plural": "servers"},
        "price": {"amount": 9900, "currency": EUR},
    }
    rates = [
        {"urgent": True, "per_hour": {"amount": 31500, "currency": EUR}},
        {"per_hour": {"amount": 21000, "currency": EUR}},
    ]
    policies = agency["policies"] | {"rates": rates, "without_plan_text": "It is billed."}
    return agency | {"currency": EUR, "rate_card": CARD, "policies": policies}


@pytest.fixture
async def terms(api: Api) -> Any:
    published = await api.put("/v1/catalogs/agency", hosting())
    assert published.status_code == 201, published.text
    return (await api.get("/v1/catalogs/agency/comparison")).json()


async def test_a_row_of_minutes_is_priced_by_the_time_worked(api: Api, terms: Any) -> None:
    assert {each["category"]: each["text"] for each in terms["rate_card"]} == TEXTS
    page = await api.get("/v1/catalogs/agency/comparison", headers={"Accept": "text/html"})
    for text in TEXTS.values():
        assert text in page.text
    assert ">Points<" not in page.text


async def test_a_choice_of_a_category_says_that_it_costs_the_work(api: Api, terms: Any) -> None:
    assert terms
    account = await api.make_account()
    body = {"ticket_id": "HD-1", "subject": "Help", "category": "no-such", "catalog": "agency"}
    refused = (await api.post(f"{account}/tickets", body)).json()
    said = {each["value"]: each["definition"] for each in refused["choices"]}
    assert said["fault"] == "It costs the time that is worked on it."
    assert said["engineering"] == (
        "It costs the time that is worked on it; 30 minutes set aside at first."
    )
    assert said["other"] == "Its price is agreed upon request."


async def test_a_category_at_no_minutes_is_billed_by_the_work_without_a_plan(
    api: Api, terms: Any
) -> None:
    assert terms
    account = await api.make_account()
    opened = await api.open(account, catalog="agency", category="fault")
    assert opened["coverage"]["on_demand"] is True
    logged = (await log(api, account, 20)).json()
    assert logged["overage_minutes"] == 20


async def test_what_is_without_a_plan_stands_once(terms: Any) -> None:
    found = [each["text"] for each in terms["terms"] if each["label"] == "Without a plan"]
    assert found == ["It is billed. €315 an hour, if it is urgent; €210 an hour"]


async def test_the_hours_of_factors_and_channels_are_shown(terms: Any) -> None:
    shown = {each["label"]: each["text"] for each in terms["terms"]}
    assert shown["Days"] == "Saturday 10:00–16:00, UTC"
    (channels,) = [each for each in terms["sections"] if each["title"] == "Channels"]
    notes = {each["label"]: each["note"] for each in channels["rows"]}
    assert notes["Support tickets"].endswith(" Open in business hours.")
    assert "Open" not in notes["E-mail"]
    assert "Business hours" in shown


async def test_a_monthly_price_is_of_a_month(terms: Any) -> None:
    prices = terms["sections"][0]["rows"][0]
    assert prices["label"] == "Price"
    assert next(each["text"] for each in prices["cells"]) == "€99 a month for each server"
