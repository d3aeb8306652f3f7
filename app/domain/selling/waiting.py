"""Waiting orders: what one that is not paid would give is not ordered a second time meanwhile.

Both paid, only the first would begin, and the customer had paid for nothing. One that was left
behind stands in the way for a day, or until it is cancelled.
"""

from datetime import datetime, timedelta

from app.domain.access.refusals import Refusal
from app.domain.selling.purchases import Purchase
from app.domain.time.instants import write_instant

WAITS = timedelta(days=1)


class OrderWaiting(Refusal):
    """An order for the same waits to be paid: of the two only the first paid could begin."""

    kind = "conflict"
    code = "order_waiting"
    title = "An order for the same waits to be paid"


def refuse_for(waiting: Purchase, why: str) -> OrderWaiting:
    """Return the refusal of an order that could not begin once the one that waits is paid."""
    until = waits_until(waiting)
    return OrderWaiting(
        f"The order {waiting.order_id!r} waits to be paid, and {why}: let that one be paid, or"
        f" cancel it first. It stands in the way until {write_instant(until)}.",
        order_id=waiting.order_id,
        waits_until=until,
    )


def waits_until(order: Purchase) -> datetime:
    """Return until when an order that is not paid stands in the way of another for the same."""
    at = order.request.get("at")
    placed_at = order.created_at if at is None else datetime.fromisoformat(str(at))
    return placed_at + WAITS
