"""Purchases: orders under the storefront's own ids, with a copy of the terms they were sold on."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.engine.rows import row_reader, row_values
from app.db.tables import purchases
from app.domain.access.refusals import Refusal
from app.domain.selling.cancellations import (
    Cancellation,
    describe_stored_cancellation,
    read_cancellation,
)
from app.domain.selling.purchases import Purchase
from app.domain.selling.sold_terms import describe_sold_terms, read_sold_terms


class PurchaseUnknown(Refusal):
    """The account has no such order."""

    kind = "unknown"
    code = "purchase_unknown"
    title = "There is no such purchase"


read_purchase = row_reader(
    purchases, Purchase, {"terms": read_sold_terms, "cancellation": read_cancellation}
)
_INSERT = Statement(insert(purchases))
_FIND = Statement(
    select(purchases).where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
    )
)
_LIST = Statement(
    select(purchases)
    .where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id > bindparam("after"),
    )
    .order_by(purchases.c.order_id)
    .limit(bindparam("limit"))
)
_ACTIVATE = Statement(
    update(purchases)
    .where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
    )
    .values(
        status="active",
        payment_reference=bindparam("payment_reference"),
        paid_at=bindparam("paid_at"),
        subscription_id=bindparam("subscription_id"),
    )
)
_CANCEL = Statement(
    update(purchases)
    .where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
    )
    .values(status="cancelled", cancellation=bindparam("cancellation"))
)


_PAID_BACK = Statement(
    select(purchases.c.order_id).where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
        purchases.c.cancellation["refund"].astext == "full",
    )
)


async def insert_purchase(db: Db, purchase: Purchase) -> None:
    """Write a new order, which is not cancelled."""
    await db.write(
        _INSERT,
        row=_row(purchase.account_id, purchase.order_id),
        **row_values(purchase) | {"terms": describe_sold_terms(purchase.terms)},
    )


async def find_purchase(db: Db, account_id: str, order_id: str) -> Purchase | None:
    """Return an order, or None."""
    row = await db.row(_FIND, account_id=account_id, order_id=order_id)
    return None if row is None else read_purchase(row)


async def get_purchase(db: Db, account_id: str, order_id: str) -> Purchase:
    """Return an order, or refuse with `purchase_unknown`."""
    found = await find_purchase(db, account_id, order_id)
    if found is None:
        raise PurchaseUnknown(f"There is no order {order_id!r}.")
    return found


async def list_purchases(db: Db, account_id: str, *, after: str, limit: int) -> list[Purchase]:
    """Return the account's orders by their ids."""
    rows = await db.rows(_LIST, account_id=account_id, after=after, limit=limit)
    return [read_purchase(row) for row in rows]


async def activate_purchase(
    db: Db,
    purchase: Purchase,
    *,
    payment_reference: str | None,
    paid_at: datetime,
    subscription_id: UUID,
) -> Purchase:
    """Mark an order paid and name the subscription it began; return it as it is then."""
    await db.write(
        _ACTIVATE,
        row=_row(purchase.account_id, purchase.order_id),
        account_id=purchase.account_id,
        order_id=purchase.order_id,
        payment_reference=payment_reference,
        paid_at=paid_at,
        subscription_id=subscription_id,
    )
    return replace(
        purchase,
        status="active",
        payment_reference=payment_reference,
        paid_at=paid_at,
        subscription_id=subscription_id,
    )


async def cancel_purchase(db: Db, purchase: Purchase, cancellation: Cancellation) -> Purchase:
    """Mark an order cancelled, with what was decided; return it as it is then."""
    await db.write(
        _CANCEL,
        row=_row(purchase.account_id, purchase.order_id),
        account_id=purchase.account_id,
        order_id=purchase.order_id,
        cancellation=describe_stored_cancellation(cancellation),
    )
    return replace(purchase, status="cancelled", cancellation=cancellation)


async def was_paid_back(db: Db, account_id: str, order_id: str | None) -> bool:
    """Return whether an order was cancelled and all that was paid for it is paid back."""
    if order_id is None:
        return False
    return await db.value(_PAID_BACK, account_id=account_id, order_id=order_id) is not None


def _row(account_id: str, order_id: str) -> tuple[str, ...]:
    return ("purchase", account_id, order_id)
