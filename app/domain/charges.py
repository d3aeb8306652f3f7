"""Charges as movements: hold, settle, release and refund, lot by lot.

A hold draws in burn order; what it settles goes to its lots in the same order and what it gives
back leaves them in the opposite one. So hold, revisions and settle leave every lot as a direct
charge would have, and a refund restores every lot (DESIGN §2, law 5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.ledger import Allocation, Lot, Movement, TicketUse, burn_key, draw
from app.domain.refusals import Refusal

ChargeStatus = Literal[
    "none", "held", "settled", "returned", "partly_refunded", "refunded", "overage"
]


class ChargeSettled(Refusal):
    """The charge is resolved already; a refund returns what it took."""

    kind = "conflict"
    code = "charge_settled"
    title = "The charge is settled"


class ChargeNotSettled(Refusal):
    """Nothing is settled yet, so there is nothing to refund."""

    kind = "conflict"
    code = "charge_not_settled"
    title = "The charge is not settled"


class RefundExceedsCharge(Refusal):
    """More is asked back than the ticket has used."""

    kind = "conflict"
    code = "refund_exceeds_charge"
    title = "The refund exceeds the charge"


@dataclass(frozen=True, slots=True)
class Charge:
    """What one ticket holds and has used: its lots, and its part of each."""

    lots: Mapping[UUID, Lot]
    uses: Mapping[UUID, TicketUse]

    @property
    def held(self) -> int:
        return sum(use.held for use in self.uses.values())

    @property
    def used(self) -> int:
        return sum(use.used for use in self.uses.values())

    def in_burn_order(self) -> list[tuple[Lot, TicketUse]]:
        """Return each lot with the ticket's part of it, first to burn first."""
        pairs = [(self.lots[lot_id], use) for lot_id, use in self.uses.items()]
        return sorted(pairs, key=lambda pair: burn_key(pair[0]))


def hold(allocations: Iterable[Allocation]) -> list[Movement]:
    """Return the movements that set these units aside."""
    return [Movement("hold", each.lot, each.amount) for each in allocations]


def release(charge: Charge, amount: int) -> list[Movement]:
    """Return the movements that give back `amount` of what is held, last to burn first."""
    movements = []
    for lot, use in reversed(charge.in_burn_order()):
        given = min(use.held, amount)
        if given:
            movements.append(Movement("release", lot, given))
            amount -= given
    return movements


def settle(
    charge: Charge, amount: int, *, pool: Sequence[Lot], at: datetime
) -> tuple[list[Movement], int]:
    """Return the movements that use `amount` and give back what else is held.

    What is held is used first, in burn order; above it the pool's lots are drawn upon. The
    second value is what is missing even then.
    """
    movements: list[Movement] = []
    releases: list[Movement] = []
    left = amount
    for lot, use in charge.in_burn_order():
        taken = min(use.held, left)
        if taken:
            movements.append(Movement("settle", lot, taken, held_part=taken))
            left -= taken
        if use.held > taken:
            releases.append(Movement("release", lot, use.held - taken))
    if left == 0:
        return movements + releases[::-1], 0
    allocations, missing = draw(pool, left, at=at)
    movements += [Movement("settle", each.lot, each.amount) for each in allocations]
    return movements, missing


def refund(charge: Charge, amount: int) -> list[Movement]:
    """Return the movements that give back `amount` of what is used, last used first.

    Refuses `charge_not_settled` where nothing is used, `refund_exceeds_charge` where less is.
    """
    if charge.used == 0:
        raise ChargeNotSettled("Nothing of this ticket's charge is settled and not refunded yet.")
    if amount > charge.used:
        raise RefundExceedsCharge(
            f"The ticket has used {charge.used} units, and {amount} are asked back.",
            used=charge.used,
            asked=amount,
        )
    movements = []
    pairs = sorted(charge.in_burn_order(), key=lambda pair: pair[1].last_used)
    for lot, use in reversed(pairs):
        given = min(use.used, amount)
        if given:
            movements.append(Movement("refund", lot, given))
            amount -= given
    return movements


def merge_lots(charge: Charge, moved: Mapping[UUID, Lot]) -> Charge:
    """Return the charge with its lots as they are after some movements."""
    return replace(charge, lots={**charge.lots, **moved})
