"""Purchases: orders under the storefront's own ids, with a copy of the terms they were sold on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts.accounts import BEGINNING
from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.selling.agreements import BOUGHT_BY_ORDER
from app.db.tables import accounts, agreements, purchases, subscriptions
from app.db.tables.base import INSTANT
from app.domain.access.refusals import Refusal
from app.domain.selling.cancellations import (
    Cancellation,
    describe_stored_cancellation,
    read_cancellation,
)
from app.domain.selling.purchases import Purchase
from app.domain.selling.sold_terms import describe_sold_terms, read_sold_terms
from app.domain.values import Value, replace


class PurchaseUnknown(Refusal):
    """The account has no such order."""

    kind = "unknown"
    code = "purchase_unknown"
    title = "There is no such purchase"


_LATEST = datetime.max.replace(tzinfo=UTC)
PURCHASE = RowType(
    purchases,
    Purchase,
    read={"terms": read_sold_terms, "cancellation": read_cancellation},
    write={"terms": describe_sold_terms, "cancellation": describe_stored_cancellation},
)
# An account with one of its orders, where it has that; and the subscription that an order began.
WITH_ORDER = accounts.outerjoin(
    purchases,
    and_(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
    ),
)
BEGUN_BY_ORDER = and_(
    subscriptions.c.account_id == bindparam("account_id"),
    subscriptions.c.subscription_id == purchases.c.subscription_id,
)
_INSERT = Statement(insert(purchases))
_FIND = Statement(
    select(*PURCHASE.columns).where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.order_id == bindparam("order_id"),
    )
)
_ALL = Statement(
    select(*PURCHASE.columns)
    .where(purchases.c.account_id == bindparam("account_id"))
    .order_by(purchases.c.order_id)
)
# When the term of an order is over: that of its subscription, or of the cover that it added.
_TERM_END: ColumnElement[Any] = func.coalesce(
    select(cast(agreements.c.terms["until"].astext, INSTANT))
    .where(BOUGHT_BY_ORDER)
    .correlate(purchases)
    .scalar_subquery(),
    select(subscriptions.c.ends_at)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == purchases.c.subscription_id,
    )
    .correlate(purchases)
    .scalar_subquery(),
)
_IS_OVER = and_(
    purchases.c.status == literal_column("'active'"),
    bindparam("now", type_=INSTANT) >= _TERM_END,
)
_STATUS = case((_IS_OVER, literal_column("'ended'")), else_=purchases.c.status)
_LIST = Listing(
    select(*PURCHASE.columns).where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.created_at >= bindparam("from_", type_=purchases.c.created_at.type),
        purchases.c.created_at < bindparam("to", type_=purchases.c.created_at.type),
    ),
    purchases.c.created_at,
    purchases.c.order_id,
    asked={
        "status": _STATUS,
        "catalog": purchases.c.catalog,
        "plan": purchases.c.terms["plan"].astext,
        "offer": purchases.c.offer,
    },
)
_PAID_BY = Statement(
    select(purchases.c.order_id)
    .where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.payment_reference == bindparam("reference"),
        purchases.c.order_id != bindparam("order_id"),
        purchases.c.total_amount > literal_column("0"),
    )
    .order_by(purchases.c.created_at)
    .limit(bindparam("limit"))
)


def select_renewal(table: Any = purchases) -> Select[Any]:
    """Return what selects the order that renews another, if one does and is not cancelled."""
    return (
        select(table.c.order_id)
        .where(
            table.c.account_id == bindparam("account_id"),
            table.c.request["renews"].astext == bindparam("order_id"),
            table.c.status != literal_column("'cancelled'"),
        )
        .limit(literal_column("1"))
    )


_RENEWED_BY = Statement(select_renewal())
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
    .values(
        status="cancelled",
        cancellation=bindparam("cancellation"),
        payment_reference=bindparam("payment_reference"),
        paid_at=bindparam("paid_at"),
    )
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
        **PURCHASE.values(purchase),
    )


async def find_purchase(db: Db, account_id: str, order_id: str) -> Purchase | None:
    """Return an order, or None."""
    row = await db.row(_FIND, account_id=account_id, order_id=order_id)
    return None if row is None else PURCHASE.read(row)


async def get_purchase(db: Db, account_id: str, order_id: str) -> Purchase:
    """Return an order, or refuse with `purchase_unknown`."""
    found = await find_purchase(db, account_id, order_id)
    if found is None:
        raise PurchaseUnknown(f"There is no order {order_id!r}.")
    return found


class PurchaseFilter(Value):
    """Which of an account's orders are asked for; those placed in [from_, to)."""

    status: str | None = None
    catalog: str | None = None
    offer: str | None = None
    plan: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


async def list_purchases(
    db: Db,
    account_id: str,
    asked: PurchaseFilter,
    *,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
) -> list[Purchase]:
    """Return those orders that are asked for, by when they were placed, after a place."""
    rows = await _LIST.read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        account_id=account_id,
        now=db.read_clock(),
        status=asked.status,
        catalog=asked.catalog,
        offer=asked.offer,
        plan=asked.plan,
        from_=asked.from_ or BEGINNING,
        to=asked.to or _LATEST,
    )
    return [PURCHASE.read(row) for row in rows]


async def load_all_purchases(db: Db, account_id: str) -> list[Purchase]:
    """Return every order that the account ever placed."""
    return [PURCHASE.read(row) for row in await db.rows(_ALL, account_id=account_id)]


async def find_paid_by(db: Db, account_id: str, reference: str, *, order_id: str) -> str | None:
    """Return another order than this that a payment paid for, or None."""
    found: str | None = await db.value(
        _PAID_BY, account_id=account_id, reference=reference, order_id=order_id, limit=1
    )
    return found


async def find_renewal(db: Db, account_id: str, order_id: str) -> str | None:
    """Return the order that renews another and is not cancelled, or None."""
    found: str | None = await db.value(_RENEWED_BY, account_id=account_id, order_id=order_id)
    return found


async def activate_purchase(db: Db, purchase: Purchase) -> None:
    """Write of an order that it is paid, and the subscription it began."""
    await db.write(
        _ACTIVATE,
        account_id=purchase.account_id,
        order_id=purchase.order_id,
        payment_reference=purchase.payment_reference,
        paid_at=purchase.paid_at,
        subscription_id=purchase.subscription_id,
    )


async def cancel_purchase(db: Db, purchase: Purchase, cancellation: Cancellation) -> Purchase:
    """Mark an order cancelled, with what was decided; return it as it is then."""
    await db.write(
        _CANCEL,
        account_id=purchase.account_id,
        order_id=purchase.order_id,
        cancellation=describe_stored_cancellation(cancellation),
        payment_reference=purchase.payment_reference,
        paid_at=purchase.paid_at,
    )
    return replace(purchase, status="cancelled", cancellation=cancellation)


async def was_paid_back(db: Db, account_id: str, order_id: str | None) -> bool:
    """Return whether an order was cancelled and all that was paid for it is paid back."""
    if order_id is None:
        return False
    return await db.value(_PAID_BACK, account_id=account_id, order_id=order_id) is not None
