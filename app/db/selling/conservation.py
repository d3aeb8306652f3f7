"""Conservation of units: every grant of an account, and what came back to its lots."""

from uuid import UUID

from sqlalchemy import BigInteger, and_, bindparam, cast, func, literal_column, or_, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import business_references, entries, licences, subscriptions
from app.domain.selling.conservation import CameBack

_GRANTED = Statement(
    select(
        business_references.c.result_id,
        cast(business_references.c.request["amount"].astext, BigInteger).label("amount"),
    ).where(
        business_references.c.account_id == bindparam("account_id"),
        business_references.c.operation == literal_column("'grant'"),
    )
)
_WITH_LICENCES = Statement(
    select(
        licences.c.subscription_id,
        subscriptions.c.catalog,
        subscriptions.c.catalog_version,
    )
    .select_from(licences)
    .join(
        subscriptions,
        and_(
            subscriptions.c.account_id == bindparam("account_id"),
            subscriptions.c.subscription_id == licences.c.subscription_id,
        ),
    )
    .where(licences.c.account_id == bindparam("account_id"))
)
_AFTER_END = and_(
    entries.c.kind.in_([literal_column("'release'"), literal_column("'refund'")]),
    entries.c.effective_at >= entries.c.expires_at,
)
_TO_AGREEMENTS = and_(
    entries.c.kind == literal_column("'revoke'"),
    entries.c.cause == literal_column("'agreement'"),
)
_CAME_BACK = Statement(
    select(
        entries.c.lot_id,
        func.coalesce(func.sum(entries.c.amount).filter(_AFTER_END), literal_column("0")),
        func.coalesce(func.sum(entries.c.amount).filter(_TO_AGREEMENTS), literal_column("0")),
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id.is_not(None),
        or_(_AFTER_END, _TO_AGREEMENTS),
    )
    .group_by(entries.c.lot_id)
)


async def load_given(db: Db, account_id: str) -> dict[UUID, int]:
    """Return the units given by hand, by the subscription that was made for them."""
    rows = await db.rows(_GRANTED, account_id=account_id)
    return {UUID(row["result_id"]): row["amount"] for row in rows}


async def load_licence_terms(db: Db, account_id: str) -> list[tuple[UUID, str, int]]:
    """Return what licences brought: a subscription, its catalogue and that one's version."""
    rows = await db.rows(_WITH_LICENCES, account_id=account_id)
    return [tuple(row) for row in rows]


async def load_came_back(db: Db, account_id: str) -> dict[UUID, CameBack]:
    """Return what came back to the account's lots after their end, and what agreements took."""
    rows = await db.rows(_CAME_BACK, account_id=account_id)
    return {lot_id: CameBack(int(ended), int(agreed)) for lot_id, ended, agreed in rows}
