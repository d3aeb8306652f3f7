"""Splits: one ticket with several questions becomes several tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.engine.unit_of_work import Db
from app.db.tickets import whole_tickets
from app.domain.access.refusals import InvalidPayload
from app.domain.coverage.requests import Request
from app.domain.tickets.openings import Origin, TicketOrder
from app.domain.tickets.ticket_history import inherit_events, read_clock_events
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace
from app.services.access.repeats import require_same
from app.services.tickets.openings import open_new_ticket
from app.services.tickets.tickets import (
    TicketChange,
    TicketView,
    record_event,
    view_locked_ticket,
)


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
        document = _inherit(ticket, given) | asked
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


def _inherit(ticket: Ticket, given: dict[str, Any]) -> dict[str, Any]:
    inherited: dict[str, Any] = dict(ticket.request) | {
        "catalog": ticket.catalog,
        "plan": ticket.plan or ticket.request["plan"],
        "channel": ticket.channel,
        "severity": ticket.severity,
        "urgent": ticket.urgent,
        "at": None,
    }
    if ticket.region is not None:
        inherited["region"] = ticket.region
    if "category" in given:
        inherited |= {"variables": {}, "amount": None}
    return inherited | given
