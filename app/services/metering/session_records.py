"""Sessions with their ticket: read, listed, and written together with what happened to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.db.engine.unit_of_work import Db
from app.db.metering import sessions
from app.domain.events.session_events import SessionData
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import Reading
from app.domain.tickets.tickets import Ticket
from app.domain.values import Value
from app.services.metering import metering
from app.services.tickets import charge_events, charges, tickets
from app.services.tickets.tickets import TicketChange, TicketView, record_event


class SessionView(Value):
    """A session whole: its row, how it stands while it runs, and its ticket."""

    row: Session
    reading: Reading | None
    ticket: TicketView


async def list_sessions(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    after: tuple[Any, ...] | None,
    ascending: bool,
    limit: int,
) -> list[SessionView]:
    """Return a ticket's sessions in the order they were booked, after a place in it.

    What a session costs depends on the ticket's others, so all of them are read.
    """
    view = await tickets.get_ticket(db, account_id=account_id, ticket_id=ticket_id)
    rows = await sessions.load_ticket_sessions(db, account_id, ticket_id)
    now = db.read_clock()
    ordered = rows if ascending else rows[::-1]
    places = [_place(each) for each in ordered]
    first = 0 if after is None else sum(p <= after if ascending else p >= after for p in places)
    return [
        SessionView(
            row, await metering.read_session(db, view.ticket, row, rows, at=now, account=None), view
        )
        for row in ordered[first : first + limit]
    ]


async def get_session(db: Db, ticket: Ticket, session_id: str) -> Session:
    """Return a session of the ticket, or refuse with `session_unknown`."""
    row = await sessions.find_session(db, ticket.account_id, session_id)
    if row is None or row.ticket_id != ticket.ticket_id:
        raise sessions.SessionUnknown(
            f"The ticket {ticket.ticket_id!r} has no session {session_id!r}."
        )
    return row


async def view_session(db: Db, change: TicketChange, row: Session) -> SessionView:
    """Return a session with its ticket, as they stand now."""
    account, ticket = change.account, change.ticket
    rows = await sessions.load_ticket_sessions(db, account.account_id, ticket.ticket_id)
    reading = await metering.read_session(db, ticket, row, rows, at=account.now, account=account)
    return SessionView(row, reading, await tickets.view_locked_ticket(db, account, change.whole))


async def record_session(
    db: Db,
    change: TicketChange,
    row: Session,
    type_: str,
    *,
    at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
    happened: SessionData | None = None,
    overage: int = 0,
    is_new: bool = False,
) -> SessionView:
    """Write a session, and what happened to it among its ticket's events, and return both.

    `happened` is recorded among the account's events, where there is one for it; `overage` is
    what of its further incidents is billed now, beyond what the ticket had billed.
    """
    account, ticket, known = change.account, change.ticket, dict(data or {})
    at = change.at if at is None else at
    found = await sessions.load_ticket_sessions(db, account.account_id, row.ticket_id)
    others = [each for each in found if each.session_id != row.session_id]
    await (sessions.insert_session if is_new else sessions.update_session)(db, row)
    charge = await charges.load_charge(db, account, row.ticket_id)
    charge_events.record_difference(
        account,
        ticket,
        unit=ticket.charge_unit,
        before=ticket.charge_amount,
        after=charge.held + charge.used,
        at=at,
        returns=known.get("returns", ()),
        session_id=row.session_id,
    )
    if happened is not None:
        account.record(happened, at=at)
    view = await record_event(
        db,
        change,
        type_,
        at=at,
        data={"session_id": row.session_id, "kind": row.kind} | known,
        overage_amount=ticket.overage_amount + overage,
    )
    rows = sorted([*others, row], key=_place)
    reading = await metering.read_session(
        db, view.ticket, row, rows, at=account.now, account=account
    )
    return SessionView(row, reading, view)


def _place(row: Session) -> tuple[datetime, str]:
    return row.created_at, row.session_id
