"""Charges as movements: hold, settle, release and refund, lot by lot.

A hold draws in burn order; what it settles goes to its lots in the same order and what it gives
back leaves them in the opposite one. So hold, revisions and settle leave every lot as a direct
charge would have, and a refund restores every lot (docs/laws.md, law 5).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import NO_NAMES, Names, Unit, write_amount
from app.domain.ledger.burn_order import Allocation, burn_key, draw
from app.domain.ledger.ledger import Lot, Movement, TicketUse
from app.domain.values import Value

ChargeStatus = Literal[
    "none", "held", "settled", "returned", "partly_refunded", "refunded", "overage"
]

Outcome = Literal["solved", "vendor_defect", "duplicate", "withdrawn"]
# How a ticket ends without having been answered: what still runs is cancelled.
CANCELLING_OUTCOMES: frozenset[Outcome] = frozenset({"duplicate", "withdrawn"})
# How a ticket may end at no cost: what it holds goes back unless an amount is given.
RETURNING_OUTCOMES: frozenset[Outcome] = CANCELLING_OUTCOMES | {"vendor_defect"}

_ANY = None
# Whether there is any of what is held, over, used, refunded (of what was used) and released (of
# what was held), and what that makes of a charge: the first row that fits. None fits either.
STATUSES: tuple[tuple[tuple[bool | None, ...], ChargeStatus], ...] = (
    # held, over, used, refunded, released
    ((True, _ANY, _ANY, _ANY, _ANY), "held"),
    ((False, True, _ANY, _ANY, _ANY), "overage"),
    ((False, False, True, True, _ANY), "partly_refunded"),
    ((False, False, True, False, _ANY), "settled"),
    ((False, False, False, True, _ANY), "refunded"),
    ((False, False, False, False, True), "returned"),
    ((False, False, False, False, False), "none"),
)


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


class AlreadyRefunded(Refusal):
    """The same refund was given before; a `reference` of its own makes it another one."""

    kind = "conflict"
    code = "already_refunded"
    title = "The same was refunded already"


class BelowUsed(Refusal):
    """The new amount is less than the ticket has used already; a refund returns that."""

    kind = "conflict"
    code = "below_used"
    title = "Less than the ticket has used"


class RefundExceedsCharge(Refusal):
    """More is asked back than the ticket has used."""

    kind = "conflict"
    code = "refund_exceeds_charge"
    title = "The refund exceeds the charge"


class Charge(Value):
    """What one ticket holds and has used: its lots, and its part of each."""

    lots: Mapping[UUID, Lot]
    uses: Mapping[UUID, TicketUse]

    @property
    def held(self) -> int:
        return sum(use.held for use in self.uses.values())

    @property
    def used(self) -> int:
        return sum(use.used for use in self.uses.values())

    @property
    def released(self) -> int:
        return sum(use.released for use in self.uses.values())

    @property
    def refunded(self) -> int:
        return sum(use.refunded for use in self.uses.values())

    def status(self, *, overage: int) -> ChargeStatus:
        """Return how the charge stands, `overage` units being used beyond what there was.

        It follows from what was moved, whatever moved it: an opening, a revision, a resolution,
        a refund, a session, work, or a correction of either.
        """
        facts = (self.held, overage, self.used, self.refunded, self.released)
        return next(
            status
            for row, status in STATUSES
            if all(each in (_ANY, fact > 0) for each, fact in zip(row, facts, strict=True))
        )

    def in_burn_order(self) -> list[tuple[Lot, TicketUse]]:
        """Return each lot with the ticket's part of it, first to burn first."""
        pairs = [(self.lots[lot_id], use) for lot_id, use in self.uses.items()]
        return sorted(pairs, key=lambda pair: burn_key(pair[0]))


def decide_total(
    charge: Charge,
    *,
    outcome: Outcome,
    amount: int | None,
    unit: Unit,
    overage: int,
    expected: int = 0,
    returned: int = 0,
    names: Names = NO_NAMES,
) -> int:
    """Return what a ticket costs in the end: what it has used, its `overage` included, and more.

    Left out, the amount is all that is held, and what is `expected` beyond it; nothing more where
    the outcome gives it back, and on an hours plan, where work alone uses minutes. A defect of the
    seller's own costs nothing, and gives back what was used before too. `returned` units went back
    when the ticket was resolved as a duplicate or withdrawn, and it was reopened: solved after
    all, it costs them. `names` are the seller's words for units.
    Refuses less than is used with `below_used`.
    """
    used = charge.used + overage
    if outcome == "vendor_defect":
        return amount or 0
    if amount is None:
        if outcome in RETURNING_OUTCOMES or unit == "minute":
            return used
        return used + charge.held + expected or returned
    require_not_below(used, amount, unit=unit, names=names)
    return amount


def require_not_below(used: int, amount: int, *, unit: Unit, names: Names = NO_NAMES) -> None:
    """Refuse with `below_used` an amount that is less than what is used already."""
    if amount < used:
        had = write_amount(used, unit, names)
        raise BelowUsed(f"The ticket has used {had} already; refund what is too much.", used=used)


def hold(allocations: Iterable[Allocation]) -> list[Movement]:
    """Return the movements that set these units aside."""
    return [Movement("hold", each.lot, each.amount) for each in allocations]


def held_charge(allocations: Sequence[Allocation]) -> Charge:
    """Return the charge of a ticket that has just been opened: all of it held."""
    return Charge(
        lots={each.lot.lot_id: each.lot for each in allocations},
        uses={
            each.lot.lot_id: TicketUse(each.lot.lot_id, held=each.amount) for each in allocations
        },
    )


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


def return_units(charge: Charge, amount: int) -> list[Movement]:
    """Return the movements that give back all that is held, and `amount` of what is used."""
    movements = release(charge, charge.held)
    return movements + refund(charge, amount) if amount else movements


def refund(charge: Charge, amount: int, *, names: Names = NO_NAMES) -> list[Movement]:
    """Return the movements that give back `amount` of what is used, last used first.

    Refuses `charge_not_settled` where nothing is used, `refund_exceeds_charge` where less is,
    in the seller's `names` of units.
    """
    if charge.used == 0:
        raise ChargeNotSettled("Nothing of this ticket's charge is settled and not refunded yet.")
    unit = next(lot.unit for lot in charge.lots.values())
    _require_used(charge.used, amount, unit=unit, names=names)
    takes = [
        (sequence, taken, lot_id)
        for lot_id, use in charge.uses.items()
        for sequence, taken in use.takes
    ]
    given: dict[UUID, int] = {}
    for _, taken, lot_id in sorted(takes, reverse=True):
        part = min(taken, amount)
        if part:
            given[lot_id] = given.get(lot_id, 0) + part
            amount -= part
    return [Movement("refund", charge.lots[lot_id], part) for lot_id, part in given.items()]


def refund_with_overage(
    charge: Charge, amount: int, *, billed: int, unit: Unit, names: Names = NO_NAMES
) -> tuple[int, list[Movement]]:
    """Return what of a refund is no longer billed, and the movements that give back the rest.

    What was used beyond the lots was used last, and is given back first. Refuses as `refund`.
    """
    if not billed:
        return 0, refund(charge, amount, names=names)
    over = min(amount, billed)
    _require_used(charge.used + billed, amount, unit=unit, names=names)
    return over, refund(charge, amount - over) if amount > over else []


def _require_used(used: int, amount: int, *, unit: Unit, names: Names) -> None:
    if amount > used:
        had, asked = (write_amount(each, unit, names) for each in (used, amount))
        detail = f"The ticket has used {had}; {asked} cannot be given back."
        raise RefundExceedsCharge(detail, used=used, asked=amount)
