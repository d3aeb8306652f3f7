"""Billed minutes given back: they are billed no more, at the rates at which they were."""

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.db.metering import work
from app.domain.metering.work_parts import read_parts, unbill_parts, write_parts
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace


async def unbill_minutes(
    db: Db, account: LockedAccount, ticket: Ticket, minutes: int, *, stamp: Stamp
) -> None:
    """Bill so many minutes of a ticket no more: those of its last work first.

    As of when each was worked, as a correction of the work does; the work itself, and how long
    it took, stay as they are.
    """
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
    if minutes:  # which no work that is known has
        await ledger.post_overage(db, account, unit="minute", amount=-minutes, stamp=stamp)
