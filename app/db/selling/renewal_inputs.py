"""All that the renewal of an order is decided by, in one statement, taken with its account."""

from typing import Any

from sqlalchemy import and_, bindparam, select

from app.db.accounts.locked_accounts import (
    STATE,
    LockedAccount,
    take_with,
)
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.selling.purchases import (
    BEGUN_BY_ORDER,
    PURCHASE,
    WITH_ORDER,
    PurchaseUnknown,
    select_renewal,
)
from app.db.selling.quotes import QUOTE
from app.db.tables import accounts, catalogs, purchases, quotes, subscriptions
from app.domain.ledger.pools import Subscription
from app.domain.selling.purchases import Purchase
from app.domain.selling.quotes import Quote
from app.domain.values import Value


class RenewalInputs(Value):
    """An order that is to be renewed, and what that depends on.

    `subscription` is what it began, `quote` what it bought, `version` the newest of its catalogue.
    `renewed_by` is the order that renews it and is not cancelled. `is_placed`: there is an order
    of the renewal's own id already.
    """

    order: Purchase
    subscription: Subscription | None
    quote: Quote | None
    version: int
    renewed_by: str | None
    is_placed: bool


_other = purchases.alias("other")
_RENEWED_BY = select_renewal(_other).scalar_subquery().label("renewed_by")
_IS_PLACED = (
    select(_other.c.order_id)
    .where(
        _other.c.account_id == bindparam("account_id"),
        _other.c.order_id == bindparam("renewal_id"),
    )
    .exists()
    .label("is_placed")
)
_FOUND = (
    select(
        *(column.label(f"order_{column.name}") for column in PURCHASE.columns),
        *(column.label(f"began_{column.name}") for column in SUBSCRIPTION.columns),
        *(column.label(f"quote_{column.name}") for column in QUOTE.columns),
        catalogs.c.version.label("current_version"),
        _RENEWED_BY,
        _IS_PLACED,
    )
    .select_from(
        WITH_ORDER.outerjoin(subscriptions, BEGUN_BY_ORDER)
        .outerjoin(
            quotes,
            and_(
                quotes.c.account_id == bindparam("account_id"),
                quotes.c.quote_id == purchases.c.quote_id,
            ),
        )
        .outerjoin(catalogs, catalogs.c.catalog == purchases.c.catalog)
    )
    .where(accounts.c.account_id == bindparam("account_id"))
)
_FIND = Statement(_FOUND)
# Together with the account, as it is read without a lock.
_TAKE = Statement(_FOUND.add_columns(*STATE))
_BEGAN_AT = len(PURCHASE.columns)
_QUOTE_AT = _BEGAN_AT + len(SUBSCRIPTION.columns)
_ID_AT = PURCHASE.names.index("order_id")
_BEGAN_ID_AT = _BEGAN_AT + SUBSCRIPTION.names.index("subscription_id")
_QUOTE_ID_AT = _QUOTE_AT + QUOTE.names.index("quote_id")


async def take_renewal(
    db: Db, account_id: str, order_id: str, *, renewal_id: str
) -> tuple[LockedAccount, RenewalInputs]:
    """Take the account's row, and return an order with what its renewal depends on.

    Refuses `account_unknown` and `purchase_unknown`. One statement where the row is not locked.
    """
    account, record = await take_with(
        db, account_id, take=_TAKE, find=_FIND, order_id=order_id, renewal_id=renewal_id
    )
    return account, _read(record, order_id)


def _read(record: Any, order_id: str) -> RenewalInputs:
    if record[_ID_AT] is None:
        raise PurchaseUnknown(f"There is no order {order_id!r}.")
    began = record[_BEGAN_ID_AT] is not None
    quoted = record[_QUOTE_ID_AT] is not None
    return RenewalInputs(
        order=PURCHASE.read(record),
        subscription=SUBSCRIPTION.read(record[_BEGAN_AT:]) if began else None,
        quote=QUOTE.read(record[_QUOTE_AT:]) if quoted else None,
        version=record["current_version"],
        renewed_by=record["renewed_by"],
        is_placed=record["is_placed"],
    )
