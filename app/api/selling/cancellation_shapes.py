"""Cancellations of orders on the wire: what was left, what is paid back, and to which payments."""

from typing import Literal

from app.api.http.wire import Instant, MoneyWire, Wire
from app.domain.selling.cancellations import Cancellation


class UnusedWire(Wire):
    """What was left of an order when it was cancelled: `left` of `whole`."""

    by: Literal["units", "time"]
    """Whether the rest is counted in units, or in seconds of the term."""
    left: int
    """How much was left: units, or seconds of the term."""
    whole: int
    """How much there was in all: units, or seconds of the term."""


class RefundPart(Wire):
    """The part of a refund that goes back to one payment."""

    order_id: str
    """The order that was paid for: this one, or one that it was upgraded from."""
    reference: str | None
    """The reference of the payment, as the storefront gave it; null where it gave none."""
    amount: MoneyWire
    """How much of the payment is to be paid back."""


class CancellationWire(Wire):
    """How an order was ended before its time.

    Paid back and kept are together what was paid: the total, and the credit of an upgrade.
    """

    refund: Literal["none", "unused", "full", "upgrade"]
    """What was asked to be paid back: nothing, what is unused, or all; `upgrade`: credited to
    another order."""
    refund_amount: MoneyWire
    """The amount to be paid back, or that was credited to the upgrade."""
    kept_amount: MoneyWire
    """How much of what was paid is kept."""
    rule: str
    """How the amount to be paid back came about, in plain English."""
    unused: UnusedWire | None
    """How much of the order was left; null where it never began."""
    reason: str
    """Why the order was cancelled, as it was put on the record."""
    actor: str
    """Who decided on the cancellation, as the caller names them."""
    at: Instant
    """The instant at which the order was cancelled."""
    replaced_by: str | None
    """The order that this one was upgraded to; null where it was cancelled."""
    payments: list[RefundPart]
    """The payments to which the amount goes back, to none more than was paid by it."""


def render_cancellation(kept: Cancellation, currency: str) -> CancellationWire:
    """Return how an order was ended, as it is on the wire; `currency` is the order's."""
    return CancellationWire(
        refund=kept.refund,
        refund_amount=MoneyWire(amount=kept.refund_amount, currency=currency),
        kept_amount=MoneyWire(amount=kept.kept_amount, currency=currency),
        rule=kept.rule,
        unused=None
        if kept.unused is None
        else UnusedWire(by=kept.unused.by, left=kept.unused.left, whole=kept.unused.whole),
        reason=kept.reason,
        actor=kept.actor,
        at=kept.at,
        replaced_by=kept.replaced_by,
        payments=[
            RefundPart(
                order_id=each.order_id,
                reference=each.reference,
                amount=MoneyWire(amount=each.amount, currency=currency),
            )
            for each in kept.payments
        ],
    )
