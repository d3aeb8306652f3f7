"""Unbilling: what was billed beyond a plan, or without one, is billed no more."""

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.db.metering import work
from app.domain.catalog.amounts import Unit
from app.domain.metering.work_parts import read_parts, unbill_parts, write_parts
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace


async def unbill(
    db: Db, account: LockedAccount, ticket: Ticket, amount: int, *, unit: Unit, stamp: Stamp
) -> None:
    """Bill so many of a ticket's units no more: of minutes those of its last work first.

    Those count as of when they were worked, as a correction of the work does; the work itself,
    and how long it took, stay as they are.
    """
    left = amount
    if unit == "minute":
        left = await _unbill_work(db, account, ticket, amount, stamp=stamp)
    if left:
        await ledger.post_overage(db, account, unit=unit, amount=-left, stamp=stamp)


async def _unbill_work(
    db: Db, account: LockedAccount, ticket: Ticket, minutes: int, *, stamp: Stamp
) -> int:
    """Bill minutes of a ticket's work no more; return those that no work has."""
    pieces = await work.load_work_of(db, account.account_id, [ticket.ticket_id])
    for piece in reversed(pieces):
        parts, taken = unbill_parts(read_parts(piece.parts), minutes)
        given = sum(each.minutes for each in taken)
        if not given:
            continue
        minutes -= given
        for each in taken:
            at = replace(stamp, effective_at=each.at, reference=piece.work_id)
            await ledger.post_overage(db, account, unit="minute", amount=-each.minutes, stamp=at)
        correction = {
            "at": account.now.isoformat(),
            "from_minutes": piece.minutes,
            "minutes": piece.minutes,
            "from_worked": piece.worked,
            "worked": piece.worked,
            "overage_minutes": -given,
            "reason": stamp.reason or stamp.cause,
            "actor": stamp.actor,
            "sequence": account.sequence,
            "from_parts": piece.parts,
        }
        changed = replace(
            piece,
            overage_minutes=piece.overage_minutes - given,
            parts=write_parts(parts),
            corrections=[*piece.corrections, correction],
        )
        await work.update_work(db, changed)
    return minutes
