"""Reopenings: a ticket is taken up again, and what was booked for it where its time is still free.

What is booked takes no time while its ticket is resolved, so that others may have it by then.
"""

from typing import Literal

from app.db.engine.unit_of_work import Db
from app.db.metering import sessions
from app.domain.catalog.channels import Channel
from app.services.metering.sessions import cancel_booked
from app.services.metering.slots import is_time_free
from app.services.tickets import ticket_actions
from app.services.tickets.tickets import TicketChange, TicketView, take_metered_ticket

_TAKEN = "Its time was given to others while the ticket was resolved."


async def reopen(db: Db, change: TicketChange, *, reason: str) -> TicketView:
    """Take up a resolved ticket again; a session whose time others have is cancelled."""
    view = await ticket_actions.reopen(db, change, reason=reason)
    return await _keep_bookings(db, change, view)


async def reply(
    db: Db, change: TicketChange, *, by: Literal["agent", "customer"], channel: Channel | None
) -> TicketView:
    """Record a reply; one that reopens the ticket does so as `reopen` does."""
    was_resolved = change.ticket.status == "resolved"
    view = await ticket_actions.reply(db, change, by=by, channel=channel)
    if was_resolved and view.ticket.status != "resolved":
        return await _keep_bookings(db, change, view)
    return view


async def _keep_bookings(db: Db, change: TicketChange, view: TicketView) -> TicketView:
    """Take the times of the ticket's booked sessions again, or cancel those that are taken."""
    account_id, ticket_id = view.ticket.account_id, view.ticket.ticket_id
    for row in await sessions.load_ticket_sessions(db, account_id, ticket_id):
        if row.status != "booked" or row.ends_at <= change.account.now:
            continue
        present = await take_metered_ticket(
            db, account_id=account_id, ticket_id=ticket_id, caller=change.caller, books=True
        )
        if not await is_time_free(db, present.account, row):
            view = (await cancel_booked(db, present, row, by="agent", reason=_TAKEN)).ticket
    return view
