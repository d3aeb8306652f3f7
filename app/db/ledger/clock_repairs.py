"""Repairs of accounts' clocks: what was stamped with a time that had not come, given the present.

The database lets an entry be changed here only, and nothing of it but its stamps: where they lie
in the future, and a row of `clock_repairs` says so, with what they were.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, case, func, literal_column, null, select
from sqlalchemy import update as update_
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import clock_repairs, entries, lots, purchases, subscriptions, tickets
from app.domain.values import Value

_NOW: Any = bindparam("now", type_=entries.c.clock_at.type)
_OF_ACCOUNT = entries.c.account_id == bindparam("account_id")
_AHEAD = Statement(
    select(
        entries.c.sequence,
        entries.c.clock_at,
        entries.c.effective_at,
        entries.c.recorded_at,
        entries.c.valid_from,
    )
    .where(_OF_ACCOUNT, entries.c.clock_at > _NOW)
    .order_by(entries.c.sequence)
)
_INSERT = Statement(insert(clock_repairs))
# A lot that had begun by the wrong clock begins now; its end stays. Without a reach it is looked
# for whatever the instant asked about.
_BEGIN_LOTS = Statement(
    update_(lots)
    .where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.granted_sequence >= bindparam("first", type_=lots.c.granted_sequence.type),
    )
    .values(
        valid_from=case(
            (
                lots.c.valid_from <= bindparam("found_at", type_=lots.c.valid_from.type),
                func.least(lots.c.valid_from, _NOW),
            ),
            else_=lots.c.valid_from,
        ),
        created_at=func.least(lots.c.created_at, _NOW),
        reach_days=null(),
    )
    .returning(lots.c.lot_id, lots.c.valid_from)
)
_BEGIN_SUBSCRIPTIONS = Statement(
    update_(subscriptions)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        subscriptions.c.starts_at > _NOW,
        subscriptions.c.starts_at <= bindparam("found_at", type_=subscriptions.c.starts_at.type),
        subscriptions.c.created_at > _NOW,
    )
    .values(
        # Its months are counted from where they were.
        anchor_at=func.coalesce(subscriptions.c.anchor_at, subscriptions.c.starts_at),
        starts_at=_NOW,
        created_at=_NOW,
        version=subscriptions.c.version + literal_column("1"),
    )
)
_RESTAMP = Statement(
    update_(entries)
    .where(_OF_ACCOUNT, entries.c.clock_at > _NOW)
    .values(
        clock_at=_NOW,
        effective_at=func.least(entries.c.effective_at, _NOW),
        recorded_at=func.least(entries.c.recorded_at, _NOW),
        valid_from=case(
            (
                entries.c.lot_id == any_(bindparam("begun", type_=ARRAY(Uuid))),
                func.least(entries.c.valid_from, _NOW),
            ),
            else_=entries.c.valid_from,
        ),
    )
)
_STAMPS = Statement(
    select(clock_repairs.c.stamps).where(clock_repairs.c.account_id == bindparam("account_id"))
)
_TICKETS_AHEAD = Statement(
    select(tickets.c.ticket_id)
    .where(tickets.c.account_id == bindparam("account_id"), tickets.c.opened_at > _NOW)
    .order_by(tickets.c.ticket_id)
)
_ORDERS_AHEAD = Statement(
    select(purchases.c.order_id)
    .where(purchases.c.account_id == bindparam("account_id"), purchases.c.created_at > _NOW)
    .order_by(purchases.c.order_id)
)


class Ahead(Value):
    """What of an account lies in the future: its entries' stamps, tickets and orders."""

    stamps: tuple[dict[str, Any], ...]
    ticket_ids: tuple[str, ...]
    order_ids: tuple[str, ...]


async def load_ahead(db: Db, account_id: str, *, now: datetime) -> Ahead:
    """Return what the account's entries are stamped with after `now`, and what was opened then."""
    found = await db.rows(_AHEAD, account_id=account_id, now=now)
    opened = await db.rows(_TICKETS_AHEAD, account_id=account_id, now=now)
    ordered = await db.rows(_ORDERS_AHEAD, account_id=account_id, now=now)
    return Ahead(
        tuple({name: _write(value) for name, value in row.items()} for row in found),
        tuple(row["ticket_id"] for row in opened),
        tuple(row["order_id"] for row in ordered),
    )


async def insert_repair(
    db: Db,
    account_id: str,
    *,
    found_at: datetime,
    now: datetime,
    stamps: Sequence[dict[str, Any]],
    reason: str,
    actor: str,
) -> None:
    """Write that the account's clock was ahead at `found_at`, and is set to `now`."""
    await db.execute(
        _INSERT,
        account_id=account_id,
        repaired_at=now,
        found_at=found_at,
        stamps=list(stamps),
        reason=reason,
        actor=actor,
    )


async def restamp(
    db: Db, account_id: str, *, found_at: datetime, now: datetime, first: int
) -> None:
    """Give what was stamped ahead, from the entry `first` on, the present.

    The repair is written before.
    """
    begun = await db.rows(
        _BEGIN_LOTS, account_id=account_id, found_at=found_at, now=now, first=first
    )
    lot_ids: list[UUID] = [row["lot_id"] for row in begun if row["valid_from"] <= now]
    await db.execute(_BEGIN_SUBSCRIPTIONS, account_id=account_id, found_at=found_at, now=now)
    await db.execute(_RESTAMP, account_id=account_id, now=now, begun=lot_ids)


async def load_restamped(db: Db, account_id: str) -> frozenset[int]:
    """Return the sequences of the entries whose stamps were ever set to the present."""
    rows = await db.rows(_STAMPS, account_id=account_id)
    return frozenset(each["sequence"] for row in rows for each in row["stamps"])


def _write(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
