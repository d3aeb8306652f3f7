"""One story for each type of event: what has to happen for it to be told.

Each is told through the API, or by looking for what is due as a worker does; the account is
c-1042, and its ids are those of the document's examples.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from app.domain.events.events import EventType
from app.services.catalog.catalogs import packaged_documents
from app.services.ledger.clock_repairs import repair_clock
from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.notices import look

Story = Callable[[Api, Clock], Awaitable[None]]
ACCOUNT = "c-1042"
TICKET = "HD-5001"
_STORE = "https://shop.example"


async def renamed(api: Api, _: Clock) -> None:
    account = await _account(api)
    assert (await api.patch(account, {"name": "Nordwind AG"})).status_code == 200


async def account_moved(api: Api, _: Clock) -> None:
    await api.make_account("c-2077")
    account = await api.make_account(ACCOUNT)
    body = {"to_account_id": ACCOUNT, "reason": "Entered twice.", "actor": "mara"}
    await _post(api, f"{account.replace(ACCOUNT, 'c-2077')}/move", body)


async def quoted(api: Api, _: Clock) -> None:
    account = await _account(api)
    await _post(api, f"{account}/quotes", {"offer": "livecart.express-1y"}, 201)


async def pending(api: Api, _: Clock) -> None:
    account = await _account(api)
    body = {"order_id": "SO-77", "offer": "livecart.express-1y", "payment": {"status": "pending"}}
    await _post(api, f"{account}/purchases", body, 201)


async def suspended(api: Api, _: Clock) -> None:
    await _change_subscription(api, "suspension", reason="They dispute it.", actor="mara")


async def pays_again(api: Api, clock: Clock) -> None:
    await suspended(api, clock)
    path = f"/v1/accounts/{ACCOUNT}/subscriptions"
    found = (await api.get(path)).json()["data"][0]["id"]
    assert (await api.delete(f"{path}/{found}/suspension")).status_code == 200


async def moved(api: Api, _: Clock) -> None:
    body = {"site": "https://outlet.example", "reason": "A new store.", "actor": "mara"}
    await _change_subscription(api, "site", **body)


async def activated(api: Api, _: Clock) -> None:
    await _buy(api, "livecart.express-1y")


async def cancelled(api: Api, clock: Clock) -> None:
    account = await _buy(api, "livecart.express-1y")
    clock.advance(days=100)
    body = {"refund": "unused", "reason": "They moved to another cart.", "actor": "mara"}
    await _post(api, f"{account}/purchases/SO-77/cancellation", body)


async def ended(api: Api, clock: Clock) -> None:
    await _buy(api, "livecart.standard-1m")
    clock.advance(days=30, seconds=1)
    await look(api)


async def ending(api: Api, clock: Clock) -> None:
    document = packaged_documents()["livecart"]
    document["policies"]["ending"] = {"renews": {"notice": "P30D"}}
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    await _buy(api, "livecart.express-1y")
    clock.advance(days=335, seconds=1)
    await look(api)


async def covered_anew(api: Api, _: Clock) -> None:
    account = await _buy(api, "livecart.standard-1y")
    await api.open(account, TICKET)
    await api.buy(account, "livecart.express-1y", "SO-78")
    body = {"reason": "A plan bought since.", "actor": "mara"}
    await _post(api, f"{account}/tickets/{TICKET}/coverage", body)


async def disputed(api: Api, _: Clock) -> None:
    account = await _buy(api, "livecart.express-1y")
    await api.open(account, TICKET)
    await _post(api, f"{account}/tickets/{TICKET}/resolution", {"outcome": "solved"})
    await _post(api, f"{account}/tickets/{TICKET}/dispute", {"reason": "It was your bug."})


async def dispute_decided(api: Api, clock: Clock) -> None:
    await disputed(api, clock)
    body = {"refund_amount": 1, "reason": "It was.", "actor": "mara"}
    await _post(api, f"/v1/accounts/{ACCOUNT}/tickets/{TICKET}/dispute/decision", body)


async def low(api: Api, _: Clock) -> None:
    account = await _buy(api, "xcart-points.60")
    await api.open(account, TICKET, catalog="xcart-points", category="other", amount=50)


async def exhausted(api: Api, _: Clock) -> None:
    account = await _buy(api, "xcart-points.60")
    await api.open(account, TICKET, catalog="xcart-points", category="other", amount=60)


async def expiring(api: Api, clock: Clock) -> None:
    await _buy(api, "xcart-points.60")
    clock.move_to("2028-11-10T21:00:00Z")
    await look(api)


async def expired(api: Api, clock: Clock) -> None:
    await _buy(api, "xcart-points.60")
    clock.move_to("2028-11-24T21:00:01Z")
    await look(api)


async def used_often(api: Api, _: Clock) -> None:
    account = await _buy(api, "xcart-support.subscription-1y", site=_STORE)
    for number in range(100):
        await api.open(account, f"HD-{number}", catalog="xcart-support", site=_STORE)


async def opened(api: Api, _: Clock) -> None:
    account = await _buy(api, "livecart.express-1y")
    await api.open(account, TICKET, catalog="livecart")


async def held(api: Api, _: Clock) -> None:
    account = await _buy(api, "xcart-points.60")
    await api.open(account, TICKET, catalog="xcart-points", category="other", amount=25)


async def replied(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("replies", api, by="agent")


async def paused(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("pause", api, waiting_on="customer")


async def resumed(api: Api, clock: Clock) -> None:
    await paused(api, clock)
    clock.advance(hours=2)
    await _act("resumption", api)


async def retargeted(api: Api, clock: Clock) -> None:
    account = await _buy(api, "corporate.gold")
    await api.open(account, TICKET, severity=3)
    clock.advance(minutes=45)
    await _act("severity", api, severity=2, reason="It is the shop's best week.")


async def resolved(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("resolution", api, outcome="solved")


async def remedied(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("remedy", api, reason="Another server took over.")


async def reopened(api: Api, clock: Clock) -> None:
    await resolved(api, clock)
    clock.advance(days=1)
    await _act("reopening", api, reason="It came back.")


async def split(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("split", api, tickets=[{"ticket_id": "HD-5002", "subject": "The second"}])


async def struck(api: Api, clock: Clock) -> None:
    await replied(api, clock)
    clock.advance(minutes=5)
    await _act("events/1/strike", api, reason="The wrong ticket.", actor="mara")


async def revised(api: Api, clock: Clock) -> None:
    await held(api, clock)
    clock.advance(hours=2)
    await _act("charge/revision", api, amount=35, reason="Another module was involved.")


async def settled(api: Api, clock: Clock) -> None:
    await held(api, clock)
    clock.advance(hours=2)
    await _act("resolution", api, outcome="solved", amount=20)


async def returned(api: Api, clock: Clock) -> None:
    await held(api, clock)
    clock.advance(hours=2)
    await _act("resolution", api, outcome="vendor_defect")


async def refunded(api: Api, clock: Clock) -> None:
    await settled(api, clock)
    clock.advance(days=1)
    await _act("refund", api, amount=5, cause="goodwill", reason="It took too long.", actor="mara")


async def worked(api: Api, clock: Clock) -> None:
    account = await _account(api)
    await api.open(account, TICKET, catalog="agency")
    clock.advance(hours=2)
    await _act("work", api, 201, work_id="W-9", minutes=90, by="jon", at="2026-11-24T08:15:00Z")


async def session_booked(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    chat = {"session_id": "CHAT-118", "kind": "chat", "starts_at": "2026-11-24T09:00:00Z"}
    await _act("sessions", api, 201, **chat, contact="skype:nordwind")


async def session_moved(api: Api, clock: Clock) -> None:
    await session_booked(api, clock)
    path = f"/v1/accounts/{ACCOUNT}/tickets/{TICKET}/sessions/CHAT-118"
    moved = await api.patch(path, {"starts_at": "2026-11-24T10:00:00Z", "with": "mara"})
    assert moved.status_code == 200, moved.text


async def session_started(api: Api, clock: Clock) -> None:
    await session_booked(api, clock)
    clock.advance(hours=1)
    await _act("sessions/CHAT-118/start", api)


async def session_ended(api: Api, clock: Clock) -> None:
    await session_started(api, clock)
    clock.advance(minutes=12)
    await _act("sessions/CHAT-118/end", api)


async def session_missed(api: Api, clock: Clock) -> None:
    await session_booked(api, clock)
    clock.advance(hours=1, minutes=5)
    await _act("sessions/CHAT-118/no-show", api)


async def session_cancelled(api: Api, clock: Clock) -> None:
    await session_booked(api, clock)
    await _act("sessions/CHAT-118/cancellation", api, by="customer", reason="Solved by itself")


async def at_risk(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(hours=3, seconds=1)
    await look(api)


async def met(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(minutes=45)
    await _act("replies", api, by="agent")


async def breached(api: Api, clock: Clock) -> None:
    await opened(api, clock)
    clock.advance(hours=4, seconds=1)
    await look(api)


async def missed_target(api: Api, clock: Clock) -> None:
    account = await _buy(api, "corporate.gold")
    await api.open(account, TICKET, severity=1)
    await _act("replies", api, by="agent")
    clock.move_to("2026-11-26T08:00:00Z")
    clock.advance(seconds=1)
    await look(api)


async def late_effort(api: Api, clock: Clock) -> None:
    account = await _buy(api, "corporate.professional")
    await api.open(account, TICKET, severity=4)
    clock.advance(days=6)
    await _act("replies", api, by="agent")


async def excused(api: Api, clock: Clock) -> None:
    await breached(api, clock)
    clock.advance(hours=1)
    await _act("deadlines/first_response/excuse", api, reason="The mail server.", actor="mara")


async def contact_put(api: Api, _: Clock) -> None:
    account = await api.make_account(ACCOUNT)
    person = {"name": "Erika Mustermann", "emails": ["erika@nordwind.example"]}
    assert (await api.put(f"{account}/contacts/u-7", person)).status_code == 201


async def clock_repaired(api: Api, clock: Clock) -> None:
    account = await _account(api)
    clock.move_to("2090-01-01T00:00:00Z")
    await _post(
        api,
        f"{account}/grants",
        {
            "reference": "g-1",
            "catalog": "xcart-points",
            "unit": "point",
            "amount": 5,
            "reason": "Goodwill",
            "actor": "mara",
        },
        201,
    )
    clock.move_to(TUESDAY)
    async with api.app.state.database.transaction() as db:
        await repair_clock(db, account_id=ACCOUNT, reason="NTP was off.", actor="mara")


async def key_made(api: Api, _: Clock) -> None:
    await _make_key(api)


async def key_rotated(api: Api, clock: Clock) -> None:
    key = await _make_key(api)
    clock.advance(days=30)
    await _post(api, f"/v1/api-keys/{key['id']}/rotation", {})


async def key_revoked(api: Api, clock: Clock) -> None:
    key = await _make_key(api)
    clock.advance(days=60)
    assert (await api.delete(f"/v1/api-keys/{key['id']}")).status_code == 200


STORIES: dict[EventType, Story] = {
    "account.summary_changed": renamed,
    "account.moved": account_moved,
    "quote.made": quoted,
    "purchase.pending": pending,
    "purchase.activated": activated,
    "purchase.cancelled": cancelled,
    "purchase.ending": ending,
    "purchase.ended": ended,
    "subscription.suspended": suspended,
    "subscription.resumed": pays_again,
    "subscription.moved": moved,
    "units.low": low,
    "units.exhausted": exhausted,
    "units.expiring": expiring,
    "units.expired": expired,
    "fair_use.passed": used_often,
    "ticket.opened": opened,
    "ticket.replied": replied,
    "ticket.paused": paused,
    "ticket.resumed": resumed,
    "ticket.severity_changed": retargeted,
    "ticket.remedied": remedied,
    "ticket.resolved": resolved,
    "ticket.reopened": reopened,
    "ticket.split": split,
    "ticket.event_struck": struck,
    "ticket.charged": held,
    "ticket.revised": revised,
    "ticket.settled": settled,
    "ticket.returned": returned,
    "ticket.refunded": refunded,
    "ticket.coverage_changed": covered_anew,
    "ticket.disputed": disputed,
    "ticket.dispute_decided": dispute_decided,
    "overage.recorded": worked,
    "session.booked": session_booked,
    "session.rescheduled": session_moved,
    "session.started": session_started,
    "session.ended": session_ended,
    "session.missed": session_missed,
    "session.cancelled": session_cancelled,
    "deadline.at_risk": at_risk,
    "deadline.met": met,
    "deadline.breached": breached,
    "deadline.missed": missed_target,
    "deadline.late": late_effort,
    "deadline.excused": excused,
    "contact.changed": contact_put,
    "account.clock_repaired": clock_repaired,
    "key.created": key_made,
    "key.rotated": key_rotated,
    "key.revoked": key_revoked,
}


async def _account(api: Api) -> str:
    return await api.make_account(ACCOUNT)


async def _buy(api: Api, offer: str, **more: Any) -> str:
    account = await _account(api)
    await api.buy(account, offer, "SO-77", **more)
    return account


async def _change_subscription(api: Api, what: str, **body: Any) -> None:
    account = await _buy(api, "xcart-support.subscription-1y", site=_STORE)
    found = (await api.get(f"{account}/subscriptions")).json()["data"][0]["id"]
    await _post(api, f"{account}/subscriptions/{found}/{what}", body)


async def _act(what: str, api: Api, status: int = 200, **body: Any) -> None:
    await _post(api, f"/v1/accounts/{ACCOUNT}/tickets/{TICKET}/{what}", body, status)


async def _make_key(api: Api) -> Any:
    body = {"name": "shop", "role": "storefront", "expires_at": "2027-11-24T08:00:00Z"}
    return await _post(api, "/v1/api-keys", body, 201)


async def _post(api: Api, path: str, body: dict[str, Any], status: int = 200) -> Any:
    reply = await api.post(path, body)
    assert reply.status_code == status, reply.text
    return reply.json()
