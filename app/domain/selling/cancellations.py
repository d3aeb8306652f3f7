"""Cancellation: what is left of an order, what it is worth, and how it is taken back.

What is unused is worth its share of what was paid: the lesser of what is left of the units and
of the time, unless the seller's terms say otherwise. Held units count as used: they stay for
their tickets, and what returns of them finds its lot ended. What is paid back and what is kept
are together what was paid, be it with money or with the credit of an order before; what is paid
back is split by the payments that made it up.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, assert_never
from uuid import UUID

from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import NO_NAMES, Names, Unit, write_share
from app.domain.catalog.policies import RefundPolicy
from app.domain.ledger.ledger import Lot, Movement
from app.domain.time.instants import MICROS_PER_SECOND, span_to_micros
from app.domain.values import Value, as_dict, replace

RefundRule = Literal["none", "unused", "full"]

_NOTHING: Mapping[UUID, int] = {}


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


class Unused(Value):
    """What is left of what was sold: `left` of `whole`, in units or in seconds of the term."""

    by: Literal["units", "time"]
    left: int
    whole: int

    def is_less_than(self, other: "Unused") -> bool:
        """Return whether this is the smaller share of the two."""
        return self.left * other.whole < other.left * self.whole

    def share_of(self, paid: int) -> int:
        """Return what the unused part is worth of what was paid, rounded half up."""
        return (2 * paid * self.left + self.whole) // (2 * self.whole) if self.whole else 0


class DecidedRefund(Value):
    """What is paid back and what is kept, in minor units, and the sentence that says why."""

    amount: int
    kept: int
    rule: str


class Payment(Value):
    """What was paid by one order's own payment, or is paid back of it, in minor units."""

    order_id: str
    reference: str | None
    amount: int


class Cancellation(Value):
    """How an order was ended before its time, as it keeps it.

    `refund` is what was asked, `refund_amount` and `kept_amount` together what was paid.
    `unused` None: the order gave nothing. `replaced_by` is the order that it was upgraded to.
    `payments` are those that the refund goes back to, with what of it each.
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
    payments: tuple[Payment, ...] = ()

    def with_refund(self, decided: DecidedRefund) -> "Cancellation":
        """Return it with what was decided of the money."""
        return replace(
            self, refund_amount=decided.amount, kept_amount=decided.kept, rule=decided.rule
        )


def refuse_cancelled(
    order_id: str, cancellation: Cancellation | None, *, upgraded_by: str | None = None
) -> PurchaseCancelled:
    """Return the refusal of an order that is cancelled: it says which took its place, if one.

    `upgraded_by` is the order that was to upgrade it, whose refusal it is.
    """
    replaced_by = None if cancellation is None else cancellation.replaced_by
    subject, fate = f"The order {order_id!r}", "is cancelled"
    if replaced_by is not None:
        fate = f"was upgraded to the order {replaced_by!r} already"
    if upgraded_by is not None:
        subject = f"The order {upgraded_by!r} upgrades the order {order_id!r}, which"
    replacement = {} if replaced_by is None else {"replaced_by": replaced_by}
    return PurchaseCancelled(f"{subject} {fate}.", order_id=order_id, **replacement)


def describe_stored_cancellation(cancellation: Cancellation) -> dict[str, Any]:
    """Return a cancellation as plain JSON."""
    return as_dict(cancellation) | {"at": cancellation.at.isoformat()}


def read_cancellation(stored: Mapping[str, Any]) -> Cancellation:
    """Return a cancellation out of its JSON."""
    unused = stored["unused"]
    read = {
        "unused": None if unused is None else Unused(**unused),
        "at": datetime.fromisoformat(stored["at"]),
        "payments": tuple(Payment(**each) for each in stored.get("payments", ())),
    }
    return Cancellation(**{**stored, **read})


def is_beyond_policy(asked: RefundRule, policy: RefundPolicy | None) -> bool:
    """Return whether more is asked to be paid back than the seller's terms say, if they do."""
    match policy:
        case None:
            return False
        case "none":
            return asked != "none"
        case _:
            return asked == "full"


def measure_unused(
    lots: Sequence[Lot],
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    at: datetime,
    policy: RefundPolicy = "lesser",
) -> Unused:
    """Return what is left at `at` of an order: of its units, or of its time, as `policy` says.

    Lots to come count in full. Units held, used, expired or taken back are not left. Time is
    measured in whole seconds; without an end, as without a count, only the other is measured.
    """
    units, time = _measure_units(lots, at=at), _measure_time(starts_at, ends_at, at=at)
    match policy:
        case "unused_units":
            found = units or time
        case "unused_time":
            found = time or units
        case "lesser":
            found = time if units is None or (time and time.is_less_than(units)) else units
        case "none":
            return Unused("time", 0, 1)
        case _:
            assert_never(policy)
    return found or Unused("time", 0, 1)


def split_refund(amount: int, payments: Iterable[Payment]) -> tuple[Payment, ...]:
    """Return to which payments an amount goes back, and how much of it to each.

    `payments` are an order's own and those of the orders that it replaced, the own first. None
    gets more than was paid by it.
    """
    parts = []
    for payment in payments:
        part = min(amount, payment.amount)
        amount -= part
        if part:
            parts.append(replace(payment, amount=part))
    return tuple(parts)


def decide_refund(
    asked: RefundRule, *, paid: int, unused: Unused, unit: Unit, names: Names = NO_NAMES
) -> DecidedRefund:
    """Return what of `paid` is paid back; all of it is accounted for.

    `names` are the seller's own words for a unit.
    """
    match asked:
        case "none":
            return DecidedRefund(0, paid, "Nothing is paid back.")
        case "full":
            return DecidedRefund(paid, 0, "All that was paid is paid back.")
        case "unused":
            amount = unused.share_of(paid)
            return DecidedRefund(amount, paid - amount, describe_share(unused, unit, names))


def refund_ungranted(asked: RefundRule, *, paid: int) -> DecidedRefund:
    """Return what is paid back of a payment for which nothing could be given any more."""
    if asked == "none":
        return DecidedRefund(0, paid, "Nothing is paid back.")
    return DecidedRefund(paid, 0, "The order gave nothing: all that was paid is paid back.")


def describe_share(unused: Unused, unit: Unit, names: Names = NO_NAMES) -> str:
    """Return the sentence that says what the unused part is."""
    if unused.by == "units":
        share = write_share(unused.left, unused.whole, unit, names)
        return f"{share} are unused: that share of what was paid, rounded half up."
    share = f"{unused.left:,} of {unused.whole:,}"
    return f"{share} seconds of the term are left: that share of what was paid, rounded half up."


def take_back(
    lots: Iterable[Lot], *, at: datetime, besides: Mapping[UUID, int] = _NOTHING
) -> list[Movement]:
    """Return the movements that take back what is free, and end the lots.

    A lot that has begun ends at `at`, one to come never begins. What is held stays held, and so
    much of each lot as `besides` says stays there: it is another's already.
    """
    movements = []
    for lot in lots:
        if lot.has_ended(at):
            continue
        if free := max(0, (lot.free or 0) - besides.get(lot.lot_id, 0)):
            movements.append(Movement("revoke", lot, free))
        movements.append(Movement("extend", lot, 0, expires_at=max(at, lot.valid_from)))
    return movements


def _measure_units(lots: Sequence[Lot], *, at: datetime) -> Unused | None:
    counted = [lot for lot in lots if lot.granted is not None]
    if not counted:
        return None
    left = sum(lot.free or 0 for lot in counted if not lot.has_ended(at))
    whole = sum(lot.granted or 0 for lot in counted if not lot.origin_lot_id)
    return Unused("units", min(left, whole), whole)


def _measure_time(starts_at: datetime, ends_at: datetime | None, *, at: datetime) -> Unused | None:
    if ends_at is None:
        return None
    return Unused("time", _seconds(max(at, starts_at), ends_at), _seconds(starts_at, ends_at))


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, span_to_micros(end - start) // MICROS_PER_SECOND)
