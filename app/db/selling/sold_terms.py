"""Sold terms: what an account has bought of a catalogue for a site, which a new term follows."""

from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import purchases, subscriptions
from app.domain.selling.sold_terms import read_sold_terms
from app.domain.selling.starts import SoldTerm

# What ends at `since` or later, and was not cancelled before it began.
ENDING_SINCE = or_(
    subscriptions.c.ends_at.is_(None),
    and_(
        subscriptions.c.ends_at >= bindparam("since"),
        subscriptions.c.ends_at > subscriptions.c.starts_at,
    ),
)
_SOLD_SINCE = Statement(
    select(
        subscriptions.c.order_id,
        subscriptions.c.plan,
        subscriptions.c.starts_at,
        subscriptions.c.ends_at,
        subscriptions.c.anchor_at,
        subscriptions.c.site,
        purchases.c.terms,
    )
    .select_from(subscriptions)
    .join(
        purchases,
        and_(
            purchases.c.account_id == bindparam("account_id"),
            purchases.c.order_id == subscriptions.c.order_id,
        ),
    )
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.catalog == bindparam("catalog"),
        subscriptions.c.site.is_not_distinct_from(
            bindparam("site", type_=subscriptions.c.site.type)
        ),
        ENDING_SINCE,
    )
    .order_by(subscriptions.c.starts_at)
)


async def load_sold_terms(
    db: Db, account_id: str, *, catalog: str, site: str | None, since: datetime
) -> list[SoldTerm]:
    """Return the terms bought of a catalogue for a site that end at `since` or later.

    Those that were cancelled before they began are not among them.
    """
    rows = await db.rows(
        _SOLD_SINCE, account_id=account_id, catalog=catalog, site=site, since=since
    )
    return [
        SoldTerm(
            order_id=row["order_id"],
            plan=row["plan"],
            site=row["site"],
            kind=sold.kind,
            unlimited=sold.unlimited,
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            anchor=row["anchor_at"] or row["starts_at"],
            region=sold.region,
        )
        for row in rows
        for sold in [read_sold_terms(row["terms"])]
    ]
