"""A sandbox's clock moved forward: what falls due on the way is recorded, at its instant."""

from datetime import datetime

from app.db.accounts import accounts
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.events import due_accounts
from app.domain.time.instants import write_instant
from app.services.accounts.sandboxes import FURTHEST_STEP, ClockBack, ClockMove, NotSandbox
from app.services.events.notices import record_due


async def move_clock(db: Db, *, account_id: str, to: datetime) -> ClockMove:
    """Move a sandbox's clock forward to `to`, and record what falls due on the way, in its order.

    All of it is one transaction: what is interrupted has moved nothing. Refuses `not_sandbox`,
    and `clock_not_forward` for what lies behind the clock or more than ten years ahead of it.
    """
    account = await lock_account(db, account_id)
    if not account.sandbox:
        raise NotSandbox(f"The account {account_id!r} goes by everybody's clock.")
    if not account.now <= to <= account.now + FURTHEST_STEP:
        raise ClockBack(
            f"The clock stands at {write_instant(account.now)};"
            " it can be moved up to ten years forward at a time."
        )
    before = account.events
    while at := await due_accounts.find_next_instant(db, account_id, until=to):
        account.now = max(account.now, at)
        for due in await due_accounts.find_due_in_account(db, account_id, now=account.now):
            await record_due(db, due)
    account.now = to
    db.stop_clock(to)
    await accounts.move_sandbox_clock(db, account.account_id, to=to)
    return ClockMove(account_id, to, account.events - before, account.sequence)
