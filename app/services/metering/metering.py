"""Metering of sessions: their minutes read by the clock, and charged step by step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.domain.ledger.burn_order import draw
from app.domain.ledger.ledger import EntryKind, Movement
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import MOST_STEPS, Reading, read_meter
from app.domain.tickets import charges as charging
from app.domain.tickets.expected_charges import pays_overage
from app.domain.tickets.tickets import Ticket
from app.domain.values import Value, replace
from app.services.coverage import pools
from app.services.ledger.running_sessions import draw_begun, leave, sum_sessions
from app.services.tickets import charge_events, charges

CAUSE = "session"


async def read_session(
    db: Db,
    ticket: Ticket,
    row: Session,
    rows: Sequence[Session],
    *,
    at: datetime,
    account: LockedAccount | None,
) -> Reading | None:
    """Return how a session stands at `at`; None unless it runs."""
    if row.status != "running":
        return None
    usages = await sum_sessions(db, ticket, rows)
    meter = usages.meter(row.kind, row.session_id, started_at=row.require_running())
    _, plan = await pools.load_plan(db, ticket)
    if pays_overage(ticket, plan):
        return read_meter(meter, at=at, free=MOST_STEPS)
    # What it has begun is drawn as of when it began; what it may still begin, as of now.
    since = min([at, *meter.unpaid_begin_at(1)])
    lots = await pools.load_lots(db, ticket, at=since, account=account)
    begun = draw_begun(meter, lots, at=at)
    left = [lot for lot in lots if not lot.has_ended(at)]
    _, missing = draw([leave(lot, begun[lot.lot_id]) for lot in left], MOST_STEPS, at=at)
    due = read_meter(meter, at=at, free=MOST_STEPS).due
    further = MOST_STEPS - missing if begun.total() == due else 0
    return read_meter(meter, at=at, free=begun.total() + further)


class Steps(Value):
    """Further incidents that were charged, or given back; `overage` of them no lot paid."""

    count: int = 0
    overage: int = 0
    returns: tuple[dict[str, Any], ...] = ()


async def charge_steps(
    db: Db, account: LockedAccount, ticket: Ticket, begins: Sequence[datetime], *, stamp: Stamp
) -> Steps:
    """Charge further incidents, one as of each of these instants, as far as there are any.

    An open ticket holds them; one that is resolved has used them. Beyond what there are, they
    are billed where the plan bills them.
    """
    if not begins:
        return Steps()
    after = await charges.charge_instant(db, account, ticket, begins[0])
    instants = [max(at, after) for at in begins]
    read_at = instants[0]
    lots = await pools.load_lots(db, ticket, at=read_at, account=account)
    kind: EntryKind = "settle" if ticket.status == "resolved" else "hold"
    for number, at in enumerate(instants):
        allocations, missing = draw(lots, 1, at=at)
        came = any(read_at < lot.valid_from <= at for lot in lots)
        if (missing or came) and at > read_at:
            # What has come since the steps before, or has come back, is there for this one.
            read_at = at
            lots = await pools.load_lots(db, ticket, at=at, account=account)
            allocations, missing = draw(lots, 1, at=at)
        if missing:
            over = await _bill(db, account, ticket, instants[number:], stamp=stamp)
            return Steps(number + over, over)
        lot = allocations[0].lot
        movement = Movement(kind, account.lots.get(lot.lot_id, lot), 1)
        await ledger.post(db, account, [movement], replace(stamp, effective_at=at))
        lots = [leave(each, 1) if each.lot_id == lot.lot_id else each for each in lots]
    return Steps(len(instants))


async def _bill(
    db: Db, account: LockedAccount, ticket: Ticket, begins: Sequence[datetime], *, stamp: Stamp
) -> int:
    """Bill further incidents that no lot pays; return how many: none where the plan bills none."""
    _, plan = await pools.load_plan(db, ticket)
    if not pays_overage(ticket, plan):
        return 0
    for at in begins:
        await ledger.post_overage(
            db, account, unit=plan.unit, amount=1, stamp=replace(stamp, effective_at=at)
        )
    charge_events.record_overage(
        account, ticket, unit=plan.unit, amount=len(begins), at=stamp.effective_at
    )
    return len(begins)


async def return_steps(
    db: Db, account: LockedAccount, ticket: Ticket, given: int, *, stamp: Stamp
) -> Steps:
    """Give back so many incidents: what is billed first, then what is held, then what is used."""
    if not given:
        return Steps()
    terms, plan = await pools.load_plan(db, ticket)
    over = min(given, ticket.overage_amount)
    if over:
        await ledger.post_overage(db, account, unit=plan.unit, amount=-over, stamp=stamp)
        charge_events.record_overage(
            account, ticket, unit=plan.unit, amount=-over, at=stamp.effective_at
        )
    given -= over
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    released = min(given, charge.held)
    movements = charging.release(charge, released)
    refunded = min(given - released, charge.used)
    if refunded:
        movements += charging.refund(charge, refunded)
    at = await charges.charge_instant(db, account, ticket, stamp.effective_at)
    returned = await charges.post_charge(
        db, account, movements, stamp=replace(stamp, effective_at=at), policies=terms.policies
    )
    return Steps(given + over, -over, tuple(charges.describe_returns(returned)))
