"""Cancellation: what is left of an order, what it is worth, and how it is taken back.

What is unused is worth its share of what was paid: by units where they are counted, by time
where they are not. Held units count as used: they stay for their tickets, and what returns of
them finds its lot ended. What is paid back and what is kept are together what was paid, be it
with money or with the credit of an order before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from app.domain.access.refusals import Refusal
from app.domain.ledger.ledger import Lot, Movement
from app.domain.time.instants import MICROS_PER_SECOND, span_to_micros

RefundRule = Literal["none", "unused", "full"]


class PurchaseCancelled(Refusal):
    """The order is cancelled."""

    kind = "conflict"
    code = "purchase_cancelled"
    title = "The purchase is cancelled"


class PurchaseEnded(Refusal):
    """The term of the order is over: nothing is left to cancel, to change, or to replace."""

    kind = "conflict"
    code = "purchase_ended"
    title = "The purchase has ended"


class PurchasePending(Refusal):
    """The order is not paid, so its term has not begun."""

    kind = "conflict"
    code = "purchase_pending"
    title = "The purchase is not paid"


@dataclass(frozen=True, slots=True)
class Unused:
    """What is left of what was sold: `left` of `whole`, in units or in seconds of the term."""

    by: Literal["units", "time"]
    left: int
    whole: int

    def share_of(self, paid: int) -> int:
        """Return what the unused part is worth of what was paid, rounded half up."""
        return (2 * paid * self.left + self.whole) // (2 * self.whole) if self.whole else 0


@dataclass(frozen=True, slots=True)
class Refund:
    """What is paid back and what is kept, in minor units, and the sentence that says why."""

    amount: int
    kept: int
    rule: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How an order was ended before its time, as it keeps it.

    `refund` is what was asked, `refund_amount` and `kept_amount` together what was paid.
    `unused` None: the order was not paid. `replaced_by` is the order that it was upgraded to.
    """

    refund: RefundRule | Literal["upgrade"]
    refund_amount: int
    kept_amount: int
    rule: str
    unused: Unused | None
    reason: str
    actor: str
    at: datetime
    replaced_by: str | None


def describe_stored_cancellation(cancellation: Cancellation) -> dict[str, Any]:
    """Return a cancellation as plain JSON."""
    return asdict(cancellation) | {"at": cancellation.at.isoformat()}


def read_cancellation(stored: Mapping[str, Any]) -> Cancellation:
    """Return a cancellation out of its JSON."""
    unused = stored["unused"]
    read = {
        "unused": None if unused is None else Unused(**unused),
        "at": datetime.fromisoformat(stored["at"]),
    }
    return Cancellation(**{**stored, **read})


def measure_unused(
    lots: Sequence[Lot], *, starts_at: datetime, ends_at: datetime, at: datetime
) -> Unused:
    """Return what is left at `at` of an order's lots: those to come count in full.

    Units held, used, expired or taken back are not left. Without counted lots the term is
    measured, in whole seconds.
    """
    counted = [lot for lot in lots if lot.granted is not None]
    if counted:
        left = sum(lot.free or 0 for lot in counted if not lot.has_ended(at))
        whole = sum(lot.granted or 0 for lot in counted if lot.origin_lot_id is None)
        return Unused("units", left, whole)
    return Unused("time", _seconds(max(at, starts_at), ends_at), _seconds(starts_at, ends_at))


def decide_refund(asked: RefundRule, *, paid: int, unused: Unused, unit: str) -> Refund:
    """Return what of `paid` is paid back; all of it is accounted for."""
    match asked:
        case "none":
            return Refund(0, paid, "Nothing is paid back.")
        case "full":
            return Refund(paid, 0, "All that was paid is paid back.")
        case "unused":
            amount = unused.share_of(paid)
            return Refund(amount, paid - amount, describe_share(unused, unit))


def describe_share(unused: Unused, unit: str) -> str:
    """Return the sentence that says what the unused part is."""
    share = f"{unused.left:,} of {unused.whole:,}"
    if unused.by == "units":
        return f"{share} {unit}s are unused: that share of what was paid, rounded half up."
    return f"{share} seconds of the term are left: that share of what was paid, rounded half up."


def take_back(lots: Iterable[Lot], *, at: datetime) -> list[Movement]:
    """Return the movements that take back what is free, and end the lots.

    A lot that has begun ends at `at`, one to come never begins. What is held stays held.
    """
    movements = []
    for lot in lots:
        if lot.has_ended(at):
            continue
        if lot.free:
            movements.append(Movement("revoke", lot, lot.free))
        movements.append(Movement("extend", lot, 0, expires_at=max(at, lot.valid_from)))
    return movements


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, span_to_micros(end - start) // MICROS_PER_SECOND)
