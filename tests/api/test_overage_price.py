"""Tickets beyond the allowance of a plan of incidents, each at a price."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

PRICE = {"amount": 4500, "currency": "EUR"}
NOVEMBER = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


@pytest.fixture
async def account(api: Api) -> str:
    """Sell two incidents of a plan that serves more at a price."""
    document = packaged_documents()["livecart"]
    document["plans"]["express"]["overage_price"] = PRICE
    document["offers"]["express-1y"]["allowance"] = {"amount": 2, "per": "term"}
    published = await api.put("/v1/catalogs/livecart", document)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    return account


async def act(api: Api, account: str, ticket_id: str, what: str, **body: Any) -> dict[str, Any]:
    reply = await api.post(f"{account}/tickets/{ticket_id}/{what}", body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json()["charge"])


async def billed(api: Api, account: str) -> dict[str, Any]:
    lines = (await api.get(f"{account}/overage", params=NOVEMBER)).json()["data"]
    return {each["ticket_id"]: (each["amount"], each["money"]) for each in lines}


async def use_up(api: Api, account: str) -> None:
    for number in (1, 2):
        await api.open(account, f"HD-{number}")
        await act(api, account, f"HD-{number}", "resolution", outcome="solved")


async def test_the_summary_has_the_sellers_own_words_for_it(
    api: Api, account: str, clock: Clock
) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3")
    await act(api, account, "HD-3", "resolution", outcome="solved")
    clock.advance(minutes=1)
    shown = (await api.get(f"{account}/summary")).json()
    assert shown["overage"]["text"] == "1 incident beyond the plan this month."
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["names"] = {"unit": ["task ticket", "task tickets"]}
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    shown = (await api.get(f"{account}/summary")).json()
    assert shown["overage"]["text"] == "1 task ticket beyond the plan this month."
    told = [each["text"] for each in shown["notices"] if each["code"] == "overage_running"]
    assert told == [shown["overage"]["text"]]
    card = await api.get(f"{account}/summary", headers={"Accept": "text/html"})
    assert told[0] in card.text


async def test_a_ticket_beyond_the_allowance_is_billed_at_its_price(
    api: Api, account: str, clock: Clock
) -> None:
    await use_up(api, account)
    asked = (await api.post(f"{account}/coverage", {"subject": "Slow"})).json()
    assert (asked["covered"], asked["charge"]["amount"], asked["charge"]["overage"]) == (True, 0, 1)
    assert asked["charge"]["overage_price"] == PRICE
    assert "beyond the plan and billed" in asked["text"]
    opened = await api.open(account, "HD-3")
    charge = opened["charge"]
    assert (charge["held"], charge["overage"], charge["expected_overage"]) == (0, 0, 1)
    assert charge["overage_price"] == PRICE
    assert await billed(api, account) == {}
    body = {"outcome": "solved"}
    path = f"{account}/tickets/HD-3/resolution"
    dry = await api.post(path, body, params={"dry_run": "true"})
    solved = await api.post(path, body)
    assert dry.json()["charge"] == solved.json()["charge"]
    charge = solved.json()["charge"]
    assert (charge["status"], charge["overage"], charge["expected_overage"]) == ("overage", 1, 0)
    assert await billed(api, account) == {"HD-3": (1, PRICE)}
    lines = (
        await api.get(f"{account}/overage", params=NOVEMBER, headers={"Accept": "text/csv"})
    ).text
    assert lines.splitlines()[1].endswith("incident,1,4500,EUR,0")
    events = (await api.get("/v1/events", params={"account_id": "c-1"})).json()["data"]
    told = [each["data"] for each in events if each["type"] == "overage.recorded"]
    assert [(each["unit"], each["amount"]) for each in told] == [("incident", 1)]
    clock.advance(minutes=1)
    summary = (await api.get(f"{account}/summary")).json()["overage"]
    assert (summary["incidents"], summary["minutes"], summary["money"]) == (1, 0, [PRICE])
    assert summary["text"] == "1 incident beyond the plan this month."
    statement = await api.get(f"{account}/statement", params=NOVEMBER)
    (line,) = [each for each in statement.json()["resolved"] if each["ticket_id"] == "HD-3"]
    assert line["overage"] == 1
    usage = (await api.get("/v1/reports/usage", params=NOVEMBER | {"group_by": "plan"})).json()
    assert [row["overage"] for row in usage["rows"]] == [1]


async def test_what_was_bought_meanwhile_is_taken_first(api: Api, account: str) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3")
    await api.buy(account, "livecart.express-1y", "SO-2", starts="now")
    charge = await act(api, account, "HD-3", "resolution", outcome="solved")
    assert (charge["status"], charge["used"], charge["overage"]) == ("settled", 1, 0)


async def test_nothing_is_billed_for_a_duplicate_until_it_is_solved_after_all(
    api: Api, account: str
) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3")
    charge = await act(api, account, "HD-3", "resolution", outcome="duplicate")
    assert (charge["status"], charge["overage"]) == ("none", 0)
    charge = await act(api, account, "HD-3", "reopening", reason="It is another one")
    assert charge["expected_again"] == 1
    charge = await act(api, account, "HD-3", "resolution", outcome="solved")
    assert charge["overage"] == 1
    charge = await act(api, account, "HD-3", "reopening", reason="Again")
    charge = await act(api, account, "HD-3", "resolution", outcome="solved")
    assert charge["overage"] == 1
    await act(api, account, "HD-3", "reopening", reason="Again")
    charge = await act(api, account, "HD-3", "resolution", outcome="vendor_defect")
    assert charge["overage"] == 0
    assert await billed(api, account) == {}


async def test_what_is_billed_can_be_refunded(api: Api, account: str) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3")
    await act(api, account, "HD-3", "charge/revision", amount=2, reason="Two questions")
    await act(api, account, "HD-3", "resolution", outcome="solved")
    assert await billed(api, account) == {"HD-3": (2, PRICE | {"amount": 9000})}
    why = {"reason": "Sorry", "actor": "mara"}
    charge = await act(api, account, "HD-3", "refund", amount=1, **why)
    assert charge["overage"] == 1
    too_much = await api.post(f"{account}/tickets/HD-3/refund", {"amount": 2} | why)
    assert too_much.json() == {
        "type": "/problems/refund_exceeds_charge",
        "title": "The refund exceeds the charge",
        "status": 409,
        "detail": "The ticket has used 1 incident; 2 incidents cannot be given back.",
        "instance": "/v1/accounts/c-1/tickets/HD-3/refund",
        "code": "refund_exceeds_charge",
        "used": 1,
        "asked": 2,
    }
    charge = await act(api, account, "HD-3", "refund", reference="R-2", **why)
    assert charge["overage"] == 0
    assert await billed(api, account) == {}
    again = await api.post(f"{account}/tickets/HD-3/refund", {"reference": "R-3"} | why)
    assert again.json()["code"] == "charge_not_settled"


async def test_further_incidents_of_a_chat_are_billed(api: Api, account: str, clock: Clock) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3", channel="chat")
    body = {"session_id": "S-1", "kind": "chat", "starts_at": clock.now.isoformat()}
    assert (await api.post(f"{account}/tickets/HD-3/sessions", body)).status_code == 201
    session = f"{account}/tickets/HD-3/sessions/S-1"
    assert (await api.post(f"{session}/start")).status_code == 200
    clock.advance(minutes=25)
    ended = (await api.post(f"{session}/end")).json()
    assert ended["minutes"] == 25, ended
    ticket = (await api.get(f"{account}/tickets/HD-3")).json()["charge"]
    assert (ticket["overage"], ticket["expected_overage"]) == (2, 1)
    why = {"reason": "It was cut off", "actor": "mara"}
    corrected = await api.post(f"{session}/correction", {"minutes": 15} | why)
    assert corrected.status_code == 200, corrected.text
    charge = await act(api, account, "HD-3", "resolution", outcome="solved")
    assert (charge["used"], charge["overage"]) == (0, 2)
    corrected = await api.post(f"{session}/correction", {"minutes": 31} | why)
    assert corrected.status_code == 200, corrected.text
    assert await billed(api, account) == {"HD-3": (4, PRICE | {"amount": 18000})}


async def test_who_pays_is_decided_anew(api: Api, account: str) -> None:
    await use_up(api, account)
    await api.open(account, "HD-3")
    await api.buy(account, "livecart.standard-1y", "SO-2")
    order = {"plan": "standard", "reason": "Wrong plan", "actor": "mara"}
    charge = await act(api, account, "HD-3", "coverage", **order)
    assert (charge["held"], charge["expected_overage"]) == (1, 0)
    charge = await act(api, account, "HD-3", "coverage", **order | {"plan": "express"})
    assert (charge["held"], charge["expected_overage"]) == (0, 1)
    charge = await act(api, account, "HD-3", "resolution", outcome="solved")
    assert charge["overage"] == 1


async def test_the_price_is_on_the_plan_page_and_on_offers(api: Api, account: str) -> None:
    assert account
    offers = (await api.get("/v1/offers?catalog=livecart")).json()["data"]
    shown = {each["plan"]: (each["overage"], each["overage_price"]) for each in offers}
    assert (shown["express"], shown["standard"]) == ((True, PRICE), (False, None))
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "€45 for each further incident" in page.text


async def test_it_is_for_plans_that_count_no_minutes(api: Api) -> None:
    document = packaged_documents()["agency"]
    document["plans"]["starter"]["overage_price"] = PRICE
    refused = await api.put("/v1/catalogs/agency", document)
    assert [each["code"] for each in refused.json()["errors"]] == ["unit_mismatch"]


async def test_a_revision_of_what_is_suspended_may_be_lowered(api: Api, account: str) -> None:
    opened = await api.open(account, "HD-1")
    raised = await act(api, account, "HD-1", "charge/revision", amount=5, reason="Five of them")
    assert (raised["held"], raised["expected_overage"]) == (2, 3)
    path = f"{account}/subscriptions/{opened['coverage']['subscription_id']}/suspension"
    await api.post(path, {"reason": "Unpaid", "actor": "ines"})
    lowered = await act(api, account, "HD-1", "charge/revision", amount=4, reason="Four of them")
    assert (lowered["held"], lowered["expected_overage"]) == (2, 2)
    more = {"amount": 6, "reason": "Six of them"}
    refused = await api.post(f"{account}/tickets/HD-1/charge/revision", more)
    assert (refused.status_code, refused.json()["trace"][0]["code"]) == (402, "suspended")
