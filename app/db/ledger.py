"""The ledger's only writer: lots, entries, tallies, and the account's sequence, together.

Every function here expects the account's row to be held by this transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    SmallInteger,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts import LockedAccount
from app.db.database import Db, Statement
from app.db.tables import accounts, entries, lots, tallies
from app.domain.ledger import (
    EntryKind,
    Lot,
    Movement,
    TicketUse,
    apply_deltas,
    fold_ticket_entries,
    movement_deltas,
)

# In days: a month, a season, a year, five years, and some.
REACHES = (32, 128, 512, 2048)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an entry records besides the movement: when, for what, why and by whom."""

    effective_at: datetime
    ticket_id: str | None = None
    order_id: str | None = None
    reference: str | None = None
    cause: str | None = None
    reason: str | None = None
    actor: str | None = None


@dataclass(slots=True)
class _Tally:
    granted: int
    held: int
    used: int
    revoked: int


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
)
# The end that a lot has may be before the furthest one, which is what the index is on. Lots that
# were ended before they began are of no use to anybody.
_ENDING_AFTER = and_(
    lots.c.account_id == bindparam("account_id"),
    or_(lots.c.furthest_end > bindparam("since"), lots.c.furthest_end.is_(None)),
    or_(
        and_(lots.c.expires_at > bindparam("since"), lots.c.expires_at > lots.c.valid_from),
        lots.c.expires_at.is_(None),
    ),
)
_LOTS_SINCE = Statement(select(*LOT_COLUMNS).where(_ENDING_AFTER))
_IS_SPENT = and_(
    lots.c.expires_at <= bindparam("at"),
    lots.c.held == literal_column("0"),
    lots.c.unit != literal_column("'minute'"),
)
# A tally is of one catalogue, site and unit.
_LAST_SPENT = (
    select(lots.c.tally_id, lots.c.plan, func.max(lots.c.expires_at).label("expires_at"))
    .where(_ENDING_AFTER, _IS_SPENT)
    .group_by(lots.c.tally_id, lots.c.plan)
    .subquery("last_spent")
)
_POOL_LOTS = Statement(
    union_all(
        select(*LOT_COLUMNS).where(
            _ENDING_AFTER, or_(lots.c.expires_at.is_(None), not_(_IS_SPENT))
        ),
        select(*LOT_COLUMNS)
        .join(
            _LAST_SPENT,
            and_(
                _LAST_SPENT.c.tally_id == lots.c.tally_id,
                _LAST_SPENT.c.plan == lots.c.plan,
                _LAST_SPENT.c.expires_at == lots.c.expires_at,
            ),
        )
        .where(_ENDING_AFTER, _IS_SPENT),
    )
)
_LOTS_BY_ID = Statement(
    select(*LOT_COLUMNS).where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.lot_id == any_(bindparam("lot_ids", type_=ARRAY(Uuid))),
    )
)
_TICKET_ENTRIES = Statement(
    select(entries.c.sequence, entries.c.lot_id, entries.c.held, entries.c.used)
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == bindparam("ticket_id"),
        entries.c.lot_id.is_not(None),
    )
    .order_by(entries.c.sequence)
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
_LIST_LOTS = Statement(
    select(*LOT_COLUMNS)
    .where(lots.c.account_id == bindparam("account_id"), lots.c.lot_id > bindparam("after"))
    .order_by(lots.c.lot_id)
    .limit(bindparam("limit"))
)
_LAST_TICKET_ENTRY = Statement(
    select(func.max(entries.c.effective_at)).where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.ticket_id == bindparam("ticket_id"),
    )
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
_FIND_TALLY = Statement(
    select(tallies.c.tally_id).where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.catalog == bindparam("catalog"),
        tallies.c.site.is_not_distinct_from(bindparam("site", type_=tallies.c.site.type)),
        tallies.c.unit == bindparam("unit"),
        tallies.c.counted == bindparam("counted"),
    )
)
_LOAD_TALLIES = Statement(
    select(tallies).where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.tally_id == any_(bindparam("tally_ids", type_=ARRAY(SmallInteger))),
    )
)
_INSERT_TALLY = Statement(insert(tallies))
_UPDATE_TALLY = Statement(
    update(tallies)
    .where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.tally_id == bindparam("tally_id"),
    )
    .values(
        granted=bindparam("granted"),
        held=bindparam("held"),
        used=bindparam("used"),
        revoked=bindparam("revoked"),
    )
)
_INSERT_LOT = Statement(insert(lots))
_THIS_LOT = and_(lots.c.account_id == bindparam("account_id"), lots.c.lot_id == bindparam("lot_id"))
_UPDATE_LOT = Statement(
    update(lots)
    .where(_THIS_LOT)
    .values(held=bindparam("held"), used=bindparam("used"), revoked=bindparam("revoked"))
)
_MOVE_END = Statement(
    update(lots)
    .where(_THIS_LOT)
    .values(
        expires_at=bindparam("expires_at"),
        furthest_end=bindparam("furthest_end"),
        reach_days=bindparam("reach_days"),
    )
)
_FURTHEST_END = Statement(
    select(lots.c.furthest_end, entries.c.clock_at)
    .join(
        entries,
        and_(
            entries.c.account_id == lots.c.account_id,
            entries.c.sequence == lots.c.granted_sequence,
        ),
    )
    .where(_THIS_LOT)
)
_INSERT_ENTRY = Statement(insert(entries))
_MOVE_ACCOUNT = Statement(
    update(accounts)
    .where(accounts.c.account_id == bindparam("account_id"))
    .values(
        sequence=bindparam("sequence"),
        effective_at=bindparam("effective_at"),
        tallies=bindparam("tallies"),
    )
)


def read_lot(row: Any) -> Lot:
    """Return a lot's row as a value."""
    return Lot(*(row[column.name] for column in LOT_COLUMNS))


def reach_days(ends: datetime | None, *, since: datetime) -> int | None:
    """Return the least of `REACHES` within which a lot granted at `since` ends; None: of none.

    `since` is the account's clock at the grant, so that no balance knows the lot before it.
    """
    if ends is None:
        return None
    return next((days for days in REACHES if ends - since <= timedelta(days=days)), None)


async def load_lots_since(db: Db, account_id: str, since: datetime) -> list[Lot]:
    """Return the account's lots that end after `since`, upcoming ones among them."""
    rows = await db.rows(_LOTS_SINCE, account_id=account_id, since=since)
    return [read_lot(row) for row in rows]


async def load_pool_lots(
    db: Db, account_id: str, *, at: datetime, ended_since: datetime
) -> list[Lot]:
    """Return the lots that make up the account's pools at `at`, upcoming ones among them.

    Of each pool's lots that ended before, the last is enough: but for those that hold, and those
    of minutes, which a week's cap may count.
    """
    rows = await db.rows(_POOL_LOTS, account_id=account_id, at=at, since=ended_since)
    return [read_lot(row) for row in rows]


async def load_lots(db: Db, account_id: str, lot_ids: Iterable[UUID]) -> dict[UUID, Lot]:
    """Return these lots by id."""
    rows = await db.rows(_LOTS_BY_ID, account_id=account_id, lot_ids=list(lot_ids))
    return {row["lot_id"]: read_lot(row) for row in rows}


async def load_subscription_lots(db: Db, account_id: str, subscription_id: UUID) -> list[Lot]:
    """Return a subscription's lots in the order they were granted."""
    rows = await db.rows(_SUBSCRIPTION_LOTS, account_id=account_id, subscription_id=subscription_id)
    return [read_lot(row) for row in rows]


async def load_all_lots(db: Db, account_id: str) -> list[Lot]:
    """Return every lot there ever was, in the order they were granted."""
    rows = await db.rows(_ALL_LOTS, account_id=account_id)
    return [read_lot(row) for row in rows]


async def list_lots(db: Db, account_id: str, *, after: UUID, limit: int) -> list[Lot]:
    """Return the account's lots in the order of their ids, which is that of their making."""
    rows = await db.rows(_LIST_LOTS, account_id=account_id, after=after, limit=limit)
    return [read_lot(row) for row in rows]


async def load_ticket_uses(db: Db, account_id: str, ticket_id: str) -> dict[UUID, TicketUse]:
    """Return what a ticket holds and has used of each lot: the fold of its entries."""
    rows = await db.rows(_TICKET_ENTRIES, account_id=account_id, ticket_id=ticket_id)
    return fold_ticket_entries(tuple(row) for row in rows)


async def last_ticket_entry_at(db: Db, account_id: str, ticket_id: str) -> datetime | None:
    """Return when the last movement of a ticket's charge took effect, None before any."""
    found: datetime | None = await db.value(
        _LAST_TICKET_ENTRY, account_id=account_id, ticket_id=ticket_id
    )
    return found


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


async def find_tally(db: Db, account: LockedAccount, lot: Lot) -> int:
    """Return the tally that a lot of this kind counts in, made if it is the first."""
    kind: dict[str, Any] = {
        "account_id": account.account_id,
        "catalog": lot.catalog,
        "site": lot.site,
        "unit": lot.unit,
        "counted": lot.granted is not None,
    }
    found = await db.value(_FIND_TALLY, **kind)
    if found is not None:
        return int(found)
    account.tallies += 1
    await db.execute(
        _INSERT_TALLY, tally_id=account.tallies, granted=0, held=0, used=0, revoked=0, **kind
    )
    return account.tallies


async def insert_lots(
    db: Db, account: LockedAccount, new: Sequence[Lot], stamp: Stamp
) -> list[Lot]:
    """Write new lots with their grants, and return them as they are then."""
    written: list[Lot] = []
    movements: list[Movement] = []
    clock_at = max(account.clock_at, stamp.effective_at)
    for offset, lot in enumerate(new, start=1):
        numbered = replace(
            lot,
            tally_id=await find_tally(db, account, lot),
            granted_sequence=account.sequence + offset,
        )
        written.append(numbered)
        empty = replace(numbered, granted=None if lot.granted is None else 0)
        movements.append(Movement("grant", empty, lot.granted or 0, expires_at=lot.expires_at))
    await db.execute_many(
        _INSERT_LOT,
        (
            {"account_id": account.account_id}
            | {column.name: getattr(lot, column.name) for column in LOT_COLUMNS}
            | {
                "furthest_end": lot.expires_at,
                "reach_days": reach_days(lot.expires_at, since=clock_at),
            }
            for lot in written
        ),
    )
    await _write_entries(db, account, movements, stamp)
    return written


async def post(
    db: Db, account: LockedAccount, movements: Sequence[Movement], stamp: Stamp
) -> dict[UUID, Lot]:
    """Write movements of existing lots, in order; return the lots moved, as they are then."""
    if not movements:
        return {}
    moved = await _write_entries(db, account, movements, stamp)
    await db.execute_many(
        _UPDATE_LOT,
        (
            {
                "account_id": account.account_id,
                "lot_id": lot.lot_id,
                "held": lot.held,
                "used": lot.used,
                "revoked": lot.revoked,
            }
            for lot in moved.values()
        ),
    )
    for lot_id in {each.lot.lot_id for each in movements if each.kind == "extend"}:
        await _move_end(db, account.account_id, moved[lot_id])
    return moved


async def post_overage(
    db: Db, account: LockedAccount, *, unit: str, amount: int, stamp: Stamp
) -> None:
    """Write use beyond what any lot holds: recorded, to be billed, of no lot."""
    account.sequence += 1
    account.clock_at = max(account.clock_at, stamp.effective_at)
    zeros = dict.fromkeys(_BUCKET_COLUMNS, 0)
    row = _entry_row(account, "overage", unit=unit, amount=amount, stamp=stamp) | zeros
    await db.execute(
        _INSERT_ENTRY,
        **row | {"lot_id": None, "tally_id": None, "valid_from": None, "expires_at": None},
    )
    await _move_account(db, account)


_BUCKET_COLUMNS = tuple(
    prefix + bucket
    for prefix in ("", "lot_", "tally_")
    for bucket in ("granted", "held", "used", "revoked")
)


async def _move_end(db: Db, account_id: str, lot: Lot) -> None:
    known = await db.row(_FURTHEST_END, account_id=account_id, lot_id=lot.lot_id)
    if known is None:
        raise LookupError(f"lot {lot.lot_id} was never granted")
    ends = (known["furthest_end"], lot.expires_at)
    furthest = None if None in ends else max(ends)
    await db.execute(
        _MOVE_END,
        account_id=account_id,
        lot_id=lot.lot_id,
        expires_at=lot.expires_at,
        furthest_end=furthest,
        reach_days=reach_days(furthest, since=known["clock_at"]),
    )


async def _write_entries(
    db: Db, account: LockedAccount, movements: Sequence[Movement], stamp: Stamp
) -> dict[UUID, Lot]:
    current: dict[UUID, Lot] = {}
    touched = {each.lot.tally_id for each in movements}
    totals = await _load_tallies(db, account.account_id, touched)
    rows: list[dict[str, Any]] = []
    account.clock_at = max(account.clock_at, stamp.effective_at)
    for movement in movements:
        before = current.get(movement.lot.lot_id, movement.lot)
        deltas = movement_deltas(movement)
        after = apply_deltas(before, deltas)
        if movement.kind in ("grant", "extend"):
            after = replace(after, expires_at=movement.expires_at)
        current[after.lot_id] = after
        tally = totals[after.tally_id]
        tally.granted += deltas.granted
        tally.held += deltas.held
        tally.used += deltas.used
        tally.revoked += deltas.revoked
        account.sequence += 1
        rows.append(
            _entry_row(account, movement.kind, unit=after.unit, amount=movement.amount, stamp=stamp)
            | {
                "lot_id": after.lot_id,
                "tally_id": after.tally_id,
                "granted": deltas.granted,
                "held": deltas.held,
                "used": deltas.used,
                "revoked": deltas.revoked,
                "lot_granted": after.granted,
                "lot_held": after.held,
                "lot_used": after.used,
                "lot_revoked": after.revoked,
                "tally_granted": tally.granted,
                "tally_held": tally.held,
                "tally_used": tally.used,
                "tally_revoked": tally.revoked,
                "valid_from": after.valid_from,
                "expires_at": after.expires_at,
            }
        )
    await db.execute_many(_INSERT_ENTRY, rows)
    for tally_id in touched:
        tally = totals[tally_id]
        await db.execute(
            _UPDATE_TALLY,
            account_id=account.account_id,
            tally_id=tally_id,
            granted=tally.granted,
            held=tally.held,
            used=tally.used,
            revoked=tally.revoked,
        )
    await _move_account(db, account)
    return current


def _entry_row(
    account: LockedAccount, kind: EntryKind, *, unit: str, amount: int, stamp: Stamp
) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "sequence": account.sequence,
        "kind": kind,
        "unit": unit,
        "amount": amount,
        "effective_at": stamp.effective_at,
        "clock_at": account.clock_at,
        "recorded_at": account.now,
        "ticket_id": stamp.ticket_id,
        "order_id": stamp.order_id,
        "reference": stamp.reference,
        "cause": stamp.cause,
        "reason": stamp.reason,
        "actor": stamp.actor,
    }


async def _load_tallies(db: Db, account_id: str, tally_ids: Iterable[int]) -> dict[int, _Tally]:
    rows = await db.rows(_LOAD_TALLIES, account_id=account_id, tally_ids=list(tally_ids))
    return {
        row["tally_id"]: _Tally(row["granted"], row["held"], row["used"], row["revoked"])
        for row in rows
    }


async def _move_account(db: Db, account: LockedAccount) -> None:
    await db.execute(
        _MOVE_ACCOUNT,
        account_id=account.account_id,
        sequence=account.sequence,
        effective_at=account.clock_at,
        tallies=account.tallies,
    )
