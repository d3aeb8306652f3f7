"""Accounts: the customer's row, which is also the lock that every write takes first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.database import Db, Statement
from app.db.tables import accounts
from app.domain.refusals import Refusal

# Before anything that could be recorded: what a new account's entries may follow. Not year 1's
# first instant, which the driver takes for "since ever" and gives back without a zone.
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


class AccountUnknown(Refusal):
    """There is no such account for this caller."""

    kind = "unknown"
    code = "account_unknown"
    title = "There is no such account"


@dataclass(slots=True)
class LockedAccount:
    """An account whose row this transaction holds, with the one reading of the clock.

    `now` is the later of the clock and the account's last effective time, so that nothing is
    stamped before what it followed. `sequence`, `clock_at` and `tallies` move as entries are
    written.
    """

    account_id: str
    sequence: int
    clock_at: datetime
    tallies: int
    now: datetime


_LOCK = Statement(
    select(accounts.c.sequence, accounts.c.effective_at, accounts.c.tallies)
    .where(accounts.c.account_id == bindparam("account_id"))
    .with_for_update()
)
_FIND = Statement(select(accounts).where(accounts.c.account_id == bindparam("account_id")))
_LOCK_WHOLE = Statement(
    select(accounts).where(accounts.c.account_id == bindparam("account_id")).with_for_update()
)
_CREATE = Statement(insert(accounts).on_conflict_do_nothing().returning(accounts.c.account_id))
_REPLACE = Statement(
    update(accounts)
    .where(accounts.c.account_id == bindparam("account_id"))
    .values(
        name=bindparam("name"),
        email=bindparam("email"),
        metadata=bindparam("metadata"),
        updated_at=bindparam("updated_at"),
        version=accounts.c.version + 1,
    )
    .returning(accounts)
)
_LIST_BY_EMAIL = Statement(
    select(accounts)
    .where(accounts.c.account_id > bindparam("after"), accounts.c.email == bindparam("email"))
    .order_by(accounts.c.account_id)
    .limit(bindparam("limit"))
)
_LIST_ALL = Statement(
    select(accounts)
    .where(accounts.c.account_id > bindparam("after"))
    .order_by(accounts.c.account_id)
    .limit(bindparam("limit"))
)

_SUM_SEQUENCES = Statement(select(func.coalesce(func.sum(accounts.c.sequence), 0)))


async def lock_account(db: Db, account_id: str) -> LockedAccount:
    """Take the account's row, then read the clock, once. Every write begins here.

    Refuses with `account_unknown`. Waits for other writers at most the lock timeout.
    """
    row = await db.row(_LOCK, account_id=account_id)
    if row is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    return LockedAccount(
        account_id=account_id,
        sequence=row["sequence"],
        clock_at=row["effective_at"],
        tallies=row["tallies"],
        now=max(db.read_clock(), row["effective_at"]),
    )


async def find_account(db: Db, account_id: str, *, lock: bool = False) -> Any:
    """Return the account's row, or refuse with `account_unknown`."""
    row = await db.row(_LOCK_WHOLE if lock else _FIND, account_id=account_id)
    if row is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    return row


async def insert_account(
    db: Db,
    *,
    account_id: str,
    name: str,
    email: str | None,
    metadata: dict[str, Any],
    now: datetime,
) -> bool:
    """Write a new account; False where there is one already."""
    created = await db.value(
        _CREATE,
        account_id=account_id,
        name=name,
        email=email,
        metadata=metadata,
        version=1,
        sequence=0,
        tallies=0,
        effective_at=BEGINNING,
        created_at=now,
        updated_at=now,
        erased_at=None,
        erasure=None,
    )
    return created is not None


async def replace_account(
    db: Db,
    *,
    account_id: str,
    name: str,
    email: str | None,
    metadata: dict[str, Any],
    now: datetime,
) -> Any:
    """Write the account's own data anew and return the row."""
    return await db.row(
        _REPLACE, account_id=account_id, name=name, email=email, metadata=metadata, updated_at=now
    )


async def list_accounts(db: Db, *, after: str, limit: int, email: str | None) -> list[Any]:
    """Return accounts in the order of their ids, after one id."""
    if email is None:
        return await db.rows(_LIST_ALL, after=after, limit=limit)
    return await db.rows(_LIST_BY_EMAIL, after=after, limit=limit, email=email)


async def sum_sequences(db: Db) -> int:
    """Return how many entries all accounts have together."""
    return int(await db.value(_SUM_SEQUENCES))
