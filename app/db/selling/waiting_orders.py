"""Orders and quotes that wait, and go on with what another order has begun."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, any_, bindparam, literal_column, or_, select, update

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import purchases, quotes

_ORDERS = bindparam("order_ids", type_=ARRAY(Text))
_UPGRADES = select(quotes.c.quote_id).where(
    quotes.c.account_id == bindparam("account_id"),
    quotes.c.upgraded_order_id == any_(_ORDERS),
)
_SET_ORDERS = Statement(
    update(purchases)
    .where(
        purchases.c.account_id == bindparam("account_id"),
        purchases.c.status == literal_column("'pending'"),
        purchases.c.site == bindparam("from_site"),
        or_(
            purchases.c.request["renews"].astext == any_(_ORDERS),
            purchases.c.quote_id.in_(_UPGRADES),
        ),
    )
    .values(site=bindparam("to_site"))
)
_SET_QUOTES = Statement(
    update(quotes)
    .where(
        quotes.c.account_id == bindparam("account_id"),
        quotes.c.upgraded_order_id == any_(_ORDERS),
        quotes.c.order_id.is_(None),
        quotes.c.site == bindparam("from_site"),
    )
    .values(site=bindparam("to_site"))
)


async def set_site(
    db: Db, account_id: str, order_ids: Sequence[str], *, from_site: str, to_site: str
) -> None:
    """Let what waits to renew these orders, or to be their upgrade, be for another store.

    That is orders that are not paid, and quotes that are not bought; those that were for
    `from_site`.
    """
    for statement in (_SET_ORDERS, _SET_QUOTES):
        await db.execute(
            statement,
            account_id=account_id,
            order_ids=list(order_ids),
            from_site=from_site,
            to_site=to_site,
        )
