"""A chat that runs when its order, or its ticket, ends: what it has begun is paid for, once."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.cancellation import quote_upgrade
from tests.support.sessions import book, express

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

WHY = {"reason": "The shop is closed", "actor": "ines"}
GRANT = {"catalog": "livecart", "plan": "express", "unit": "incident"} | WHY


async def chat(api: Api, clock: Clock, **length: float) -> tuple[str, str]:
    """Begin a chat on Express (15 incidents), so long ago; the account's path, and the ticket's."""
    account, ticket = await express(api)
    assert (await book(api, ticket)).status_code == 201
    assert (await api.post(f"{ticket}/sessions/S-1/start")).status_code == 200
    clock.advance(**length)
    return account, ticket


async def chat_of_grant(
    api: Api, clock: Clock, amount: int, ticket_id: str, *others: str
) -> tuple[str, str]:
    """Begin a chat on so many incidents that were granted, 15 minutes ago; account and ticket."""
    account = await api.make_account()
    given = GRANT | {"reference": "g-1", "amount": amount}
    assert (await api.post(f"{account}/grants", given)).status_code == 201
    for each in (ticket_id, *others):
        await api.open(account, each)
    ticket = f"{account}/tickets/{ticket_id}"
    assert (await book(api, ticket)).status_code == 201
    assert (await api.post(f"{ticket}/sessions/S-1/start")).status_code == 200
    clock.advance(minutes=15)
    return account, ticket


async def end(api: Api, ticket: str) -> Any:
    ended = await api.post(f"{ticket}/sessions/S-1/end")
    assert ended.status_code == 200, ended.text
    return ended.json()


async def test_what_a_running_chat_has_begun_is_not_paid_back(api: Api, clock: Clock) -> None:
    account, ticket = await chat(api, clock, minutes=25)
    path = f"{account}/purchases/SO-1/cancellation"
    tried = await api.post(f"{path}?dry_run=true", WHY | {"refund": "unused"})
    cancelled = await api.post(path, WHY | {"refund": "unused"})
    assert cancelled.json() == tried.json()
    # Three of fifteen incidents are the chat's: 12/15 of €399.00 are €319.20.
    assert cancelled.json()["cancellation"]["unused"] == {"by": "units", "left": 12, "whole": 15}
    assert cancelled.json()["cancellation"]["refund_amount"]["amount"] == 31_920
    clock.advance(minutes=20)
    ended = await end(api, ticket)
    # What it had begun by then is charged; afterwards there is nothing left.
    assert (ended["minutes"], ended["over_minutes"], ended["ended_by"]) == (30, 15, "units")
    assert ended["ticket"]["charge"]["amount"] == 3
    units = await api.units(account)
    assert (units["held"], units["revoked"], units["available"]) == (3, 12, 0)


async def test_what_a_chat_ended_early_left_of_a_cancelled_order_is_expired(
    api: Api, clock: Clock
) -> None:
    account, ticket = await chat(api, clock, minutes=25)
    await api.post(f"{account}/purchases/SO-1/cancellation", WHY | {"refund": "unused"})
    ended = await api.post(f"{ticket}/sessions/S-1/end", {"at": "2026-11-24T08:05:00Z"})
    assert ended.json()["ticket"]["charge"]["amount"] == 1
    units = await api.units(account)
    assert (units["held"], units["revoked"], units["expired"]) == (1, 12, 2)


async def test_an_upgrade_credits_what_no_chat_has_begun(api: Api, clock: Clock) -> None:
    account, ticket = await chat(api, clock, minutes=25)
    quote = await quote_upgrade(api, account, "livecart.express-2y")
    assert "12 of 15 incidents" in str(quote["lines"][-1])
    clock.advance(minutes=6)
    order = {"order_id": "SO-2", "quote_id": quote["quote_id"], "payment": {"status": "paid"}}
    outdated = await api.post(f"{account}/purchases", order)
    assert (outdated.status_code, outdated.json()["code"]) == (409, "quote_outdated")
    again = await quote_upgrade(api, account, "livecart.express-2y")
    bought = await api.post(f"{account}/purchases", order | {"quote_id": again["quote_id"]})
    assert bought.status_code == 201, bought.text
    assert (await end(api, ticket))["ticket"]["charge"]["amount"] == 4


@pytest.mark.parametrize("outcome", ["vendor_defect", "duplicate", "withdrawn"])
async def test_what_ends_at_no_cost_is_charged_nothing_by_its_chat(
    api: Api, clock: Clock, outcome: str
) -> None:
    account, ticket = await chat(api, clock, minutes=25)
    resolved = await api.post(f"{ticket}/resolution", {"outcome": outcome})
    assert resolved.json()["charge"]["status"] == "returned"
    ended = await end(api, ticket)
    assert (ended["minutes"], ended["over_minutes"], ended["incidents"]) == (25, 0, 0)
    assert ended["ticket"]["charge"]["status"] == "returned"
    correction = {"minutes": 45, "reason": "It was longer", "actor": "ines"}
    corrected = await api.post(f"{ticket}/sessions/S-1/correction", correction)
    assert corrected.status_code == 200, corrected.text
    assert (corrected.json()["minutes"], corrected.json()["incidents"]) == (45, 0)
    units = await api.units(account)
    assert (units["available"], units["held"], units["used"]) == (15, 0, 0)


async def test_what_was_solved_is_charged_what_its_chat_costs(api: Api, clock: Clock) -> None:
    account, ticket = await chat(api, clock, minutes=25)
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    ended = await end(api, ticket)
    assert (ended["incidents"], ended["ticket"]["charge"]["status"]) == (2, "settled")
    assert (await api.units(account))["used"] == 3


async def test_each_step_is_drawn_when_its_minutes_begin(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    first = GRANT | {"reference": "g-1", "amount": 3, "expires_at": "2026-11-24T08:22:00Z"}
    later = GRANT | {"reference": "g-2", "amount": 1, "expires_at": "2027-11-24T08:00:00Z"}
    for each in (first, later):
        assert (await api.post(f"{account}/grants", each)).status_code == 201
    await api.open(account)
    ticket = f"{account}/tickets/HD-1"
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(minutes=25)
    (running,) = (await api.get(f"{ticket}/sessions")).json()["data"]
    # All three of the lot that has ended by now are the chat's; the other's is free until 08:30.
    assert (running["incidents"], running["further_available"]) == (2, True)
    assert running["covered_until"] == "2026-11-24T08:30:00Z"
    other = {"ticket_id": "HD-2", "subject": "Another question"}
    assert (await api.post(f"{account}/tickets?dry_run=true", other)).status_code == 201
    clock.advance(minutes=10)
    refused = await api.post(f"{account}/tickets", other)
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_units")
    ended = await end(api, ticket)
    assert (ended["minutes"], ended["over_minutes"], ended["incidents"]) == (35, 0, 3)
    assert (await api.units(account))["held"] == 4


async def test_what_was_begun_of_the_order_after_a_lot_had_ended_is_not_paid_back(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    ends = {"reference": "g-1", "amount": 3, "expires_at": "2026-11-24T08:22:00Z"}
    assert (await api.post(f"{account}/grants", GRANT | ends)).status_code == 201
    await api.open(account)
    await api.buy(account, "livecart.express-1y")
    ticket = f"{account}/tickets/HD-1"
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(minutes=35)
    path = f"{account}/purchases/SO-1/cancellation"
    cancelled = (await api.post(path, WHY | {"refund": "unused"})).json()
    assert cancelled["cancellation"]["unused"] == {"by": "units", "left": 14, "whole": 15}
    ended = await end(api, ticket)
    assert (ended["minutes"], ended["over_minutes"], ended["incidents"]) == (35, 0, 3)


async def test_a_session_ends_as_it_is_read_though_units_came_meanwhile(
    api: Api, clock: Clock
) -> None:
    account, ticket = await chat_of_grant(api, clock, 2, "HD-1")
    more = GRANT | {"reference": "g-2", "amount": 5}
    assert (await api.post(f"{account}/grants", more)).status_code == 201
    clock.advance(minutes=20)
    (running,) = (await api.get(f"{ticket}/sessions")).json()["data"]
    assert (running["incidents"], running["covered_until"]) == (3, "2026-11-24T08:40:00Z")
    ended = await end(api, ticket)
    assert (ended["minutes"], ended["over_minutes"], ended["incidents"]) == (35, 0, 3)


async def test_a_session_ends_as_it_is_read_though_units_came_back_meanwhile(
    api: Api, clock: Clock
) -> None:
    account, ticket = await chat_of_grant(api, clock, 3, "HD-1", "HD-2")
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "withdrawn"})
    clock.advance(minutes=8)
    (running,) = (await api.get(f"{ticket}/sessions")).json()["data"]
    assert running["incidents"] == 2
    ended = await end(api, ticket)
    assert (ended["minutes"], ended["over_minutes"], ended["incidents"]) == (23, 0, 2)


async def test_each_lot_that_has_ended_keeps_what_was_begun_of_it(api: Api, clock: Clock) -> None:
    document = packaged_documents()["livecart"]
    document["offers"]["express-1y"]["allowance"] = {"amount": 2, "per": "term"}
    await api.put("/v1/catalogs/livecart", document)
    account, ticket = await express(api)
    for name, ends in (("g-1", "08:12"), ("g-2", "08:22")):
        ending = {"reference": name, "amount": 1, "expires_at": f"2026-11-24T{ends}:00Z"}
        given = GRANT | ending
        assert (await api.post(f"{account}/grants", given)).status_code == 201
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(minutes=25)
    other = {"ticket_id": "HD-2", "subject": "Another question"}
    assert (await api.post(f"{account}/tickets?dry_run=true", other)).status_code == 201
    path = f"{account}/purchases/SO-1/cancellation"
    cancelled = (await api.post(path, WHY | {"refund": "unused"})).json()
    assert cancelled["cancellation"]["unused"] == {"by": "units", "left": 1, "whole": 2}
    assert (await end(api, ticket))["incidents"] == 2


async def test_what_a_session_began_of_what_is_suspended_since_is_not_put_on_others(
    api: Api, clock: Clock
) -> None:
    document = packaged_documents()["livecart"]
    document["offers"]["express-1y"]["allowance"] = {"amount": 4, "per": "term"}
    await api.put("/v1/catalogs/livecart", document)
    account, ticket = await express(api)
    given = GRANT | {"reference": "g-1", "amount": 2}
    assert (await api.post(f"{account}/grants", given)).status_code == 201
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(minutes=15)
    order = (await api.get(f"{account}/purchases/SO-1")).json()
    await api.post(f"{account}/subscriptions/{order['subscription']['id']}/suspension", WHY)
    clock.advance(minutes=1)
    await api.open(account, "HD-2")
    clock.advance(minutes=9)
    more = {"amount": 2, "reason": "Two questions"}
    revised = await api.post(f"{account}/tickets/HD-2/charge/revision", more)
    assert (revised.status_code, revised.json()["charge"]["held"]) == (200, 2)
