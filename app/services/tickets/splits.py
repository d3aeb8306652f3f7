"""Splits: one ticket with several questions becomes several tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.tickets import whole_tickets
from app.domain.access.refusals import InvalidPayload
from app.domain.coverage.pricing import find_list_price
from app.domain.coverage.requests import Request
from app.domain.coverage.sites import covers
from app.domain.tickets.expected_charges import put_at
from app.domain.tickets.openings import Origin, TicketOrder
from app.domain.tickets.ticket_history import inherit_events, read_clock_events
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace
from app.services.access.repeats import require_same
from app.services.coverage import pools
from app.services.tickets.list_prices import describe_asked
from app.services.tickets.openings import open_new_ticket
from app.services.tickets.tickets import (
    TicketChange,
    TicketView,
    record_event,
    view_locked_ticket,
)

# What may have changed what a ticket is put at since it was opened.
_REPRICES = frozenset({"revision", "coverage"})


async def split_ticket(
    db: Db, change: TicketChange, *, parts: Sequence[Mapping[str, Any]]
) -> list[TicketView]:
    """Open further tickets for the other questions in one; the first keeps its charge.

    Each part is charged on its own and inherits what it leaves out, and what had happened to the
    first by then. All of them are opened, or none is. The whole done again answers with the parts
    as they are.
    """
    account, ticket, at = change.account, change.ticket, change.at
    happened = [each for each in read_clock_events(change.whole.events) if each.at <= at]
    origin = Origin(ticket.opened_at, tuple(inherit_events(happened, at=at)))
    inherited = await _inherit(db, change)
    opened: list[str] = []
    views = [await view_locked_ticket(db, account, change.whole)]
    for number, part in enumerate(parts):
        given: dict[str, Any] = {name: value for name, value in part.items() if value is not None}
        asked = {"split_from": ticket.ticket_id, "part": given}
        seen = await whole_tickets.find_whole_ticket(db, account.account_id, given["ticket_id"])
        if seen is not None:
            kept = {name: seen.ticket.request.get(name) for name in asked}
            require_same(f"The ticket {given['ticket_id']!r}", then=kept, now=asked)
            views.append(await view_locked_ticket(db, account, seen))
            continue
        document = inherited | given | asked
        if "category" in given:
            document |= {"variables": given.get("variables", {}), "amount": given.get("amount")}
        order = order_from_document(document, split_from=ticket.ticket_id)
        order = replace(order, origin=origin, at=at)
        try:
            views.append(await open_new_ticket(db, account, order=order, caller=change.caller))
        except InvalidPayload as refused:
            raise refused.below(f"/tickets/{number}") from None
        opened.append(given["ticket_id"])
    if opened:
        views[0] = await record_event(db, change, "split", data={"parts": opened})
    return views


def order_from_document(
    document: Mapping[str, Any], *, split_from: str | None = None
) -> TicketOrder:
    """Return a ticket's order from its document, as it is kept with the ticket."""
    at = document["at"]
    return TicketOrder(
        ticket_id=document["ticket_id"],
        subject=document["subject"],
        request=Request(
            channel=document["channel"],
            severity=document["severity"],
            urgent=document["urgent"],
            plan=document["plan"],
            site=document["site"],
            category=document["category"],
            variables=document["variables"],
            topic=document["topic"],
            amount=document["amount"],
            region=document.get("region"),
        ),
        catalog=document["catalog"],
        at=None if at is None else datetime.fromisoformat(at),
        document=document,
        split_from=split_from,
        requester=document.get("requester"),
    )


async def _inherit(db: Db, change: TicketChange) -> dict[str, Any]:
    """Return the request of a part that leaves all out: as its ticket is now, not as it came."""
    ticket = change.ticket
    inherited: dict[str, Any] = dict(ticket.request) | {
        "catalog": ticket.catalog,
        "plan": ticket.plan or ticket.request["plan"],
        "channel": ticket.channel,
        "severity": ticket.severity,
        "urgent": ticket.urgent,
        "site": await _find_site(db, ticket),
        "category": ticket.category,
        "variables": dict(ticket.variables),
        "at": None,
    }
    if ticket.region is not None:
        inherited["region"] = ticket.region
    if any(event.type in _REPRICES for event in change.whole.events):
        terms, plan = await pools.load_plan(db, ticket)
        asked = describe_asked(ticket, category=ticket.category, variables=ticket.variables)
        listed = find_list_price(catalog=terms, plan=plan, asked=asked)
        put = put_at(ticket, change.whole.events, unit=ticket.charge_unit)
        inherited["amount"] = put or None if listed is None else None
    return inherited


async def _find_site(db: Db, ticket: Ticket) -> str | None:
    """Return the store that a ticket named, or the one to which its cover has moved since."""
    named: str | None = ticket.request["site"]
    if named is None or ticket.site is None or ticket.subscription_id is None:
        return named
    found = await subscriptions.find_subscription(db, ticket.account_id, ticket.subscription_id)
    return named if found.site is None or covers(found.site, ticket.site) else found.site
