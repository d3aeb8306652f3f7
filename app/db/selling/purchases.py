"""Purchases: orders under the storefront's own ids, with a copy of the terms they were sold on."""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import purchases
from app.domain.access.refusals import Refusal


class PurchaseUnknown(Refusal):
    """The account has no such order."""

    kind = "unknown"
    code = "purchase_unknown"
    title = "There is no such purchase"


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
    .returning(purchases)
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


async def insert_purchase(db: Db, account_id: str, values: dict[str, Any]) -> None:
    """Write a new order."""
    await db.execute(_INSERT, account_id=account_id, cancellation=None, **values)


async def find_purchase(db: Db, account_id: str, order_id: str) -> Any | None:
    """Return an order's row, or None."""
    return await db.row(_FIND, account_id=account_id, order_id=order_id)


async def get_purchase(db: Db, account_id: str, order_id: str) -> Any:
    """Return an order's row, or refuse with `purchase_unknown`."""
    row = await find_purchase(db, account_id, order_id)
    if row is None:
        raise PurchaseUnknown(f"There is no order {order_id!r}.")
    return row


async def list_purchases(db: Db, account_id: str, *, after: str, limit: int) -> list[Any]:
    """Return the account's orders by their ids."""
    return await db.rows(_LIST, account_id=account_id, after=after, limit=limit)


async def activate_purchase(
    db: Db,
    account_id: str,
    order_id: str,
    *,
    payment_reference: str | None,
    paid_at: Any,
    subscription_id: Any,
) -> Any:
    """Mark an order paid and name the subscription it began; return its row."""
    return await db.row(
        _ACTIVATE,
        account_id=account_id,
        order_id=order_id,
        payment_reference=payment_reference,
        paid_at=paid_at,
        subscription_id=subscription_id,
    )


async def cancel_purchase(
    db: Db, account_id: str, order_id: str, *, cancellation: dict[str, Any]
) -> None:
    """Mark an order cancelled, with what was decided."""
    await db.execute(_CANCEL, account_id=account_id, order_id=order_id, cancellation=cancellation)


async def was_paid_back(db: Db, account_id: str, order_id: str | None) -> bool:
    """Say whether an order was cancelled and all that was paid for it is paid back."""
    if order_id is None:
        return False
    return await db.value(_PAID_BACK, account_id=account_id, order_id=order_id) is not None
