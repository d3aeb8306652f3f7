"""Sessions that run: what their minutes have begun to cost is theirs, held yet or not.

Nobody need look at a session for a further incident to be set aside when its minutes begin:
whoever draws on the account's lots leaves it, and the session's end, or a correction, writes it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import stored_lots, subscriptions
from app.db.metering import sessions
from app.db.tickets import tickets
from app.domain.ledger.burn_order import draw
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import lots_of_pool
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import (
    LONGEST_MINUTES,
    MOST_STEPS,
    Meter,
    SessionUsage,
    TicketSessions,
    pays_by_steps,
    read_meter,
)
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace


async def sum_sessions(
    db: Db, ticket: Ticket, rows: Sequence[Session], *, now: datetime | None = None
) -> TicketSessions:
    """Return a ticket's sessions together, with what it costs besides them.

    With `now`, what is booked from then on, or runs, counts as booked.
    """
    terms = await catalogs.load_catalog(db, ticket.catalog, ticket.catalog_version)
    charged = sum(row.charged for row in rows)
    return TicketSessions(
        channels=terms.channels,
        by_steps=ticket.plan is not None
        and pays_by_steps(terms.plans[ticket.plan], category=ticket.category),
        own=ticket.charge_amount + ticket.overage_amount - charged,
        usages=tuple(
            SessionUsage(
                session_id=row.session_id,
                kind=row.kind,
                minutes=row.minutes or 0,
                charged=row.charged,
                booked=row.booked_minutes if now is not None and row.takes_time(now) else 0,
            )
            for row in rows
        ),
    )


async def set_aside_begun(
    db: Db, account_id: str, lots: Sequence[Lot], *, at: datetime, besides: str | None = None
) -> list[Lot]:
    """Return lots without what running sessions have begun by `at` and not held yet.

    Those of the ticket `besides` are left in: it is the one that draws.
    """
    begun = await find_begun(db, account_id, at=at, besides=besides)
    return [leave(lot, begun[lot.lot_id]) for lot in lots] if begun else list(lots)


async def find_begun(
    db: Db, account_id: str, *, at: datetime, besides: str | None = None
) -> Counter[UUID]:
    """Return what running sessions have begun of each of an account's lots by `at`, not held yet.

    Of lots that have ended since, too: each step is drawn when its minutes began. The ticket
    `besides` is left out.
    """
    begun: Counter[UUID] = Counter()
    left: list[Lot] = list(
        await stored_lots.load_lots_since(db, account_id, at - timedelta(minutes=LONGEST_MINUTES))
    )
    if not any(lot.unit == "incident" for lot in left):
        return begun
    for row in await sessions.load_running(db, account_id):
        if row.ticket_id == besides:
            continue
        ticket = await tickets.get_ticket(db, account_id, row.ticket_id)
        rows = await sessions.load_ticket_sessions(db, account_id, row.ticket_id)
        usages = await sum_sessions(db, ticket, rows)
        meter = usages.meter(row.kind, row.session_id, started_at=row.require_running())
        taken = draw_begun(meter, await _list_pool(db, ticket, left), at=at)
        left = [leave(lot, taken[lot.lot_id]) for lot in left]
        begun += taken
    return begun


def draw_begun(meter: Meter, lots: Sequence[Lot], *, at: datetime) -> Counter[UUID]:
    """Return what a running session has begun of each lot by `at`, and not held yet.

    Each further incident is drawn when its minutes begin, as it will be held.
    """
    taken: Counter[UUID] = Counter()
    left = list(lots)
    due = read_meter(meter, at=at, free=MOST_STEPS).due
    for begins_at in meter.unpaid_begin_at(due):
        drawn, missing = draw(left, 1, at=begins_at)
        if missing:
            break
        lot_id = drawn[0].lot.lot_id
        taken[lot_id] += 1
        left = [leave(lot, 1) if lot.lot_id == lot_id else lot for lot in left]
    return taken


async def _list_pool(db: Db, ticket: Ticket, lots: Sequence[Lot]) -> list[Lot]:
    """Return the lots of a ticket's pool."""
    if ticket.subscription_id is None:
        return []
    own = await subscriptions.find_subscription(db, ticket.account_id, ticket.subscription_id)
    return lots_of_pool(lots, own.pool)


def leave(lot: Lot, amount: int) -> Lot:
    """Return the lot with so many units less to be drawn; its buckets stay as they are written."""
    free = lot.free if lot.lowest_free is None else lot.lowest_free
    if not amount or free is None:
        return lot
    return replace(lot, lowest_free=free - amount)
