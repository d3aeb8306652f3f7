"""Charging anew: what a ticket needs, taken from the pool that pays for it now."""

from collections.abc import Mapping, Sequence

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.db.metering import work
from app.domain.ledger.burn_order import Allocation, draw
from app.domain.metering.counted_minutes import takes_nothing
from app.domain.metering.work import Work, WorkPart, WorkSpan
from app.domain.metering.work_parts import read_parts, write_parts
from app.domain.tickets import charges as charging
from app.domain.tickets.openings import Opening
from app.domain.tickets.tickets import Ticket
from app.domain.values import replace
from app.services.coverage import pools
from app.services.metering import counted_work, spending
from app.services.tickets import charges


async def charge_anew(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    opening: Opening,
    pieces: Sequence[Work],
    *,
    refunded: Mapping[str, int],
    stamp: Stamp,
) -> int:
    """Charge what a ticket needs to the pool that pays now; return what of it is overage.

    Minutes logged are taken first, as of now, but for those that were billed and `refunded`; what
    it was put at beyond them is held.
    """
    coverage = opening.coverage
    if coverage.price.unit != "minute":
        for piece in pieces:
            parts = [WorkPart(opening.at, piece.minutes, "nothing", None)]
            await _store_parts(db, piece, parts, overage=0)
        await _hold(db, account, coverage.allocations, opening, stamp=stamp)
        return 0
    overage = counted = 0
    for piece, spans in zip(
        pieces, await counted_work.count_pieces(db, account, ticket, pieces), strict=True
    ):
        minutes = sum(each.minutes for each in spans)
        counted += minutes
        free = min(refunded.get(piece.work_id, 0), minutes)
        taken = minutes - free
        spent = await spending.spend(
            db,
            account,
            ticket,
            [WorkSpan(opening.at, taken, piece.worked, taken)] if taken else [],
            over_cap=piece.request["over_cap"],
            stamp=replace(stamp, reference=piece.work_id),
        )
        given = [WorkPart(opening.at, free, "nothing", None)] if free else []
        parts = await counted_work.mark_work(db, ticket, [*spent.parts, *given], spans)
        await _store_parts(db, replace(piece, minutes=minutes), parts, overage=spent.overage)
        overage += spent.overage
    rest = coverage.price.amount - counted
    if rest > 0 and coverage.pool is not None:
        lots = await pools.load_lots(db, ticket, at=opening.at, account=account)
        allocations, missing = draw(lots, rest, at=opening.at)
        if missing and not coverage.pool.plan.overage:
            raise await charges.insufficient_units(
                db,
                ticket,
                "minute",
                required=coverage.price.amount,
                missing=missing,
                at=opening.at,
            )
        await _hold(db, account, allocations, opening, stamp=stamp)
    return overage


def count_refunded(ticket: Ticket, pieces: Sequence[Work]) -> dict[str, int]:
    """Return how many minutes of each piece were billed and given back: they cost nothing."""
    if ticket.charge_unit != "minute" or takes_nothing(ticket.category):
        return {}
    return {
        piece.work_id: sum(
            part.minutes for part in read_parts(piece.parts) if part.source == "nothing"
        )
        for piece in pieces
    }


async def _hold(
    db: Db,
    account: LockedAccount,
    allocations: Sequence[Allocation],
    opening: Opening,
    *,
    stamp: Stamp,
) -> None:
    policies = opening.coverage.terms.policies
    await charges.post_charge(
        db, account, charging.hold(allocations), stamp=stamp, policies=policies
    )


async def _store_parts(db: Db, piece: Work, parts: Sequence[WorkPart], *, overage: int) -> None:
    changed = replace(piece, parts=write_parts(parts), overage_minutes=overage)
    await work.update_work(db, changed)
