"""Accounts: a customer's row, made, found and written anew; a sandbox's own clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts
from app.domain.access.accounts import Account
from app.domain.access.refusals import Refusal

# Before anything that could be recorded: what a new account's entries may follow. Not year 1's
# first instant, which the driver takes for "since ever" and gives back without a zone.
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


class AccountUnknown(Refusal):
    """There is no such account for this caller."""

    kind = "unknown"
    code = "account_unknown"
    title = "There is no such account"


THIS_ACCOUNT = accounts.c.account_id == bindparam("account_id")
ACCOUNT = RowType(accounts, Account, without=("lock_version",))

_FIND = Statement(select(*ACCOUNT.columns).where(THIS_ACCOUNT))
_LOCK_WHOLE = Statement(select(*ACCOUNT.columns).where(THIS_ACCOUNT).with_for_update())
_CREATE = Statement(insert(accounts).on_conflict_do_nothing().returning(accounts.c.account_id))
_REPLACE = Statement(
    update(accounts)
    .where(THIS_ACCOUNT)
    .values(
        name=bindparam("name"),
        email=bindparam("email"),
        region=bindparam("region"),
        metadata=bindparam("metadata"),
        updated_at=bindparam("updated_at"),
        version=accounts.c.version + 1,
        lock_version=accounts.c.lock_version + 1,
    )
    .returning(*ACCOUNT.columns)
)
_READ_SANDBOX = Statement(select(accounts.c.sandbox_at).where(THIS_ACCOUNT))
_MOVE_SANDBOX = Statement(
    update(accounts)
    .where(THIS_ACCOUNT)
    .values(sandbox_at=bindparam("sandbox_at"), lock_version=accounts.c.lock_version + 1)
)
_SUM_SEQUENCES = Statement(select(func.coalesce(func.sum(accounts.c.sequence), 0)))


async def find_account(db: Db, account_id: str, *, lock: bool = False) -> Account:
    """Return the account, or refuse with `account_unknown`."""
    row = await db.row(_LOCK_WHOLE if lock else _FIND, account_id=account_id)
    if row is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    return ACCOUNT.read(row)


async def insert_account(
    db: Db,
    *,
    account_id: str,
    name: str,
    email: str | None,
    metadata: Mapping[str, Any],
    now: datetime,
    region: str | None = None,
    sandbox: bool = False,
) -> bool:
    """Write a new account; False where there is one already.

    A sandbox's own clock begins at `now`.
    """
    created = await db.value(
        _CREATE,
        account_id=account_id,
        name=name,
        email=email,
        region=region,
        metadata=metadata,
        version=1,
        sequence=0,
        tallies=0,
        events=0,
        lock_version=0,
        effective_at=BEGINNING,
        created_at=now,
        updated_at=now,
        erased_at=None,
        erasure=None,
        sandbox_at=now if sandbox else None,
    )
    return created is not None


async def read_sandbox_clock(db: Db, account_id: str) -> tuple[bool, datetime | None]:
    """Return whether there is such an account, and a sandbox's own clock."""
    row = await db.row(_READ_SANDBOX, account_id=account_id)
    return row is not None, None if row is None else row["sandbox_at"]


async def move_sandbox_clock(db: Db, account_id: str, *, to: datetime) -> None:
    """Write a sandbox's own clock anew, at once: the account's row is written again at the end."""
    await db.execute(_MOVE_SANDBOX, account_id=account_id, sandbox_at=to)


async def replace_account(
    db: Db,
    *,
    account_id: str,
    name: str,
    email: str | None,
    region: str | None,
    metadata: Mapping[str, Any],
    now: datetime,
) -> Account:
    """Write the account's own data anew and return it."""
    row = await db.row(
        _REPLACE,
        account_id=account_id,
        name=name,
        email=email,
        region=region,
        metadata=metadata,
        updated_at=now,
    )
    assert row is not None  # noqa: S101  the caller has it locked
    return ACCOUNT.read(row)


async def sum_sequences(db: Db) -> int:
    """Return how many entries all accounts have together."""
    return int(await db.value(_SUM_SEQUENCES))
