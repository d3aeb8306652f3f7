"""Sandbox accounts: a clock of their own, and all that falls due while it is moved forward.

Such an account is real in all else: the same code, rules, events and webhooks.
"""

import re
from datetime import datetime, timedelta

from app.db.accounts import accounts
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Refusal
from app.domain.values import Value

# Whether an account is a sandbox never changes, so each process remembers those that are none.
_REAL = "real account"
_NAME_BYTES = 300
_ACCOUNT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")
FURTHEST_STEP = timedelta(days=3_660)


class SandboxFixed(Refusal):
    """Whether an account is a sandbox is said when it is made, and cannot be changed."""

    kind = "invalid"
    code = "sandbox_fixed"
    title = "An account does not become a sandbox, nor stop being one"


class NotSandbox(Refusal):
    """The account has no clock of its own to be moved."""

    kind = "conflict"
    code = "not_sandbox"
    title = "The account is not a sandbox"


class ClockBack(Refusal):
    """A sandbox's clock is moved forward, by ten years at most at a time, and never back."""

    kind = "conflict"
    code = "clock_not_forward"
    title = "A clock moves forward only"


class ClockMove(Value):
    """Where a sandbox's clock stands now, and how many events were recorded on the way."""

    account_id: str
    clock: datetime
    recorded: int
    sequence: int


async def use_account_clock(db: Db, account_id: str) -> None:
    """Let the clock stand where a sandbox account's does; leave it for any other account."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        return  # which the operation refuses
    if db.immutable.find((_REAL, account_id)):
        return
    exists, clock = await accounts.read_sandbox_clock(db, account_id)
    if exists and clock is None:
        db.immutable.store((_REAL, account_id), True, weight=_NAME_BYTES)
    if clock is not None:
        db.stop_clock(clock)
