"""Clocks of a ticket: the rows that they are folded from, in one statement."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, literal_column, select

from app.db.accounts.accounts import find_account
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import ticket_events, tickets
from app.db.tickets.tickets import TICKET_EVENT, TicketUnknown
from app.domain.tickets.archived_tickets import build_refusal
from app.domain.tickets.tickets import TicketEvent
from app.domain.values import Value


class ClockedTicket(Value):
    """What a ticket's clocks run by, as far as a `Ticket` has it; and its subject."""

    subject: str
    catalog: str
    catalog_version: int
    plan: str | None
    promised: bool
    extra_calendars: Sequence[str]
    region: str | None
    opened_at: datetime
    last_event_at: datetime
    asked_severity: int | None
    asked_urgent: bool
    channel: str
    topic: str | None
    asked_category: str | None
    archived_in: str | None


_TICKET_COLUMNS = (
    tickets.c.subject,
    tickets.c.catalog,
    tickets.c.catalog_version,
    tickets.c.plan,
    tickets.c.promised,
    tickets.c.extra_calendars,
    tickets.c.region,
    tickets.c.opened_at,
    tickets.c.last_event_at,
    tickets.c.request.op("->")(literal_column("'severity'")).label("asked_severity"),
    tickets.c.request.op("->")(literal_column("'urgent'")).label("asked_urgent"),
    tickets.c.channel,
    tickets.c.topic,
    tickets.c.request.op("->>")(literal_column("'category'")).label("asked_category"),
    tickets.c.archived_in,
)
_EVENT_AT = len(_TICKET_COLUMNS)
_CLOCKS = Statement(
    select(*_TICKET_COLUMNS, *TICKET_EVENT.columns)
    .select_from(
        tickets.outerjoin(
            ticket_events,
            and_(
                ticket_events.c.account_id == bindparam("account_id"),
                ticket_events.c.ticket_id == tickets.c.ticket_id,
            ),
        )
    )
    .where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(ticket_events.c.number)
)


async def load_clocked_ticket(
    db: Db, account_id: str, ticket_id: str
) -> tuple[ClockedTicket, list[TicketEvent]]:
    """Return what a ticket's clocks run by, and its events in the order they were reported.

    Refuses with `account_unknown`, `ticket_unknown` and `ticket_archived`.
    """
    records = await db.rows(_CLOCKS, account_id=account_id, ticket_id=ticket_id)
    if not records:
        await find_account(db, account_id)
        raise TicketUnknown(f"There is no ticket {ticket_id!r}.")
    ticket = ClockedTicket(*records[0][:_EVENT_AT])
    if ticket.archived_in is not None:
        raise build_refusal(ticket_id, ticket.archived_in)
    return ticket, [
        TICKET_EVENT.read(record[_EVENT_AT:]) for record in records if record["number"] is not None
    ]
