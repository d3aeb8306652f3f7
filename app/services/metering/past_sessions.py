"""Past sessions: recorded as they took place, without asking whether their time was free."""

from datetime import datetime, timedelta

from app.db.engine.unit_of_work import Db
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.events.session_events import describe_booking
from app.domain.metering.sessions import USUAL_MINUTES
from app.domain.metering.slots import Slot
from app.domain.values import Value
from app.services.access.repeats import require_same
from app.services.metering.session_minutes import end_session, start_session
from app.services.metering.session_records import SessionView, record_session, view_session
from app.services.metering.sessions import SessionOrder, make_session, miss_session
from app.services.tickets.tickets import take_metered_ticket

_MINUTE = timedelta(minutes=1)


class PastSession(Value):
    """A session that is over: when it ran, or that the customer did not come."""

    order: SessionOrder
    ended_at: datetime | None
    missed: bool


async def record_past_session(
    db: Db, *, account_id: str, ticket_id: str, past: PastSession, caller: Caller
) -> SessionView:
    """Record a session that took place, with its minutes charged when they were.

    Neither hours nor what else was booked then are looked at. Recorded before, it is left as it
    is.
    """
    order = past.order
    change = await take_metered_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=order.starts_at,
        session_id=order.session_id,
    )
    document = {"ticket_id": ticket_id} | dict(order.document)
    seen = await sessions.find_session(db, account_id, order.session_id)
    if seen is not None:
        require_same(f"The session {order.session_id!r}", then=seen.request, now=document)
        return await view_session(db, change, seen)
    starts_at = change.at
    ends_at = starts_at + (order.minutes or USUAL_MINUTES) * _MINUTE
    row = make_session(change, order, document, Slot(order.kind, starts_at, ends_at))
    happened = describe_booking(change.ticket, row, sequence=change.account.sequence)
    view = await record_session(db, change, row, "session_booking", happened=happened, is_new=True)
    if past.missed:
        return await miss_session(
            db,
            account_id=account_id,
            ticket_id=ticket_id,
            session_id=order.session_id,
            caller=caller,
            at=starts_at,
        )
    if past.ended_at is not None:
        for act, at in ((start_session, starts_at), (end_session, past.ended_at)):
            view = await act(
                db,
                account_id=account_id,
                ticket_id=ticket_id,
                session_id=order.session_id,
                at=at,
                caller=caller,
            )
    return view
