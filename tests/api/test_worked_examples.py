"""A document's examples of work, beside real tickets: opened, worked on, and solved."""

from typing import Any

import pytest

from app.documents.reading import InvalidCatalog, check_catalog
from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api
from tests.support.work import hours, log

COUNTING = {"step": 15, "least": 15, "over": "ticket"}
CARD = {
    "fault": {"name": "Fault of the platform", "unit": "minute", "base": 0},
    "engineering": {"name": "Engineering", "unit": "minute", "base": 30},
    "migration": {"name": "Migration", "unit": "minute", "kind": "from", "base": 120},
}
RATES = [{"per_hour": {"amount": 6000, "currency": "EUR"}}]
AT = "2026-11-24T08:00:00Z"


def document() -> dict[str, Any]:
    """Return the agency's terms with a way of counting Starter's minutes, and a rate card."""
    agency = packaged_documents()["agency"]
    starter = agency["plans"]["starter"] | {"counting": COUNTING}
    return agency | {
        "currency": "EUR",
        "rate_card": CARD,
        "plans": agency["plans"] | {"starter": starter},
        "policies": agency["policies"] | {"rates": RATES},
    }


@pytest.mark.parametrize(
    ("asked", "worked", "cost"),
    [
        ({}, 20, 30),
        ({"amount": 90}, 20, 30),
        ({"category": "engineering"}, 20, 30),
        ({"category": "engineering"}, 50, 60),
        ({"category": "migration"}, 20, 30),
        ({"category": "fault"}, 20, 30),
        ({"category": "bug"}, 20, 0),
        ({"urgent": True}, 20, 20),  # not included: it is served on demand
    ],
)
async def test_an_example_comes_to_what_a_real_ticket_does(
    api: Api, asked: dict[str, Any], worked: int, cost: int
) -> None:
    published = await api.put("/v1/catalogs/agency", document())
    assert published.status_code == 201, published.text
    account = await hours(api)
    await api.open(account, severity=4, **asked)
    assert (await log(api, account, worked)).status_code == 201
    solved = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    charge = solved.json()["charge"]
    assert charge["held"] == 0
    assert charge["used"] + charge["overage"] == cost

    example = {"plan": "starter", "at": AT, "severity": 4, "worked": worked} | asked
    found = document() | {"examples": [{"text": "It.", "asked": example, "costs": cost}]}
    assert len(check_catalog(found).document.examples) == 1
    found["examples"][0]["costs"] = cost + 1
    with pytest.raises(InvalidCatalog) as refused:
        check_catalog(found)
    assert [each.detail for each in refused.value.faults] == [f"It costs {cost} minutes."]


@pytest.mark.parametrize(("asked", "price"), [({"urgent": True}, 2000), ({"category": "bug"}, 0)])
def test_an_example_on_demand_has_the_price_of_work_without_a_plan(
    asked: dict[str, Any], price: int
) -> None:
    example = {"plan": "starter", "at": AT, "severity": 4, "worked": 20} | asked
    paid = {"amount": price, "currency": "EUR"}
    found = document() | {"examples": [{"text": "It.", "asked": example, "price": paid}]}
    assert len(check_catalog(found).document.examples) == 1


def test_an_example_of_what_a_plan_refuses_is_not_for_nothing_where_it_is_billed() -> None:
    asked = {"plan": "starter", "at": AT, "severity": 4, "urgent": True}
    found = document() | {"examples": [{"text": "It.", "asked": asked, "costs": 0}]}
    with pytest.raises(InvalidCatalog) as refused:
        check_catalog(found)
    [fault] = refused.value.faults
    assert (fault.pointer, fault.code) == ("/examples/0/costs", "example_differs")
    assert fault.detail == (
        "The plan refuses it with urgent_not_included: it costs what is worked, without one."
    )
    found["examples"] = [{"text": "It.", "asked": asked, "refused": "urgent_not_included"}]
    assert len(check_catalog(found).document.examples) == 1
