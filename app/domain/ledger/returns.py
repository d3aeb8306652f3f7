"""Units that come back: to their lot, or, when its term is over, by the plan's policy.

What returns after its lot has ended is expired there. Under the policy `grace`, and always for
the seller's own defect, it is granted again as a lot of its own (docs/concepts.md).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app.domain.catalog.policies import Policies
from app.domain.ledger.ledger import Lot, Movement
from app.domain.values import Value

VENDOR_DEFECT = "vendor_defect"


class Return(Value):
    """Units given back to one lot, what became of them there, and why.

    `to` is `lot` where the lot still runs, `expired` where they lapsed with it, `grace` where
    they were granted again until `expires_at`, as the lot `grace_lot_id`.
    """

    lot_id: UUID
    amount: int
    to: Literal["lot", "expired", "grace"]
    why: str
    grace_lot_id: UUID | None = None
    expires_at: datetime | None = None


def decide_return(
    lot: Lot,
    amount: int,
    *,
    cause: str | None,
    policies: Policies,
    at: datetime,
    paid_back: bool = False,
) -> Return:
    """Say what becomes of `amount` units that return to `lot` at `at`.

    `paid_back`: the lot's whole order was paid back, so nothing of it is granted again. What
    was granted again once is not granted again: whoever holds units past every end, and returns
    them each time, would keep them for ever.
    """
    if lot.granted is None:
        return Return(
            lot.lot_id, amount, "lot", "The lot is without a count.", None, lot.expires_at
        )
    if not lot.has_ended(at):
        return Return(lot.lot_id, amount, "lot", "The lot still runs.", None, lot.expires_at)
    if paid_back:
        why = "The lot has ended, and all of its order was paid back."
        return Return(lot.lot_id, amount, "expired", why, None, None)
    if lot.source == "grace":
        why = "The lot has ended, and its units were granted again once: more is granted by hand."
        return Return(lot.lot_id, amount, "expired", why, None, None)
    grace_ends = at + timedelta(days=policies.grace_days)
    if cause == VENDOR_DEFECT:
        why = "The lot has ended; for a defect of the seller's own, units are granted again."
        return Return(lot.lot_id, amount, "grace", why, None, grace_ends)
    if policies.returned_units == "grace":
        why = f"The lot has ended; returned units may be used for {policies.grace_days} days more."
        return Return(lot.lot_id, amount, "grace", why, None, grace_ends)
    return Return(
        lot.lot_id, amount, "expired", "The lot has ended, and units end with it.", None, None
    )


def list_returns(movements: Iterable[Movement]) -> list[Movement]:
    """Return the movements that give units back."""
    return [each for each in movements if each.kind in ("release", "refund")]
