"""All that a decision of coverage looks at of an account, in one statement.

So it is of one instant by itself, and costs one round trip: beside a question that is only
asked, and after the account's row is taken.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from app.db.accounts.account_reads import RunningTally
from app.db.accounts.accounts import AccountUnknown
from app.db.accounts.locked_accounts import (
    STATE,
    AccountVersion,
    LockedAccount,
    is_taken_by_reading,
    lock_account,
    read_version,
    take_account,
)
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.stored_lots import ENDING_AFTER, LOT_COLUMNS
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.tables import accounts, catalogs, lots, sessions, subscriptions, tallies, tickets
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.values import Value, replace


class AccountUnits(Value):
    """An account's lots that make up its pools, and what belongs to them.

    `versions` are the newest of the lots' catalogues. `in_session`: a chat, phone or video
    session of the account runs, other than of the ticket `besides`. `seen`: the account has a
    ticket of the id that was asked for.
    `region` is the account's own.
    """

    sequence: int
    effective_at: datetime
    in_session: bool
    seen: bool
    lots: tuple[Lot, ...]
    subscriptions: Mapping[UUID, Subscription]
    versions: Mapping[str, int]
    region: str | None = None


_IS_SPENT = func.coalesce(
    and_(
        lots.c.expires_at <= bindparam("at"),
        lots.c.held == literal_column("0"),
        lots.c.unit != literal_column("'minute'"),
    ),
    literal_column("false", Boolean),
)
# A tally is of one catalogue, site and unit: with plan and region it is a pool's. The last
# end is found in passing, without an order or a join, so that what ended in a quarter is read
# once.
_NEAR = (
    select(
        *LOT_COLUMNS,
        _IS_SPENT.label("is_spent"),
        func.max(lots.c.expires_at)
        .filter(_IS_SPENT)
        .over(partition_by=(lots.c.tally_id, lots.c.plan, lots.c.region))
        .label("last_spent"),
    )
    .where(ENDING_AFTER)
    .subquery("near")
)
_POOLED = (
    select(*(_NEAR.c[column.name] for column in LOT_COLUMNS))
    .where(or_(not_(_NEAR.c.is_spent), _NEAR.c.expires_at == _NEAR.c.last_spent))
    .subquery("pooled")
)
_SELECTED = (
    select(
        accounts.c.sequence.label("account_sequence"),
        accounts.c.effective_at,
        accounts.c.region.label("account_region"),
        exists()
        .where(
            sessions.c.account_id == bindparam("account_id"),
            sessions.c.status == literal_column("'running'"),
            sessions.c.ticket_id.is_distinct_from(bindparam("besides", None, type_=Text())),
        )
        .label("in_session"),
        exists()
        .where(
            tickets.c.account_id == bindparam("account_id"),
            tickets.c.ticket_id == bindparam("ticket_id"),
        )
        .label("seen"),
        catalogs.c.version.label("current_version"),
        tallies.c.granted.label("tally_granted"),
        tallies.c.held.label("tally_held"),
        tallies.c.used.label("tally_used"),
        tallies.c.revoked.label("tally_revoked"),
        *(column.label(f"lot_{column.name}") for column in _POOLED.c),
        *(column.label(f"of_{column.name}") for column in SUBSCRIPTION.columns),
    )
    .select_from(
        accounts.outerjoin(_POOLED, true())
        .outerjoin(
            subscriptions,
            and_(
                subscriptions.c.account_id == bindparam("account_id"),
                subscriptions.c.subscription_id == _POOLED.c.subscription_id,
            ),
        )
        .outerjoin(
            tallies,
            and_(
                tallies.c.account_id == bindparam("account_id"),
                tallies.c.tally_id == _POOLED.c.tally_id,
            ),
        )
        .outerjoin(catalogs, catalogs.c.catalog == _POOLED.c.catalog)
    )
    .where(accounts.c.account_id == bindparam("account_id"))
)
_DRAWABLE = Statement(_SELECTED, asked_again=True)
# Together with the account, as it is read without a lock.
_TAKE_DRAWABLE = Statement(_SELECTED.add_columns(*STATE))
_VERSION_AT = 5
_TALLY_AT = _VERSION_AT + 1
_LOT_AT = _TALLY_AT + 4
_SUBSCRIPTION_AT = _LOT_AT + len(LOT_COLUMNS)


async def take_account_units(
    db: Db, account_id: str, *, at: datetime | None, kept: timedelta, ticket_id: str
) -> tuple[LockedAccount, AccountUnits]:
    """Take the account's row, and return what it has to draw on at `at`; left out, now.

    Lots are among it that ended within `kept` before. One statement where the row is not locked.
    """
    if is_taken_by_reading(db, account_id):
        clock = db.read_clock()
        earliest = min(at or clock, clock)
        left = db.take_left(partial(_serves, account_id=account_id, at=earliest, kept=kept))
        if isinstance(left, _LeftUnits):
            return _take_as_left(db, left)
        rows = await db.rows(
            _TAKE_DRAWABLE,
            account_id=account_id,
            at=earliest,
            since=earliest - kept,
            ticket_id=ticket_id,
            key_digest=db.key_digest,
        )
        if rows:
            version = read_version(rows[0])
            account = take_account(db, account_id, version)
            units = _read_units(rows, account.totals)
            account.keep_units(units.lots, units.subscriptions, in_session=units.in_session)
            db.leave = partial(_leave, account, version, units, (earliest, kept))
            return account, units
    account = await lock_account(db, account_id)
    at = min(at or account.now, account.now)
    units = await load_account_units(
        db, account_id, at=at, ended_since=at - kept, ticket_id=ticket_id, account=account
    )
    return account, units


class _LeftUnits(Value):
    """What an account has to draw on once an opening is written, whose version is known.

    Its lots are those of a `read` at an instant, with what had ended so long before.
    """

    account_id: str
    version: AccountVersion
    units: AccountUnits
    totals: dict[int, RunningTally]
    read: tuple[datetime, timedelta]


def _serves(left: object, *, account_id: str, at: datetime, kept: timedelta) -> bool:
    """Say whether what was left is all that would be read of the account at an instant.

    Of lots that have ended a read has the last: so none may have ended since the one before.
    """
    if not isinstance(left, _LeftUnits) or left.account_id != account_id:
        return False
    read_at, left_kept = left.read
    ends = (lot.expires_at for lot in left.units.lots)
    return (
        read_at <= at
        and left_kept == kept
        and not any(end is not None and read_at < end <= at for end in ends)
    )


def _leave(
    account: LockedAccount,
    version: AccountVersion,
    units: AccountUnits,
    read: tuple[datetime, timedelta],
) -> _LeftUnits | None:
    """Return what the account has once what was decided is written; None where it has others.

    A sandbox's clock is not the account's own, and may be moved.
    """
    if account.sandbox or not account.read_units:
        return None
    moved = account.lots
    return _LeftUnits(
        account.account_id,
        version.move_to(account),
        replace(
            units,
            sequence=account.sequence,
            effective_at=account.clock_at,
            seen=False,
            lots=tuple([moved.get(lot.lot_id, lot) for lot in units.lots]),
        ),
        account.totals,
        read,
    )


def _take_as_left(db: Db, left: _LeftUnits) -> tuple[LockedAccount, AccountUnits]:
    """Take the account as the writer before has left it, without reading it."""
    account = take_account(db, left.account_id, left.version)
    units = left.units
    account.totals.update(left.totals)
    account.keep_units(units.lots, units.subscriptions, in_session=units.in_session)
    db.leave = partial(_leave, account, left.version, units, left.read)
    return account, units


async def load_account_units(
    db: Db,
    account_id: str,
    *,
    at: datetime,
    ended_since: datetime,
    ticket_id: str | None = None,
    account: LockedAccount | None = None,
    besides: str | None = None,
) -> AccountUnits:
    """Return what the account has to draw on at `at`, lots that have not begun among it.

    Of each pool's lots that ended before, the last is enough: but for those that hold, and those
    of minutes, which a week's cap may count. With `account`, where its row is locked, lots and
    tallies are cached. Refuses with `account_unknown`.
    """
    rows = await db.rows(
        _DRAWABLE,
        account_id=account_id,
        at=at,
        since=ended_since,
        ticket_id=ticket_id,
        besides=besides,
    )
    if not rows:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    if account is None:
        return _read_units(rows, {})
    units = _read_units(rows, account.totals)
    if at <= account.now:
        account.keep_units(
            units.lots, units.subscriptions, in_session=units.in_session, besides=besides
        )
    return units


def _read_units(rows: Sequence[Any], totals: dict[int, RunningTally]) -> AccountUnits:
    """Return what the rows of an account have; the lots' tallies become known with it."""
    found: list[Lot] = []
    held: dict[UUID, Subscription] = {}
    versions: dict[str, int] = {}
    sequence, effective_at, region, in_session, seen = rows[0][:_VERSION_AT]
    for row in rows:
        values = tuple(row)
        if values[_LOT_AT] is None:
            break
        lot = Lot(*values[_LOT_AT:_SUBSCRIPTION_AT])
        found.append(lot)
        versions[lot.catalog] = values[_VERSION_AT]
        if lot.tally_id not in totals and values[_TALLY_AT] is not None:
            totals[lot.tally_id] = RunningTally(*values[_TALLY_AT:_LOT_AT])
        if lot.subscription_id not in held:
            held[lot.subscription_id] = SUBSCRIPTION.read(values[_SUBSCRIPTION_AT:])
    return AccountUnits(
        sequence, effective_at, in_session, seen, tuple(found), held, versions, region=region
    )
