"""Repairs of an account's clock: what a clock that was far ahead had done to an account, undone."""

from datetime import datetime

from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.ledger import clock_repairs
from app.domain.events.account_events import AccountClockRepairedData
from app.domain.ledger.clock_repairs import require_ahead
from app.domain.values import Value


class ClockRepair(Value):
    """From where to where an account's clock was set, and what else was dated ahead."""

    account_id: str
    found_at: datetime
    repaired_at: datetime
    entries: int
    ticket_ids: tuple[str, ...]
    order_ids: tuple[str, ...]


async def repair_clock(db: Db, *, account_id: str, reason: str, actor: str) -> ClockRepair:
    """Set an account's clock, which is far ahead, to the present.

    Its entries that are stamped ahead take effect now, and lots and terms that began with them
    begin now; their ends stay. What they were stamped with is recorded, and an event. Tickets
    and orders of the time ahead are returned and stay as they are. Raises
    `ClockNotAheadError` where there is nothing to repair.
    """
    account = await lock_account(db, account_id)
    now, found_at = db.read_clock(), account.clock_at
    require_ahead(found_at, now=now, sandbox=account.sandbox)
    ahead = await clock_repairs.load_ahead(db, account_id, now=now)
    await clock_repairs.insert_repair(
        db,
        account_id,
        found_at=found_at,
        now=now,
        stamps=ahead.stamps,
        reason=reason,
        actor=actor,
    )
    if ahead.stamps:
        await clock_repairs.restamp(
            db, account_id, found_at=found_at, now=now, first=ahead.stamps[0]["sequence"]
        )
    account.clock_at = account.now = now
    data = AccountClockRepairedData(
        found_at=found_at,
        repaired_at=now,
        entries=len(ahead.stamps),
        sequence=account.sequence,
    )
    account.record(data, at=now)
    return ClockRepair(
        account_id, found_at, now, len(ahead.stamps), ahead.ticket_ids, ahead.order_ids
    )
