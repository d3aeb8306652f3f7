"""Orders and quotes that wait, and go on with what another order has begun."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, and_, any_, bindparam, literal_column, or_, select, update

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import purchases, quotes
from app.domain.ledger.pools import Subscription

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
            and_(
                purchases.c.request["starts"].astext == literal_column("'after_current'"),
                purchases.c.catalog == bindparam("catalog"),
                purchases.c.terms["plan"].astext == bindparam("plan"),
            ),
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
    db: Db, account_id: str, order_ids: Sequence[str], *, moved: Subscription, from_site: str
) -> None:
    """Let what waits to go on with these orders be for the store that their cover was moved to.

    That is orders that are not paid, which renew them, are their upgrades, or begin after the
    present cover of their plan; and quotes of upgrades that are not bought. Those for `from_site`.
    """
    sites = {"from_site": from_site, "to_site": moved.site}
    ids = list(order_ids)
    await db.execute(
        _SET_ORDERS,
        account_id=account_id,
        order_ids=ids,
        catalog=moved.catalog,
        plan=moved.plan,
        **sites,
    )
    await db.execute(_SET_QUOTES, account_id=account_id, order_ids=ids, **sites)
