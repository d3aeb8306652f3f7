"""Suspension: a subscription pays for nothing for a while, and its units stay where they are."""

from typing import Any

from tests.api.conftest import Api, Clock

SUSPENSION = {"reason": "Invoice 2026-118 is unpaid", "actor": "accounting"}


async def suspend(api: Api, account: str, bought: Any) -> Any:
    path = f"{account}/subscriptions/{bought['subscription']['id']}/suspension"
    reply = await api.post(path, SUSPENSION)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def resume(api: Api, account: str, bought: Any) -> Any:
    path = f"{account}/subscriptions/{bought['subscription']['id']}/suspension"
    return await api.delete(path)


async def ask(api: Api, account: str, ticket_id: str = "HD-9") -> Any:
    body = {"ticket_id": ticket_id, "subject": "Checkout fails"}
    return await api.post(f"{account}/tickets", body)


def require_suspended(refused: Any) -> None:
    """Have it be refused since the subscription is suspended, and not for want of units."""
    assert (refused.status_code, refused.json()["code"]) == (402, "not_covered"), refused.text
    assert refused.json()["detail"] == "The subscription is suspended."
    assert [each["code"] for each in refused.json()["trace"]] == ["suspended"]
    assert "shortfall" not in refused.json()


async def test_a_suspended_subscription_pays_for_nothing_and_loses_nothing(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    before = await api.units(account)
    clock.advance(hours=1)
    assert (await suspend(api, account, bought))["status"] == "suspended"
    refused = await ask(api, account)
    assert (refused.status_code, refused.json()["code"]) == (402, "not_covered")
    assert refused.json()["trace"][0]["code"] == "suspended"
    # Units are the customer's still; they cannot be drawn upon.
    assert await api.units(account) == before
    clock.advance(days=3)
    assert (await resume(api, account, bought)).json()["status"] == "active"
    assert (await ask(api, account)).status_code == 201
    found = (await api.get(f"{account}/purchases/SO-1")).json()
    # The term went on meanwhile.
    assert found["subscription"]["ends_at"] == bought["subscription"]["ends_at"]


async def test_what_is_held_is_settled_and_no_more_is_drawn(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    await api.open(account, "HD-2")
    clock.advance(hours=1)
    await suspend(api, account, bought)
    more = {"amount": 3, "reason": "Two more questions"}
    refused = await api.post(f"{account}/tickets/HD-1/charge/revision", more)
    require_suspended(refused)
    above = {"outcome": "solved", "amount": 2}
    require_suspended(await api.post(f"{account}/tickets/HD-1/resolution", above))
    settled = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert settled.json()["charge"]["status"] == "settled"
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "withdrawn"})
    units = await api.units(account)
    assert (units["used"], units["held"], units["available"]) == (1, 0, 14)


async def test_a_session_charges_no_further_step_meanwhile(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    sessions = f"{account}/tickets/HD-1/sessions"
    for session_id in ("S-1", "S-2"):
        booking = {"session_id": session_id, "kind": "chat", "starts_at": clock().isoformat()}
        assert (await api.post(sessions, booking)).status_code == 201
        if session_id == "S-1":
            await api.post(f"{sessions}/S-1/start", {})
            clock.advance(minutes=10)
            await api.post(f"{sessions}/S-1/end", {})
    clock.advance(minutes=5)
    await suspend(api, account, bought)
    require_suspended(await api.post(f"{sessions}/S-2/start", {}))
    more = {"minutes": 11, "reason": "It went on", "actor": "Maria"}
    require_suspended(await api.post(f"{sessions}/S-1/correction", more))


async def test_nothing_is_billed_instead_of_what_is_suspended(api: Api) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["plans"]["express"]["overage_price"] = {"amount": 4000, "currency": "EUR"}
    published = await api.put("/v1/catalogs/livecart", document)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    beyond = await api.open(account, "HD-2", amount=16)
    assert beyond["charge"]["held"] == 14
    await suspend(api, account, bought)
    more = {"amount": 3, "reason": "Two more questions"}
    require_suspended(await api.post(f"{account}/tickets/HD-1/charge/revision", more))
    above = {"outcome": "solved", "amount": 2}
    require_suspended(await api.post(f"{account}/tickets/HD-1/resolution", above))
    # What it was told to cost when it was opened, it costs.
    solved = await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    assert solved.status_code == 200, solved.text
    charge = solved.json()["charge"]
    assert (charge["used"], charge["overage"]) == (14, 2)


async def test_another_subscription_of_the_plan_pays_meanwhile(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    first = await api.buy(account, "livecart.express-1y", "SO-1")
    clock.advance(days=1)
    second = await api.buy(account, "livecart.express-1y", "SO-2")
    await suspend(api, account, first)
    opened = (await ask(api, account)).json()
    (allocation,) = opened["charge"]["allocations"]
    assert allocation["lot_id"] == second["lots"][0]["id"]
    assert opened["coverage"]["subscription_id"] == second["subscription"]["id"]


async def test_suspended_once_and_ended_once(api: Api) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    early = await resume(api, account, bought)
    assert (early.status_code, early.json()["code"]) == (409, "not_suspended")
    await suspend(api, account, bought)
    path = f"{account}/subscriptions/{bought['subscription']['id']}/suspension"
    again = await api.post(path, SUSPENSION)
    assert (again.status_code, again.json()["code"]) == (409, "already_suspended")


async def test_a_suspended_purchase_can_be_cancelled(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    clock.advance(days=1)
    await suspend(api, account, bought)
    body = {"refund": "unused", "reason": "Never paid again", "actor": "accounting"}
    cancelled = (await api.post(f"{account}/purchases/SO-1/cancellation", body)).json()
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 39791
    assert cancelled["subscription"]["status"] == "ended"
