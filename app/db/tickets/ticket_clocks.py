"""What a ticket's clocks are folded from, in one statement."""

from typing import Any

from sqlalchemy import and_, bindparam, literal_column, select

from app.db.accounts.accounts import find_account
from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import ticket_events, tickets
from app.db.tickets.tickets import get_ticket

_TICKET_COLUMNS = (
    tickets.c.subject,
    tickets.c.catalog,
    tickets.c.catalog_version,
    tickets.c.plan,
    tickets.c.promised,
    tickets.c.extra_calendars,
    tickets.c.opened_at,
    tickets.c.last_event_at,
)
_EVENT_COLUMNS = (
    ticket_events.c.number,
    ticket_events.c.type,
    ticket_events.c.at,
    ticket_events.c.data,
)
_CLOCKS = Statement(
    select(
        *_TICKET_COLUMNS,
        tickets.c.request.op("->")(literal_column("'severity'")).label("asked_severity"),
        tickets.c.request.op("->")(literal_column("'urgent'")).label("asked_urgent"),
        *_EVENT_COLUMNS,
    )
    .select_from(
        tickets.outerjoin(
            ticket_events,
            and_(
                ticket_events.c.account_id == tickets.c.account_id,
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


async def load_clock_rows(
    db: Db, account_id: str, ticket_id: str
) -> tuple[dict[str, Any], list[Any]]:
    """Return what a ticket's clocks run by, and its events in the order they were reported.

    Of the request there are the severity and the urgency it began with. Refuses with
    `account_unknown` and `ticket_unknown`.
    """
    rows = await db.rows(_CLOCKS, account_id=account_id, ticket_id=ticket_id)
    if not rows:
        await find_account(db, account_id)
        return await get_ticket(db, account_id, ticket_id), []
    first = rows[0]
    ticket = {column.name: first[column.name] for column in _TICKET_COLUMNS}
    ticket["request"] = {"severity": first["asked_severity"], "urgent": first["asked_urgent"]}
    return ticket, [row for row in rows if row["number"] is not None]
