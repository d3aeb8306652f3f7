"""Sandbox accounts: their clock, moved forward by hand."""

from pydantic import Field

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Instant, Wire
from app.services.accounts.sandboxes import ClockBack, NotSandbox
from app.services.events import sandbox_clock

routes = router("Accounts")


class ClockChange(Wire):
    """The instant to which a sandbox's clock is to be moved."""

    to: Instant = Field(examples=["2027-11-28T10:00:00Z"])
    """The instant to move the clock to: not before the clock, and at most ten years after it."""


class ClockWire(Wire):
    """A sandbox account's clock, after it was moved."""

    account_id: str
    """The sandbox account whose clock was moved."""
    clock: Instant
    """The instant at which the clock stands now."""
    recorded: int
    """The number of events that were recorded for what fell due on the way."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post("/v1/accounts/{account_id}/clock", summary="Move a sandbox's clock", status_code=200)
@operation("admin", writes=True, refuses=[NotSandbox, ClockBack])
async def move_clock(db: RequestDb, account_id: AccountId, body: ClockChange) -> ClockWire:
    """Move a sandbox account's clock forward, never back, and wait until that is done.

    All that falls due on the way is recorded at its instant and in its order: warnings, breaches,
    units that end soon or have ended, ends of terms. The events and webhooks are the same as for
    any other account, with `"sandbox": true`.
    """
    moved = await sandbox_clock.move_clock(db, account_id=account_id, to=body.to)
    return ClockWire.model_validate(moved)
