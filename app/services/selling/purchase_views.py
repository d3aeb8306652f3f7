"""An order whole: its row, what it gives, and how far that is."""

from dataclasses import dataclass
from datetime import datetime

from app.db.accounts.accounts import find_account
from app.db.engine.unit_of_work import Db
from app.db.ledger import stored_lots, subscriptions
from app.db.selling import purchases
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.purchases import Purchase, PurchaseStatus
from app.services.selling import covers
from app.services.selling.covers import Cover


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """An order whole. `cover` is what an order of cover adds to `subscription`."""

    order: Purchase
    subscription: Subscription | None
    cover: Cover | None
    lots: list[Lot]
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


async def view_purchase(db: Db, order: Purchase, *, now: datetime, sequence: int) -> PurchaseView:
    """Return an order with its subscription, cover and lots as they are.

    `sequence` is the account's.
    """
    account_id, began = order.account_id, order.subscription_id
    subscription, cover = None, None
    lots: list[Lot] = []
    if began is not None:
        subscription = await subscriptions.find_subscription(db, account_id, began)
        cover = await _find_cover(db, order)
        found = await stored_lots.load_subscription_lots(db, account_id, began)
        lots = [lot for lot in found if lot.order_id == order.order_id]
    return PurchaseView(order, subscription, cover, lots, now, sequence)


async def get_purchase(db: Db, *, account_id: str, order_id: str) -> PurchaseView:
    """Return an order as it is now."""
    account = await find_account(db, account_id)
    order = await purchases.get_purchase(db, account_id, order_id)
    return await view_purchase(db, order, now=db.read_clock(), sequence=account.sequence)


async def _find_cover(db: Db, order: Purchase) -> Cover | None:
    if order.terms.plan is not None:
        return None
    return await covers.find_bought(db, order.account_id, order.order_id)
