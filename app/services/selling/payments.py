"""Payments of orders: one payment pays one order of an account."""

from app.domain.access.refusals import Refusal
from app.domain.selling.purchases import Purchase


class PaymentAlreadyReported(Refusal):
    """The order was paid with another reference."""

    kind = "conflict"
    code = "payment_already_reported"
    title = "The order is paid already"


class PaymentUsed(Refusal):
    """The payment paid for another order of the account: one payment pays one order."""

    kind = "conflict"
    code = "payment_used"
    title = "The payment paid for another order"


def require_payment_of(order: Purchase, reference: str) -> None:
    """Refuse with `payment_already_reported` another payment than the one that paid an order."""
    if order.payment_reference != reference:
        by = f"with the reference {order.payment_reference!r}"
        if order.payment_reference is None:
            by = "without a reference"
        raise PaymentAlreadyReported(f"The order {order.order_id!r} was paid {by}.")


def require_unused(order: Purchase, reference: str | None, *, paid_by: str | None) -> None:
    """Refuse with `payment_used` a payment that paid for another order of the account."""
    if reference is not None and order.total_amount > 0 and paid_by is not None:
        detail = f"The payment {reference!r} paid for the order {paid_by!r}."
        raise PaymentUsed(detail, order_id=paid_by)
