"""An order whole: its row, what it gives, and how far that is."""

from collections.abc import Sequence
from datetime import datetime

from app.db.engine.unit_of_work import Db
from app.db.selling import whole_orders
from app.db.selling.whole_orders import WholeOrder
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.purchases import Purchase, PurchaseStatus
from app.domain.values import Value, replace
from app.services.selling.covers import Cover, read_cover


class PurchaseView(Value):
    """An order whole. `cover` is what an order of cover adds to `subscription`."""

    order: Purchase
    subscription: Subscription | None
    cover: Cover | None
    lots: Sequence[Lot]
    now: datetime
    sequence: int

    @property
    def status(self) -> PurchaseStatus:
        """Pending, active, ended or cancelled, as of now."""
        status = self.order.status
        ends_at = None
        if self.cover is not None:
            ends_at = self.cover.ends_at
        elif self.subscription is not None:
            ends_at = self.subscription.ends_at
        if status == "active" and ends_at is not None and ends_at <= self.now:
            return "ended"
        return status


def view_order(whole: WholeOrder, *, now: datetime) -> PurchaseView:
    """Return an order as it was read."""
    order, cover = whole.order, None
    if whole.bought is not None and order.terms.plan is None:
        cover = read_cover(whole.bought)
    return PurchaseView(order, whole.subscription, cover, whole.own_lots, now, whole.sequence)


async def view_purchase(db: Db, order: Purchase, *, now: datetime, sequence: int) -> PurchaseView:
    """Return an order with its subscription, cover and lots as they are.

    `sequence` is the account's.
    """
    whole = await whole_orders.load_order(db, order.account_id, order.order_id)
    return replace(view_order(whole, now=now), sequence=sequence)


async def get_purchase(db: Db, *, account_id: str, order_id: str) -> PurchaseView:
    """Return an order as it is now."""
    whole = await whole_orders.load_order(db, account_id, order_id)
    return view_order(whole, now=db.read_clock())
