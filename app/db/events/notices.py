"""Notices that are due: clocks, lots and terms, by the instant at which to read them again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    update,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.events.due_accounts import ClockKey
from app.db.ledger.stored_lots import LOT_COLUMNS, read_lot
from app.db.promises.clocks import CLOCK
from app.db.selling.purchases import PURCHASE
from app.db.tables import agreements, deadlines, entries, lots, purchases, subscriptions
from app.domain.ledger.ledger import Lot
from app.domain.promises.stored_clocks import ClockNotice, StoredClock
from app.domain.selling.agreements import read_agreed
from app.domain.selling.purchases import Purchase
from app.domain.values import Value

Key = TypeVar("Key", UUID, str)


class DueTerm(Value, Generic[Key]):
    """A term whose end may have come, by its key, and the order that began it, if one did.

    `notify_at` is when it was to be looked at, which may be before its end.
    """

    key: Key
    starts_at: datetime
    ends_at: datetime | None
    order: Purchase | None
    notify_at: datetime | None = None


def _make_order(values: Sequence[Any]) -> Purchase | None:
    return None if values[0] is None else PURCHASE.read(values)


_KEYS = (
    func.unnest(
        bindparam("ticket_ids", type_=ARRAY(Text)),
        bindparam("metrics", type_=ARRAY(Text)),
        bindparam("spells", type_=ARRAY(Integer)),
    )
    .table_valued("ticket_id", "metric", "spell")
    .render_derived(name="keys")
)
_LOAD_CLOCKS = Statement(
    select(*CLOCK.columns).where(
        deadlines.c.account_id == bindparam("account_id"),
        tuple_(deadlines.c.ticket_id, deadlines.c.metric, deadlines.c.spell).in_(
            select(_KEYS.c.ticket_id, _KEYS.c.metric, _KEYS.c.spell)
        ),
        deadlines.c.notify_at < bindparam("now"),
    )
)
_KEEP_CLOCK = Statement(
    update(deadlines)
    .where(
        *(
            deadlines.c[name] == bindparam(name)
            for name in ("account_id", "ticket_id", "metric", "spell")
        )
    )
    .values(told=bindparam("told"), notify_at=bindparam("notify_at"))
)
# What comes back after the end is told by what brought it back, and was not free at the end.
_CAME_BACK = (
    select(func.coalesce(func.sum(entries.c.amount), 0))
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.lot_id == lots.c.lot_id,
        entries.c.kind.in_([literal_column("'release'"), literal_column("'refund'")]),
        entries.c.effective_at >= lots.c.expires_at,
    )
    .correlate(lots)
    .scalar_subquery()
)
_LOAD_LOTS = Statement(
    select(*LOT_COLUMNS, _CAME_BACK.label("came_back")).where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
        lots.c.notify_at <= bindparam("now"),
    )
)
_KEEP_LOT = Statement(
    update(lots)
    .where(lots.c.account_id == bindparam("account_id"), lots.c.lot_id == bindparam("lot_id"))
    .values(notify_at=bindparam("notify_at"))
)
_LOAD_TERMS = Statement(
    select(
        subscriptions.c.subscription_id,
        subscriptions.c.starts_at,
        subscriptions.c.ends_at,
        subscriptions.c.notify_at,
        *PURCHASE.columns,
    )
    .select_from(subscriptions)
    .outerjoin(
        purchases,
        and_(
            purchases.c.account_id == bindparam("account_id"),
            purchases.c.order_id == subscriptions.c.order_id,
        ),
    )
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        subscriptions.c.notify_at <= bindparam("now"),
    )
)
_KEEP_TERM = Statement(
    update(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.subscription_id == bindparam("subscription_id"),
    )
    .values(notify_at=bindparam("notify_at"))
)


_LOAD_COVERS = Statement(
    select(agreements.c.reference, agreements.c.terms, *PURCHASE.columns)
    .select_from(agreements)
    .outerjoin(
        purchases,
        and_(
            purchases.c.account_id == bindparam("account_id"),
            purchases.c.order_id == agreements.c.terms["order_id"].astext,
        ),
    )
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == any_(bindparam("covers", type_=ARRAY(Text))),
        agreements.c.bought.is_(True),
        agreements.c.notify_at <= bindparam("now"),
    )
)
_KEEP_COVER = Statement(
    update(agreements)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == bindparam("cover"),
        agreements.c.bought.is_(True),
    )
    .values(notify_at=bindparam("notify_at"))
)


async def load_clocks(
    db: Db, account_id: str, keys: Sequence[ClockKey], *, now: datetime
) -> list[StoredClock]:
    """Return those of these clocks that are due still. The account's row is locked."""
    if not keys:
        return []
    ticket_ids, metrics, spells = (list(each) for each in zip(*keys, strict=True))
    records = await db.rows(
        _LOAD_CLOCKS,
        account_id=account_id,
        ticket_ids=ticket_ids,
        metrics=metrics,
        spells=spells,
        now=now,
    )
    return [CLOCK.read(record) for record in records]


async def store_clock_notice(
    db: Db, clock: StoredClock, *, told: ClockNotice | None, notify_at: datetime | None
) -> None:
    """Write which event of a clock was recorded last, and when there may be another."""
    await db.write(
        _KEEP_CLOCK,
        account_id=clock.account_id,
        ticket_id=clock.ticket_id,
        metric=clock.metric,
        spell=clock.spell,
        told=told,
        notify_at=notify_at,
    )


async def load_lots(
    db: Db, account_id: str, lot_ids: Iterable[UUID], *, now: datetime
) -> list[tuple[Lot, int]]:
    """Return those of these lots that are due still, each with what came back after its end.

    The account's row is locked.
    """
    if not lot_ids:
        return []
    rows = await db.rows(_LOAD_LOTS, account_id=account_id, lot_ids=list(lot_ids), now=now)
    return [(read_lot(row), int(row["came_back"])) for row in rows]


async def store_lot_notice(
    db: Db, account_id: str, lot_id: UUID, *, notify_at: datetime | None
) -> None:
    """Write when to look at a lot's end again."""
    await db.write(_KEEP_LOT, account_id=account_id, lot_id=lot_id, notify_at=notify_at)


async def load_terms(
    db: Db, account_id: str, subscription_ids: Iterable[UUID], *, now: datetime
) -> list[DueTerm[UUID]]:
    """Return the terms of those of these subscriptions that are due still, with their orders."""
    if not subscription_ids:
        return []
    rows = await db.rows(_LOAD_TERMS, account_id=account_id, ids=list(subscription_ids), now=now)
    return [
        DueTerm(subscription_id, starts_at, ends_at, _make_order(order), notify_at)
        for subscription_id, starts_at, ends_at, notify_at, *order in rows
    ]


async def store_term_notice(
    db: Db, account_id: str, subscription_id: UUID, *, notify_at: datetime | None
) -> None:
    """Write when to look at a subscription's end again."""
    await db.write(
        _KEEP_TERM, account_id=account_id, subscription_id=subscription_id, notify_at=notify_at
    )


async def load_covers(
    db: Db, account_id: str, covers: Sequence[str], *, now: datetime
) -> list[DueTerm[str]]:
    """Return those of this cover that is due still, as `load_terms` does, by its reference."""
    if not covers:
        return []
    rows = await db.rows(_LOAD_COVERS, account_id=account_id, covers=covers, now=now)
    found = []
    for reference, terms, *order in rows:
        agreed = read_agreed(terms)
        found.append(DueTerm(reference, agreed.starts_at, agreed.ends_at, _make_order(order)))
    return found


async def store_cover_notice(
    db: Db, account_id: str, cover: str, *, notify_at: datetime | None
) -> None:
    """Write when to look at the end of cover again."""
    await db.write(_KEEP_COVER, account_id=account_id, cover=cover, notify_at=notify_at)
