"""The ledger's only writer: lots, entries, tallies, and the account's sequence, together.

Every function here expects the account's row to be locked by this transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, SmallInteger, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts.account_reads import PostedUse, RunningTally, TicketMovement
from app.db.accounts.locked_accounts import LockedAccount, move_account
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.lot_ends import THIS_LOT, move_end, reach_days
from app.db.ledger.low_balances import record_low_balances
from app.db.ledger.stored_lots import LOT_COLUMNS
from app.db.tables import entries, lots, tallies
from app.domain.events.notices import first_lot_notice
from app.domain.ledger.ledger import EntryKind, Lot, Movement, apply_deltas, movement_deltas
from app.domain.values import Value, replace


class Stamp(Value):
    """What an entry records besides the movement: when, for what, why and by whom."""

    effective_at: datetime
    ticket_id: str | None = None
    order_id: str | None = None
    reference: str | None = None
    cause: str | None = None
    reason: str | None = None
    actor: str | None = None


_FIND_TALLIES = Statement(
    select(
        tallies.c.unit,
        tallies.c.counted,
        tallies.c.tally_id,
        tallies.c.granted,
        tallies.c.held,
        tallies.c.used,
        tallies.c.revoked,
    ).where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.catalog == bindparam("catalog"),
        tallies.c.site.is_not_distinct_from(bindparam("site", type_=tallies.c.site.type)),
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
_UPDATE_LOT = Statement(
    update(lots)
    .where(THIS_LOT)
    .values(held=bindparam("held"), used=bindparam("used"), revoked=bindparam("revoked"))
)
_INSERT_ENTRY = Statement(insert(entries))


async def find_tally(db: Db, account: LockedAccount, lot: Lot) -> int:
    """Return the tally that a lot of this kind counts in, made if it is the first."""
    known = account.tally_ids.get((lot.catalog, lot.site))
    if known is None:
        known = await _load_tally_ids(db, account, lot)
    kind = lot.unit, lot.granted is not None
    if kind not in known:
        account.tallies += 1
        known[kind] = account.tallies
        account.totals[account.tallies] = RunningTally(0, 0, 0, 0)
        await db.write(
            _INSERT_TALLY,
            account_id=account.account_id,
            tally_id=account.tallies,
            catalog=lot.catalog,
            site=lot.site,
            unit=lot.unit,
            counted=lot.granted is not None,
            granted=0,
            held=0,
            used=0,
            revoked=0,
        )
    return known[kind]


async def _load_tally_ids(db: Db, account: LockedAccount, lot: Lot) -> dict[tuple[str, bool], int]:
    """Read all the tallies of a lot's catalogue and site."""
    rows = await db.rows(
        _FIND_TALLIES, account_id=account.account_id, catalog=lot.catalog, site=lot.site
    )
    known = account.tally_ids[lot.catalog, lot.site] = {}
    for unit, counted, tally_id, *totals in rows:
        known[unit, counted] = tally_id
        account.totals.setdefault(tally_id, RunningTally(*totals))
    return known


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
        account.drop_pool(numbered)
        empty = replace(numbered, granted=None if lot.granted is None else 0)
        movements.append(Movement("grant", empty, lot.granted or 0, expires_at=lot.expires_at))
    await db.write_many(
        _INSERT_LOT,
        [
            {"account_id": account.account_id}
            | {column.name: getattr(lot, column.name) for column in LOT_COLUMNS}
            | {
                "furthest_end": lot.expires_at,
                "reach_days": reach_days(lot.expires_at, since=clock_at),
                "notify_at": first_lot_notice(
                    granted=lot.granted, valid_from=lot.valid_from, expires_at=lot.expires_at
                ),
            }
            for lot in written
        ],
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
    ends = {
        each.lot.lot_id
        for each in movements
        if each.kind == "extend" and each.expires_at != each.lot.expires_at
    }
    for lot in moved.values():
        if lot.lot_id in ends:
            await move_end(db, account, lot)
            continue
        await db.write(
            _UPDATE_LOT,
            account_id=account.account_id,
            lot_id=lot.lot_id,
            held=lot.held,
            used=lot.used,
            revoked=lot.revoked,
        )
    return moved


async def post_overage(
    db: Db, account: LockedAccount, *, unit: str, amount: int, stamp: Stamp
) -> None:
    """Write use beyond what any lot holds: recorded, to be billed, of no lot."""
    account.sequence += 1
    account.clock_at = max(account.clock_at, stamp.effective_at)
    zeros = dict.fromkeys(_BUCKET_COLUMNS, 0)
    _record_movement(account, stamp, None, held=0, used=0)
    row = _entry_row(account, "overage", unit=unit, amount=amount, stamp=stamp) | zeros
    await db.write(
        _INSERT_ENTRY,
        **row | {"lot_id": None, "tally_id": None, "valid_from": None, "expires_at": None},
    )
    await move_account(db, account)


_BUCKET_COLUMNS = tuple(
    prefix + bucket
    for prefix in ("", "lot_", "tally_")
    for bucket in ("granted", "held", "used", "revoked")
)


async def _write_entries(
    db: Db, account: LockedAccount, movements: Sequence[Movement], stamp: Stamp
) -> dict[UUID, Lot]:
    current: dict[UUID, Lot] = {}
    touched = {each.lot.tally_id for each in movements}
    totals = await _load_tallies(db, account, touched)
    rows: list[dict[str, Any]] = []
    account.clock_at = max(account.clock_at, stamp.effective_at)
    if record_low_balances not in account.before_end:
        account.before_end.append(record_low_balances)
    for movement in movements:
        before = current.get(movement.lot.lot_id, movement.lot)
        account.moved.setdefault(before.lot_id, (before, account.sequence))
        deltas = movement_deltas(movement)
        after = apply_deltas(before, deltas)
        if movement.kind in ("grant", "extend"):
            after = replace(after, expires_at=movement.expires_at)
        current[after.lot_id] = after
        account.lots[after.lot_id] = replace(after, lowest_free=None)
        tally = totals[after.tally_id]
        tally.granted += deltas.granted
        tally.held += deltas.held
        tally.used += deltas.used
        tally.revoked += deltas.revoked
        account.sequence += 1
        _record_movement(account, stamp, after.lot_id, held=deltas.held, used=deltas.used)
        if deltas.used or deltas.held:
            account.posted.append(
                PostedUse(
                    account.sequence,
                    after.lot_id,
                    stamp.ticket_id,
                    deltas.held,
                    deltas.used,
                    stamp.effective_at,
                )
            )
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
    await db.write_many(_INSERT_ENTRY, rows)
    for tally_id in touched:
        tally = totals[tally_id]
        await db.write(
            _UPDATE_TALLY,
            account_id=account.account_id,
            tally_id=tally_id,
            granted=tally.granted,
            held=tally.held,
            used=tally.used,
            revoked=tally.revoked,
        )
    await move_account(db, account)
    return current


def _record_movement(
    account: LockedAccount, stamp: Stamp, lot_id: UUID | None, *, held: int, used: int
) -> None:
    """Keep a ticket's entry with those that are known, where they were read."""
    if stamp.ticket_id in account.movements:
        account.movements[stamp.ticket_id].append(
            TicketMovement(account.sequence, lot_id, held, used, stamp.effective_at)
        )


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


async def _load_tallies(
    db: Db, account: LockedAccount, tally_ids: Iterable[int]
) -> dict[int, RunningTally]:
    unknown = [each for each in tally_ids if each not in account.totals]
    if unknown:
        rows = await db.rows(_LOAD_TALLIES, account_id=account.account_id, tally_ids=unknown)
        for row in rows:
            account.totals[row["tally_id"]] = RunningTally(
                row["granted"], row["held"], row["used"], row["revoked"]
            )
    return account.totals
