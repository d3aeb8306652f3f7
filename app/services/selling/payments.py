"""Payments of orders: one payment pays one order."""

from app.db.engine.unit_of_work import Db
from app.db.selling import purchases
from app.domain.access.refusals import Refusal
from app.domain.selling.purchases import Purchase


class PaymentAlreadyReported(Refusal):
    """The order was paid with another reference."""

    kind = "conflict"
    code = "payment_already_reported"
    title = "The order is paid already"


class PaymentUsed(Refusal):
    """The payment paid for another order: one payment pays one order."""

    kind = "conflict"
    code = "payment_used"
    title = "The payment paid for another order"


def require_payment_of(order: Purchase, reference: str) -> None:
    """Refuse with `payment_already_reported` another payment than the one that paid an order."""
    if order.payment_reference != reference:
        raise PaymentAlreadyReported(
            f"The order {order.order_id!r} was paid with the reference {order.payment_reference!r}."
        )


async def require_unused(db: Db, order: Purchase, reference: str | None) -> None:
    """Refuse with `payment_used` a payment that paid for another order of the account."""
    if reference is None or order.total_amount == 0:
        return
    paid = await purchases.find_paid_by(db, order.account_id, reference, order_id=order.order_id)
    if paid is not None:
        raise PaymentUsed(f"The payment {reference!r} paid for the order {paid!r}.", order_id=paid)
