"""Lots as they are stored, and what they have had free since."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Uuid,
    and_,
    any_,
    bindparam,
    literal_column,
    or_,
    select,
)

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, lots
from app.domain.ledger.ledger import Lot
from app.domain.values import replace

# In the order of the value's fields.
LOT_COLUMNS = (
    lots.c.lot_id,
    lots.c.subscription_id,
    lots.c.tally_id,
    lots.c.catalog,
    lots.c.plan,
    lots.c.site,
    lots.c.unit,
    lots.c.source,
    lots.c.order_id,
    lots.c.origin_lot_id,
    lots.c.granted_sequence,
    lots.c.granted,
    lots.c.held,
    lots.c.used,
    lots.c.revoked,
    lots.c.valid_from,
    lots.c.expires_at,
    lots.c.created_at,
    lots.c.region,
)
# How many of an account's lots have ended is not to be guessed from everybody's: a range whose
# bounds Postgres cannot see is one that it takes for narrow, and reads by the index.
_SINCE = select(bindparam("since", type_=lots.c.furthest_end.type)).scalar_subquery()
_FOR_EVER = select(literal_column("'infinity'::timestamptz")).scalar_subquery()


# The condition for an account's lots that end after `since`. The end that a lot has may be before
# the furthest one, which is what the index is on. Lots that were ended before they began are of no
# use to anybody.
ENDING_AFTER = and_(
    lots.c.account_id == bindparam("account_id"),
    or_(
        and_(lots.c.furthest_end > _SINCE, lots.c.furthest_end < _FOR_EVER),
        lots.c.furthest_end.is_(None),
    ),
    or_(
        and_(lots.c.expires_at > bindparam("since"), lots.c.expires_at > lots.c.valid_from),
        lots.c.expires_at.is_(None),
    ),
)
_LOTS_SINCE = Statement(select(*LOT_COLUMNS).where(ENDING_AFTER), asked_again=True)
_LOTS_BY_ID = Statement(
    select(*LOT_COLUMNS).where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
    )
)
_SUBSCRIPTION_LOTS = Statement(
    select(*LOT_COLUMNS)
    .where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.subscription_id == bindparam("subscription_id"),
    )
    .order_by(lots.c.granted_sequence)
)
_ALL_LOTS = Statement(
    select(*LOT_COLUMNS)
    .where(lots.c.account_id == bindparam("account_id"))
    .order_by(lots.c.granted_sequence, lots.c.lot_id)
)
_LIST_LOTS = Listing(
    select(*LOT_COLUMNS).where(lots.c.account_id == bindparam("account_id")),
    lots.c.lot_id,
    asked={"catalog": lots.c.catalog, "plan": lots.c.plan},
)
_ENTRIES_AFTER = Statement(
    select(
        entries.c.lot_id,
        entries.c.effective_at,
        entries.c.granted,
        entries.c.held,
        entries.c.used,
        entries.c.revoked,
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
        entries.c.effective_at > bindparam("at"),
    )
    .order_by(entries.c.effective_at.desc(), entries.c.sequence.desc())
)


def read_lot(row: Any) -> Lot:
    """Return a lot's row as a value."""
    return Lot(*(row[column.name] for column in LOT_COLUMNS))


async def load_lots_since(db: Db, account_id: str, since: datetime) -> list[Lot]:
    """Return the account's lots that end after `since`, upcoming ones among them."""
    rows = await db.rows(_LOTS_SINCE, account_id=account_id, since=since)
    return [read_lot(row) for row in rows]


async def load_lots(db: Db, account_id: str, lot_ids: Iterable[UUID]) -> dict[UUID, Lot]:
    """Return these lots by id."""
    rows = await db.rows(_LOTS_BY_ID, account_id=account_id, lot_ids=list(lot_ids))
    return {row["lot_id"]: read_lot(row) for row in rows}


async def load_locked_lots(
    db: Db, account: LockedAccount, lot_ids: Iterable[UUID]
) -> dict[UUID, Lot]:
    """Return these lots of an account whose row is locked by id; each is read once."""
    wanted = list(lot_ids)
    unread = [lot_id for lot_id in wanted if lot_id not in account.lots]
    if unread:
        account.lots |= await load_lots(db, account.account_id, unread)
    return {lot_id: account.lots[lot_id] for lot_id in wanted if lot_id in account.lots}


async def load_subscription_lots(db: Db, account_id: str, subscription_id: UUID) -> list[Lot]:
    """Return a subscription's lots in the order they were granted."""
    rows = await db.rows(_SUBSCRIPTION_LOTS, account_id=account_id, subscription_id=subscription_id)
    return [read_lot(row) for row in rows]


async def load_all_lots(db: Db, account_id: str) -> list[Lot]:
    """Return every lot there ever was, in the order they were granted."""
    rows = await db.rows(_ALL_LOTS, account_id=account_id)
    return [read_lot(row) for row in rows]


async def list_lots(
    db: Db,
    account_id: str,
    *,
    after: Sequence[UUID] | None,
    ascending: bool,
    limit: int,
    catalog: str | None = None,
    plan: str | None = None,
) -> list[Lot]:
    """Return the account's lots in the order of their ids, which is that of their making."""
    rows = await _LIST_LOTS.read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        account_id=account_id,
        catalog=catalog,
        plan=plan,
    )
    return [read_lot(row) for row in rows]


async def bound_by_lowest_since(
    db: Db, account_id: str, lots: Sequence[Lot], at: datetime
) -> list[Lot]:
    """Return the lots, each with the least it had free at any instant since `at`.

    That is what a charge of the past may draw: more would leave a lot negative at some instant
    between. Entries of one instant count together.
    """
    free = {lot.lot_id: lot.free for lot in lots if lot.free is not None}
    lowest = dict(free)
    instants: dict[UUID, datetime] = {}
    for row in await db.rows(_ENTRIES_AFTER, account_id=account_id, lot_ids=list(free), at=at):
        lot_id, instant = row["lot_id"], row["effective_at"]
        if instants.get(lot_id) != instant:
            lowest[lot_id] = min(lowest[lot_id], free[lot_id])
            instants[lot_id] = instant
        free[lot_id] -= row["granted"] - row["held"] - row["used"] - row["revoked"]
    return [
        replace(lot, lowest_free=max(min(lowest[lot.lot_id], free[lot.lot_id]), 0))
        if lot.lot_id in lowest
        else lot
        for lot in lots
    ]
