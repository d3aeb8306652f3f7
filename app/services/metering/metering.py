"""Metering of sessions: their minutes read by the clock, and charged step by step."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.db.engine.database import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.domain.ledger.burn_order import draw
from app.domain.ledger.ledger import EntryKind, Lot, Movement
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import MOST_STEPS, Reading, read_meter
from app.domain.tickets import charges as charging
from app.domain.tickets.tickets import Ticket
from app.services.coverage import pools
from app.services.coverage.running_sessions import sum_sessions
from app.services.tickets import charges

CAUSE = "session"


async def read_session(
    db: Db, ticket: Ticket, row: Session, rows: Sequence[Session], *, at: datetime
) -> Reading | None:
    """Return how a session stands at `at`; None unless it runs."""
    if row.status != "running":
        return None
    usages = await sum_sessions(db, ticket, rows)
    meter = usages.meter(row.kind, row.session_id, started_at=row.require_running())
    lots = await pools.load_lots(db, ticket, at=at, clock_at=at)
    _, missing = draw(lots, MOST_STEPS, at=at)
    return read_meter(meter, at=at, free=MOST_STEPS - missing)


async def charge_steps(
    db: Db, account: LockedAccount, ticket: Ticket, begins: Sequence[datetime], *, stamp: Stamp
) -> int:
    """Charge further incidents, one as of each of these instants, as far as there are any.

    Returns how many there were. An open ticket holds them; one that is resolved has used them.
    """
    if not begins:
        return 0
    after = await charges.charge_instant(db, ticket, begins[0])
    instants = [max(at, after) for at in begins]
    lots = await pools.load_lots(db, ticket, at=instants[0], clock_at=account.clock_at)
    kind: EntryKind = "settle" if ticket.status == "resolved" else "hold"
    for number, at in enumerate(instants):
        allocations, missing = draw(lots, 1, at=at)
        if missing:
            return number
        movement = Movement(kind, allocations[0].lot, 1)
        moved = await ledger.post(db, account, [movement], replace(stamp, effective_at=at))
        lots = [_after(lot, moved.get(lot.lot_id)) for lot in lots]
    return len(instants)


async def return_steps(
    db: Db, account: LockedAccount, ticket: Ticket, given: int, *, stamp: Stamp
) -> list[dict[str, Any]]:
    """Give back so many incidents: what is held first, then what is used; say where they went."""
    terms, _ = await pools.load_plan(db, ticket)
    charge = await charges.load_charge(db, account.account_id, ticket.ticket_id)
    released = min(given, charge.held)
    movements = charging.release(charge, released)
    refunded = min(given - released, charge.used)
    if refunded:
        movements += charging.refund(charge, refunded)
    at = await charges.charge_instant(db, ticket, stamp.effective_at)
    returned = await charges.post_charge(
        db, account, movements, stamp=replace(stamp, effective_at=at), policies=terms.policies
    )
    return charges.describe_returns(returned)


def _after(lot: Lot, moved: Lot | None) -> Lot:
    if moved is None:
        return lot
    lowest = None if lot.lowest_free is None else lot.lowest_free - 1
    return replace(moved, lowest_free=lowest)
