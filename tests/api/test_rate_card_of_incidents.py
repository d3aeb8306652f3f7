"""A rate card for plans of incidents: free questions, and urgent tickets at twice the price."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

ROWS: dict[str, Any] = {
    "question": {"name": "Question", "base": 0},
    "urgent": {"name": "Urgent ticket", "base": 2, "urgent": True},
    "by-phone": {"name": "By phone", "base": 3, "channels": ["phone"]},
    "migration": {"name": "Migration", "base": 4},
    "urgent-migration": {
        "name": "Migration, urgent",
        "category": "migration",
        "urgent": True,
        "base": 9,
    },
}


@pytest.fixture
async def account(api: Api) -> str:
    document = packaged_documents()["livecart"]
    del document["examples"]  # of a card without rows
    document["plans"]["express"]["urgent"] = True
    document["rate_card"] = {code: row | {"unit": "incident"} for code, row in ROWS.items()}
    published = await api.put("/v1/catalogs/livecart", document)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    return account


PRICED: list[tuple[dict[str, Any], int]] = [
    ({}, 1),
    ({"urgent": True}, 2),
    ({"channel": "phone", "urgent": True}, 2),
    ({"channel": "phone"}, 3),
    ({"category": "question"}, 0),
    ({"category": "question", "urgent": True}, 0),
    ({"category": "migration"}, 4),
    ({"category": "migration", "urgent": True}, 9),
    ({"category": "bug", "urgent": True}, 0),
    ({"category": "by-phone"}, 1),
]


async def test_what_a_ticket_costs(api: Api, account: str) -> None:
    for number, (asked, cost) in enumerate(PRICED):
        answer = (await api.post(f"{account}/coverage", {"subject": "Help"} | asked)).json()
        assert (answer["covered"], answer["charge"]["amount"]) == (True, cost), answer
        if number % 2:
            continue
        ticket = await api.open(account, f"HD-{number}", **asked)
        assert ticket["charge"]["amount"] == cost
        solved = await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
        assert solved.json()["charge"]["used"] == cost
        await api.post(
            f"{account}/tickets/HD-{number}/refund",
            {"cause": "goodwill", "reason": "Test", "actor": "mara"},
        )


async def test_an_unknown_category_is_refused_with_what_each_costs(api: Api, account: str) -> None:
    for category in ("no-such", "urgent-migration"):
        body = {"ticket_id": "HD-1", "subject": "Help", "category": category}
        refused = await api.post(f"{account}/tickets", body)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_category")
        choices = {each["value"]: each["definition"] for each in refused.json()["choices"]}
        assert choices["question"] == "It costs nothing."
        assert choices["urgent"] == "It costs 2 incidents if it is urgent."
        assert choices["migration"] == "It costs 4 incidents. It costs 9 incidents if it is urgent."
        assert "urgent-migration" not in choices


async def test_a_revision_is_by_the_card_and_less_needs_leave(api: Api, account: str) -> None:
    await api.open(account, "HD-1")
    desk = (await api.post("/v1/api-keys", {"name": "Desk", "role": "helpdesk"})).json()
    helpdesk = api.holding(desk["secret"])
    revise = f"{account}/tickets/HD-1/charge/revision"
    body = {"category": "migration", "reason": "It is one"}
    assert (await helpdesk.post(revise, body)).json()["charge"]["held"] == 4
    less = await helpdesk.post(revise, {"amount": 3, "reason": "Kind"})
    assert less.status_code == 403
    urgent = {"urgent": True, "reason": "The shop is down"}
    assert (await helpdesk.post(f"{account}/tickets/HD-1/severity", urgent)).status_code == 200
    assert (await helpdesk.post(revise, body)).json()["charge"]["held"] == 9
    await helpdesk.http.aclose()


async def test_free_questions_are_served_when_nothing_is_left(api: Api, account: str) -> None:
    left = (await api.units(account))["available"]
    await api.open(account, "HD-1", amount=left)
    body = {"ticket_id": "HD-2", "subject": "Help"}
    assert (await api.post(f"{account}/tickets", body)).json()["code"] == "insufficient_units"
    ticket = await api.open(account, "HD-2", category="question")
    assert ticket["coverage"]["plan"] == "express"
    assert ticket["deadlines"]


async def test_the_card_is_shown(api: Api, account: str) -> None:
    assert account
    rows = (await api.get("/v1/catalogs/livecart/rate-card")).json()["data"]
    shown = {each["category"]: each for each in rows}
    assert (shown["urgent"]["unit"], shown["urgent"]["urgent"]) == ("incident", True)
    assert shown["urgent"]["text"] == "2 incidents"
    assert shown["urgent-migration"]["price_of"] == "migration"
    assert shown["by-phone"]["channels"] == ["phone"]
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "What an issue costs" in page.text
    assert "9 incidents" in page.text


async def test_minutes_of_a_category_are_held(api: Api) -> None:
    document = packaged_documents()["agency"]
    document["rate_card"] = {"setup": {"name": "Set-up", "unit": "minute", "base": 90}}
    assert (await api.put("/v1/catalogs/agency", document)).status_code == 201
    account = await api.make_account()
    grant = {"catalog": "agency", "plan": "starter", "unit": "minute", "amount": 600}
    by = {"reference": "G-1", "reason": "Trial", "actor": "mara"}
    assert (await api.post(f"{account}/grants", grant | by)).status_code == 201
    ticket = await api.open(account, "HD-1", category="setup")
    assert (ticket["charge"]["unit"], ticket["charge"]["held"]) == ("minute", 90)
    ticket = await api.open(account, "HD-2", category="setup", amount=30)
    assert ticket["charge"]["held"] == 30
