"""Tickets' own rows and those of their events: written, and a ticket's read alone."""

from operator import attrgetter

from sqlalchemy import (
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import ticket_events, tickets
from app.domain.access.refusals import Refusal
from app.domain.tickets.tickets import Ticket, TicketEvent


class TicketUnknown(Refusal):
    """The account has no such ticket."""

    kind = "unknown"
    code = "ticket_unknown"
    title = "There is no such ticket"


TICKET = RowType(tickets, Ticket)
TICKET_EVENT = RowType(ticket_events, TicketEvent)

_INSERT = Statement(insert(tickets))
THIS_TICKET = and_(
    tickets.c.account_id == bindparam("account_id"), tickets.c.ticket_id == bindparam("ticket_id")
)
_FIND = Statement(select(*TICKET.columns).where(THIS_TICKET))
_STATE_COLUMNS = (
    "status",
    "waiting_on",
    "outcome",
    "severity",
    "urgent",
    "category",
    "variables",
    "charge_status",
    "charge_unit",
    "charge_amount",
    "charge_held",
    "overage_amount",
    "dispute",
    "resolved_at",
    "last_event_at",
    "events",
    "unanswered",
    "queue_group",
    "next_metric",
    "next_strength",
    "due_at",
    "breaches_after",
    "warn_at",
    "promise_version",
    "site",
    "catalog",
    "catalog_version",
    "plan",
    "subscription_id",
    "rank",
    "on_demand",
    "trace",
    "extra_calendars",
    "region",
    "promised",
)
_UPDATE = Statement(
    update(tickets)
    .where(THIS_TICKET)
    .values({name: bindparam(name) for name in (*_STATE_COLUMNS, "version")})
)
_UPDATED = ("account_id", "ticket_id", *_STATE_COLUMNS, "version")
_read_updated = attrgetter(*_UPDATED)
_INSERT_EVENT = Statement(insert(ticket_events))


async def insert_ticket(db: Db, ticket: Ticket) -> None:
    """Write a new ticket."""
    await db.write(_INSERT, **TICKET.values(ticket))


async def get_ticket(db: Db, account_id: str, ticket_id: str) -> Ticket:
    """Return a ticket's row, or refuse with `ticket_unknown`."""
    record = await db.row(_FIND, account_id=account_id, ticket_id=ticket_id)
    if record is None:
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    return TICKET.read(record)


async def update_ticket(db: Db, ticket: Ticket) -> None:
    """Write a ticket's new state."""
    await db.write(
        _UPDATE,
        **dict(zip(_UPDATED, _read_updated(ticket), strict=True)),
    )


async def insert_event(db: Db, event: TicketEvent) -> None:
    """Write what happened to a ticket."""
    await db.write(_INSERT_EVENT, **TICKET_EVENT.values(event))
