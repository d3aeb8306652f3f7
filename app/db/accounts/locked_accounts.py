"""Locked accounts: the row that every write takes first, and what is cached of it until the end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, literal_column, select, update

from app.db.accounts.account_reads import (
    CachedPool,
    ChangedClocks,
    PostedUse,
    ReadUnits,
    RunningTally,
    TakenByTicket,
    TicketMovement,
)
from app.db.accounts.accounts import THIS_ACCOUNT, AccountUnknown
from app.db.accounts.event_log import NewEvent, write_events
from app.db.engine.compiled import Statement
from app.db.engine.gathered_writes import Comparison, LockNeededError
from app.db.engine.unit_of_work import Db
from app.db.tables import NO_ACCOUNT, accounts, idempotency_keys
from app.domain.catalog.catalogs import Catalog
from app.domain.events.account_events import AccountSummaryChangedData
from app.domain.events.event_data import EventData
from app.domain.events.events import OF_NO_SUMMARY
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import PoolKey, Subscription, pool_of
from app.domain.values import State, Value, field, replace


class KeySeenError(Exception):
    """The `Idempotency-Key` was used before, and the reply to it is stored."""


class AccountVersion(Value):
    """How far an account has come, by which what is read of it and what is written belong together.

    `key_seen`: there is a reply to the request's `Idempotency-Key`.
    """

    sequence: int
    effective_at: datetime
    tallies: int
    events: int
    sandbox_at: datetime | None
    lock_version: int
    key_seen: bool = False

    def move_to(self, account: "LockedAccount") -> "AccountVersion":
        """Return how far it has come once what was decided of the account is written."""
        return replace(
            self,
            sequence=account.sequence,
            effective_at=account.clock_at,
            tallies=account.tallies,
            events=account.events,
            lock_version=self.lock_version + 1,
        )


class LockedAccount(State):
    """An account whose row this transaction has locked, with the one reading of the clock.

    `now` is the later of the clock and the account's last effective time, so that nothing is
    stamped before what it followed. `sequence`, `clock_at` and `tallies` move as entries are
    written, `events` as they are recorded.

    While its row is locked nobody else moves its units, so what was read of them or written is
    known: `lots` and `totals` (the tallies) as they are now, and `movements`, the entries of
    tickets that were read whole. `tally_ids` are those of a catalogue and site, by their unit and
    whether they are counted, where all of them are known. `moved` has the lots that were moved as
    they were before, each with the account's sequence then; those in `moved_ends` have another end
    by now. `posted` are the uses that were written, `used_sums` those of a period that were summed
    up, by which, with the sequence then, and `taken_sums` what each ticket took in one. `pools` are
    those that were read whole, `read_units` lots whatever their pool.
    `began_at_sequence` is the account's sequence before, and `summary_changed` says that what is
    shown of it is other than before though nothing of it is recorded. `changed_clocks` are those
    of tickets that something happened to, by the ticket's id.
    """

    account_id: str
    sequence: int
    clock_at: datetime
    tallies: int
    events: int
    now: datetime
    sandbox: bool = False
    began_at_sequence: int = 0
    summary_changed: bool = False
    recorded: list[NewEvent] = field(default_factory=list)
    lots: dict[UUID, Lot] = field(default_factory=dict)
    totals: dict[int, RunningTally] = field(default_factory=dict)
    tally_ids: dict[tuple[str, str | None], dict[tuple[str, bool], int]] = field(
        default_factory=dict
    )
    movements: dict[str, list[TicketMovement]] = field(default_factory=dict)
    moved: dict[UUID, tuple[Lot, int]] = field(default_factory=dict)
    posted: list[PostedUse] = field(default_factory=list)
    used_sums: dict[object, tuple[int, int]] = field(default_factory=dict)
    taken_sums: dict[object, tuple[TakenByTicket, int]] = field(default_factory=dict)
    moved_ends: set[UUID] = field(default_factory=set)
    read_units: list[ReadUnits] = field(default_factory=list)
    pools: dict[PoolKey, CachedPool] = field(default_factory=dict)
    changed_clocks: dict[str, ChangedClocks] = field(default_factory=dict)
    before_end: list[Callable[[Db, "LockedAccount"], Awaitable[None]]] = field(default_factory=list)

    def after_movements(self, at: datetime) -> datetime:
        """Return `at`, or when the account's units moved last, where that is later; never ahead."""
        return max(at, min(self.clock_at, self.now))

    def record(self, data: EventData, *, at: datetime) -> None:
        """Record that something happened at `at`: written, numbered, with the transaction."""
        self.events += 1
        self.recorded.append(NewEvent(self.events, at, self.now, data))

    def record_summary(self) -> None:
        """Record that what the account's summary shows has changed, whatever else is recorded."""
        self.summary_changed = True

    def cache_pool(self, lots: Sequence[Lot], terms: Catalog) -> None:
        """Cache all lots of a pool that can be used now, which need not be read again."""
        self.pools[pool_of(lots[0])] = CachedPool(lots, terms)

    def drop_pool(self, lot: Lot) -> None:
        """Have the pool of a new lot read again, for it is one more."""
        self.pools.pop(pool_of(lot), None)
        plan = lot.catalog, lot.plan
        self.read_units = [each for each in self.read_units if each.plan not in (None, plan)]

    def keep_units(
        self,
        lots: Sequence[Lot],
        subscriptions: Mapping[UUID, Subscription],
        *,
        plan: tuple[str, str] | None = None,
        in_session: bool | None = None,
        besides: str | None = None,
    ) -> None:
        """Keep all lots, of a plan or of every one, that have not ended by now."""
        self.read_units.append(ReadUnits(lots, subscriptions, plan, in_session, besides))

    def find_units(self, plan: tuple[str, str]) -> ReadUnits | None:
        """Return lots among which are all of a catalogue's plan that have not ended by now.

        They are as they are now, where they were read before.
        """
        for each in self.read_units:
            if each.plan in (None, plan):
                present = [self.lots.get(lot.lot_id, lot) for lot in each.lots]
                return replace(each, lots=[lot for lot in present if lot.is_left(self.now)])
        return None


# In the order of the value's fields.
_STATE_COLUMNS = (
    accounts.c.sequence,
    accounts.c.effective_at,
    accounts.c.tallies,
    accounts.c.events,
    accounts.c.sandbox_at,
    accounts.c.lock_version,
)
_AS_READ = and_(
    THIS_ACCOUNT,
    accounts.c.lock_version == bindparam("read_version"),
    # Besides its version: what wrote before there was one has moved these.
    accounts.c.sequence == bindparam("read_sequence"),
    accounts.c.events == bindparam("read_events"),
)
# Whether the account has a reply that is stored by this key; of no key, it has none.
_KEY_SEEN = (
    exists()
    .where(
        idempotency_keys.c.account_id == bindparam("account_id"),
        idempotency_keys.c.digest == bindparam("key_digest"),
    )
    .label("key_seen")
)
# What is read of an account that is not locked, beside what else is read with it.
STATE = (*(column.label(f"state_{column.name}") for column in _STATE_COLUMNS), _KEY_SEEN)
_STATE_LABELS = tuple(column.name for column in STATE)
_LOCK = Statement(select(*_STATE_COLUMNS).where(THIS_ACCOUNT).with_for_update())
_READ_STATE = Statement(select(*STATE).where(THIS_ACCOUNT))
_CONFIRM = Statement(select(literal_column("1")).select_from(accounts).where(_AS_READ))
_LOCK_AS_READ = Statement(
    select(literal_column("1")).select_from(accounts).where(_AS_READ).with_for_update()
)
_MOVED = {
    "sequence": bindparam("sequence"),
    "effective_at": bindparam("effective_at"),
    "tallies": bindparam("tallies"),
    "events": bindparam("events"),
    "lock_version": accounts.c.lock_version + literal_column("1"),
}
_MOVE = Statement(update(accounts).where(THIS_ACCOUNT).values(_MOVED))
_MOVE_AS_READ = Statement(update(accounts).where(_AS_READ).values(_MOVED))


async def lock_account(db: Db, account_id: str) -> LockedAccount:
    """Take the account's row, then read the clock, once. Every write begins here.

    It is locked, after waiting for other writers at most the lock timeout; or, where the unit of
    work compares, it is read as it is. Refuses with `account_unknown`. Taken again in one unit of
    work it is the same, with what was written since.
    """
    taken: LockedAccount | None = db.accounts.get(account_id)
    if taken is not None:
        return taken
    if db.compares:
        row = await db.row(_READ_STATE, account_id=account_id, key_digest=db.key_digest)
    else:
        row = await db.row(_LOCK, account_id=account_id)
    if row is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    return take_account(db, account_id, AccountVersion(*row))


def is_taken_by_reading(db: Db, account_id: str) -> bool:
    """Say whether the account is taken with the first statement that reads of it, without a lock.

    That has its `STATE` among what it reads.
    """
    return db.compares and account_id not in db.accounts


async def take_with(
    db: Db, account_id: str, *, take: Statement, find: Statement, **values: Any
) -> tuple[LockedAccount, Any]:
    """Take the account's row, and return the record of what is read with it, or None.

    It is what `find` reads; `take` reads its `STATE` as well, so that it is one statement where
    the row is not locked. Refuses `account_unknown`.
    """
    if is_taken_by_reading(db, account_id):
        record = await db.row(take, account_id=account_id, key_digest=db.key_digest, **values)
        if record is not None:
            return read_account(db, account_id, record), record
    account = await lock_account(db, account_id)
    return account, await db.row(find, account_id=account_id, **values)


def read_account(db: Db, account_id: str, record: Any) -> LockedAccount:
    """Return the account of a record that has its `STATE`, where it is not locked."""
    return take_account(db, account_id, read_version(record))


def read_version(record: Any) -> AccountVersion:
    """Return how far the account has come of a record that has its `STATE`."""
    return AccountVersion(*map(record.__getitem__, _STATE_LABELS))


def take_account(db: Db, account_id: str, state: AccountVersion) -> LockedAccount:
    """Return the account whose row was just taken, after reading the clock, once."""
    if db.compares:
        _compare(db, account_id, state)
    account = db.accounts[account_id] = LockedAccount(
        account_id=account_id,
        sequence=state.sequence,
        clock_at=state.effective_at,
        tallies=state.tallies,
        events=state.events,
        # A sandbox's own clock, as it stands now that its row is taken.
        now=max(state.sandbox_at or db.read_clock(), state.effective_at),
        sandbox=state.sandbox_at is not None,
        began_at_sequence=state.sequence,
    )
    db.at_end.append(partial(_finish, db, account))
    return account


def _compare(db: Db, account_id: str, state: AccountVersion) -> None:
    """Have what is written stand and fall with the account's being as it was read."""
    if db.accounts:  # two of them cannot be compared
        raise LockNeededError
    db.compare_with(
        Comparison(
            row=("accounts", account_id),
            update=_MOVE_AS_READ,
            lock=_LOCK_AS_READ,
            confirm=_CONFIRM,
            values={
                "account_id": account_id,
                "read_version": state.lock_version,
                "read_sequence": state.sequence,
                "read_events": state.events,
            },
        )
    )
    if state.key_seen:
        raise KeySeenError


async def move_account(db: Db, account: LockedAccount) -> None:
    """Write how far the account has come."""
    await db.write(
        _MOVE,
        account_id=account.account_id,
        sequence=account.sequence,
        effective_at=account.clock_at,
        tallies=account.tallies,
        events=account.events,
    )


async def _finish(db: Db, account: LockedAccount) -> None:
    """Record what the account's movements left of its pools, and write all that was recorded."""
    for step in account.before_end:
        await step(db, account)
    _record_summary(account)
    if account.recorded:
        await write_events(db, account.account_id, account.recorded, sandbox=account.sandbox)
    # Whatever was written of it, it is not any more as others may have read it.
    if db.wrote:
        await move_account(db, account)


def _record_summary(account: LockedAccount) -> None:
    """Record that the account's summary has changed, unless only the clock has changed it."""
    if account.account_id == NO_ACCOUNT:
        return
    because = dict.fromkeys(each.type for each in account.recorded)
    moved = account.sequence != account.began_at_sequence
    if moved or account.summary_changed or because.keys() - OF_NO_SUMMARY:
        data = AccountSummaryChangedData(because=tuple(because), sequence=account.sequence)
        account.record(data, at=account.now)
