"""An order whole: its row, what it gives, and how far that is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import find_account, read_sequence
from app.db.engine.database import Db
from app.db.ledger import stored_lots, subscriptions
from app.db.selling import purchases
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.services.selling import covers
from app.services.selling.covers import Cover


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """An order whole. `cover` is what an order of cover adds to `subscription`."""

    row: Any
    subscription: Subscription | None
    cover: Cover | None
    lots: list[Lot]
    now: datetime
    sequence: int

    @property
    def status(self) -> str:
        """Pending, active, ended or cancelled, as of now."""
        status: str = self.row["status"]
        ends_at = None
        if self.cover is not None:
            ends_at = self.cover.ends_at
        elif self.subscription is not None:
            ends_at = self.subscription.ends_at
        if status == "active" and ends_at is not None and ends_at <= self.now:
            return "ended"
        return status


async def view_purchase(db: Db, row: Any, *, now: datetime) -> PurchaseView:
    """Return an order with its subscription, cover and lots as they are."""
    account_id, order_id = row["account_id"], row["order_id"]
    subscription, cover = None, None
    lots: list[Lot] = []
    if row["subscription_id"] is not None:
        subscription = await subscriptions.find_subscription(db, account_id, row["subscription_id"])
        cover = await _find_cover(db, row)
        found = await stored_lots.load_subscription_lots(db, account_id, row["subscription_id"])
        lots = [lot for lot in found if lot.order_id == order_id]
    sequence = await read_sequence(db, account_id)
    return PurchaseView(row, subscription, cover, lots, now, sequence)


async def get_purchase(db: Db, *, account_id: str, order_id: str) -> PurchaseView:
    """Return an order as it is now."""
    await find_account(db, account_id)
    row = await purchases.get_purchase(db, account_id, order_id)
    return await view_purchase(db, row, now=db.read_clock())


async def _find_cover(db: Db, row: Any) -> Cover | None:
    if row["terms"]["plan"] is not None:
        return None
    return await covers.find_bought(db, row["account_id"], row["order_id"])
