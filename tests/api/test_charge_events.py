"""What is told of charges, orders and keys: each movement once, and nothing that did not move."""

from typing import Any

from tests.api.conftest import Api, Clock
from tests.support.cancellation import quote_upgrade
from tests.support.notices import told, types
from tests.support.sessions import express, talk
from tests.support.work import hours, log

SHOWN = ("type", "amount", "charge_amount", "session_id", "work_id", "outcome", "from_amount")

CHARGES = frozenset(
    {
        "ticket.charged",
        "ticket.revised",
        "ticket.settled",
        "ticket.returned",
        "ticket.refunded",
        "overage.recorded",
    }
)


async def charges(api: Api, skip: int = 0) -> list[dict[str, Any]]:
    """List what is told of charges after the first `skip`: of each, what tells them apart."""
    found = [
        {name: event[name] for name in SHOWN if event.get(name) is not None}
        for event in await told(api, "")
        if event["type"] in CHARGES
    ]
    return found[skip:]


async def act(api: Api, path: str, **body: Any) -> None:
    reply = await api.post(path, body)
    assert reply.status_code in (200, 201), reply.text


async def resolve(api: Api, ticket: str, outcome: str = "solved", **more: Any) -> None:
    await act(api, f"{ticket}/resolution", outcome=outcome, **more)


async def test_a_sessions_further_incidents_are_told_with_its_id(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=10)
    await talk(api, clock, ticket, "chat", "S-2", minutes=11)
    # The second one's first ten minutes are another incident when they begin, and so on.
    assert await charges(api, skip=1) == [
        {"type": "ticket.charged", "amount": 1, "charge_amount": 2, "session_id": "S-2"},
        {"type": "ticket.charged", "amount": 1, "charge_amount": 3, "session_id": "S-2"},
    ]


async def test_a_corrected_session_gives_units_back(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=25)
    before = len(await charges(api))
    correction = {"minutes": 5, "reason": "The line was dead", "actor": "mara"}
    await act(api, f"{ticket}/sessions/S-1/correction", **correction)
    assert await charges(api, skip=before) == [
        {"type": "ticket.returned", "amount": 2, "charge_amount": 1, "session_id": "S-1"}
    ]


async def test_work_is_told_where_it_takes_more_than_was_held(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account, amount=60)
    clock.advance(hours=4)
    ticket = f"{account}/tickets/HD-1"
    at = {"at": "2026-11-24T08:00:00Z"}
    await log(api, account, 45, "W-1", **at)
    assert await charges(api, skip=1) == []
    await log(api, account, 45, "W-2", **at)
    await act(api, f"{ticket}/work/W-2/correction", minutes=25, reason="Lunch", actor="mara")
    assert await charges(api, skip=1) == [
        {"type": "ticket.charged", "amount": 30, "charge_amount": 90, "work_id": "W-2"},
        {"type": "ticket.returned", "amount": 20, "charge_amount": 70, "work_id": "W-2"},
    ]


async def test_work_without_hours_is_overage_and_a_correction_takes_it_back(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.open(account, catalog="agency")
    clock.advance(hours=4)
    await log(api, account, 45)
    path = f"{account}/tickets/HD-1/work/W-1/correction"
    await act(api, path, minutes=30, reason="Lunch", actor="mara")
    assert await charges(api) == [
        {"type": "overage.recorded", "amount": 45, "work_id": "W-1"},
        {"type": "overage.recorded", "amount": -15, "work_id": "W-1"},
    ]


async def test_hours_are_told_settled_once_they_are_known(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    clock.advance(hours=4)
    await log(api, account, 45)
    ticket = f"{account}/tickets/HD-1"
    await resolve(api, ticket)
    settled = {"type": "ticket.settled", "amount": 45, "outcome": "solved"}
    assert await charges(api, skip=1) == [settled]
    await act(api, f"{ticket}/reopening", reason="Again")
    await resolve(api, ticket)
    # Nothing was charged meanwhile.
    assert await charges(api, skip=1) == [settled]
    await act(api, f"{ticket}/reopening", reason="Again")
    clock.advance(hours=4)
    await log(api, account, 15, "W-2")
    await resolve(api, ticket)
    assert await charges(api, skip=3) == [settled | {"amount": 60}]


async def test_a_charge_is_settled_and_another_time_after_a_revision(api: Api) -> None:
    _, ticket = await express(api)
    await resolve(api, ticket)
    await act(api, f"{ticket}/reopening", reason="Again")
    await act(api, f"{ticket}/charge/revision", amount=3, reason="Two more")
    await resolve(api, ticket, amount=2)
    assert await charges(api, skip=1) == [
        {"type": "ticket.settled", "amount": 1, "outcome": "solved"},
        {"type": "ticket.revised", "amount": 3, "from_amount": 1},
        {"type": "ticket.settled", "amount": 2, "outcome": "solved"},
    ]
    (settled,) = [each for each in await told(api, "ticket.settled") if each["amount"] == 2]
    assert (settled["returned"], [each["amount"] for each in settled["returns"]]) == (1, [1])


async def test_what_costs_nothing_is_not_told(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="bug")
    await resolve(api, f"{account}/tickets/HD-1", "vendor_defect")
    assert await charges(api) == []


async def test_a_decided_dispute_is_a_refund_of_its_own_cause(api: Api) -> None:
    _, ticket = await express(api)
    await resolve(api, ticket)
    await act(api, f"{ticket}/dispute", reason="It was your fault")
    await act(api, f"{ticket}/dispute/decision", refund_amount=1, reason="Yes", actor="mara")
    (refunded,) = await told(api, "ticket.refunded")
    assert (refunded["amount"], refunded["cause"], refunded["charge_amount"]) == (1, "dispute", 0)


async def test_what_is_granted_again_after_its_lots_end_is_told(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await api.buy(account, "xcart-points.60")
    await api.open(account, category="other", amount=20)
    clock.move_to(order["lots"][0]["expires_at"])
    clock.advance(days=1)
    await resolve(api, f"{account}/tickets/HD-1", "vendor_defect")
    (returned,) = await told(api, "ticket.returned")
    (back,) = returned["returns"]
    assert (back["amount"], back["to"], back["lot_id"]) == (20, "grace", order["lots"][0]["id"])
    lots = (await api.get(f"{account}/lots")).json()["data"]
    assert back["grace_lot_id"] in {lot["id"] for lot in lots}


async def test_an_upgrade_cancels_one_order_and_activates_another(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.priority-1y")
    clock.advance(days=30)
    quote = await quote_upgrade(api, account, "livecart.express-1y")
    body = {"order_id": "SO-2", "quote_id": quote["quote_id"], "payment": {"status": "paid"}}
    await act(api, f"{account}/purchases", **body)
    _, cancelled, activated = await told(api, "purchase")
    assert (cancelled["type"], cancelled["order_id"]) == ("purchase.cancelled", "SO-1")
    assert cancelled["replaced_by"] == "SO-2"
    assert (activated["type"], activated["order_id"]) == ("purchase.activated", "SO-2")


async def test_an_order_that_is_not_paid_yet_is_not_activated(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    pending = {"status": "pending"}
    await api.buy(account, "livecart.express-1y", "SO-1", payment=pending)
    await api.buy(account, "livecart.express-1y", "SO-2", payment=pending)
    assert await types(api, "purchase") == ["purchase.pending", "purchase.pending"]
    clock.advance(days=2)
    for _ in range(2):
        await act(api, f"{account}/purchases/SO-1/payment", reference="PS-1")
    cancelled = {"refund": "none", "reason": "Never paid", "actor": "mara"}
    await act(api, f"{account}/purchases/SO-2/cancellation", **cancelled)
    _, _, activated, given_up = await told(api, "purchase")
    assert (activated["order_id"], activated["timestamp"]) == ("SO-1", "2026-11-26T08:00:00Z")
    assert (given_up["order_id"], given_up["subscription_id"]) == ("SO-2", None)
    assert (given_up["revoked"], given_up["refund"]["amount"]) == (0, 0)


async def test_a_renewal_is_activated_now_for_the_term_after(api: Api) -> None:
    account = await api.make_account()
    first = await api.buy(account, "livecart.express-1y")
    renewal = {"order_id": "SO-2", "payment": {"status": "paid"}}
    await act(api, f"{account}/purchases/SO-1/renewal", **renewal)
    _, renewed = await told(api, "purchase.activated")
    assert renewed["order_id"] == "SO-2"
    assert renewed["starts_at"] == first["subscription"]["ends_at"]


async def test_a_key_is_revoked_once(api: Api) -> None:
    made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
    for _ in range(2):
        assert (await api.delete(f"/v1/api-keys/{made['id']}")).status_code == 200
    refused = await api.post(f"/v1/api-keys/{made['id']}/rotation", {})
    assert refused.status_code == 409
    events = (await api.get("/v1/events")).json()["data"]
    assert [(event["type"], event["sequence"]) for event in events] == [
        ("key.created", 1),
        ("key.revoked", 2),
    ]
