"""Accounts in which something is due: clocks, lots, terms and covers, the longest due first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, agreements, deadlines, lots, subscriptions
from app.domain.values import State, field

ClockKey = tuple[str, str, int]
# More than one account can have due.
_ALL = 2**31 - 1


class DueAccount(State):
    """What is due in one account, by the keys of its rows; cover, by its agreement's."""

    account_id: str
    clocks: list[ClockKey] = field(default_factory=list)
    lot_ids: list[UUID] = field(default_factory=list)
    covers: list[str] = field(default_factory=list)
    subscription_ids: list[UUID] = field(default_factory=list)


# A sandbox's clock is its own: what is due there is recorded when that is moved.
def _is_real(account_id: Any) -> ColumnElement[bool]:
    return ~exists().where(accounts.c.account_id == account_id, accounts.c.sandbox_at.is_not(None))


_NO_TEXT = cast(null(), Text)
_NO_NUMBER = cast(null(), Integer)
_NO_ID = cast(null(), Uuid)
# A clock is looked at after its instant, for what is done at the last one is in time; a term is
# over at its own. The keys behind the account: two texts, a number, an id.
_KINDS: tuple[tuple[str, ColumnElement[Any], bool, tuple[Any, ...]], ...] = (
    (
        "clocks",
        deadlines.c.notify_at,
        False,
        (
            deadlines.c.account_id,
            deadlines.c.ticket_id,
            deadlines.c.metric,
            deadlines.c.spell,
            _NO_ID,
        ),
    ),
    (
        "lots",
        lots.c.notify_at,
        True,
        (lots.c.account_id, _NO_TEXT, _NO_TEXT, _NO_NUMBER, lots.c.lot_id),
    ),
    (
        "terms",
        subscriptions.c.notify_at,
        True,
        (
            subscriptions.c.account_id,
            _NO_TEXT,
            _NO_TEXT,
            _NO_NUMBER,
            subscriptions.c.subscription_id,
        ),
    ),
    (
        "covers",
        agreements.c.notify_at,
        True,
        (agreements.c.account_id, agreements.c.reference, _NO_TEXT, _NO_NUMBER, _NO_ID),
    ),
)


def _find_due(where: Callable[[Any], ColumnElement[bool]]) -> Statement:
    """Return what finds the rows of each kind that are due, of the accounts that `where` says."""
    kinds = [
        select(literal_column(f"'{kind}'", Text).label("kind"), *keys)
        .where(
            notify_at <= bindparam("now") if at_once else notify_at < bindparam("now"),
            where(keys[0]),
        )
        .order_by(notify_at)
        .limit(bindparam("limit"))
        for kind, notify_at, at_once, keys in _KINDS
    ]
    return Statement(union_all(*kinds))


_FIND = _find_due(_is_real)
_FIND_IN_ACCOUNT = _find_due(lambda account_id: account_id == bindparam("account_id"))
# After a clock's instant, for what is done at it is in time.
_FIRST_INSTANT = Statement(
    select(
        func.least(
            *(
                select(
                    func.min(notify_at)
                    + literal_column("interval '0'" if at_once else "interval '1 microsecond'")
                )
                .where(keys[0] == bindparam("account_id"))
                .scalar_subquery()
                for _, notify_at, at_once, keys in _KINDS
            )
        )
    )
)


async def find_due(db: Db, *, now: datetime, limit: int) -> list[DueAccount]:
    """Return what is due at `now`, by accounts: of each kind, at most the `limit` due longest.

    What is due in sandbox accounts is not among it.
    """
    return await _find(db, _FIND, now=now, limit=limit)


async def find_due_in_account(db: Db, account_id: str, *, now: datetime) -> list[DueAccount]:
    """Return all that is due in one account at `now`."""
    return await _find(db, _FIND_IN_ACCOUNT, account_id=account_id, now=now, limit=_ALL)


async def find_next_instant(db: Db, account_id: str, *, until: datetime) -> datetime | None:
    """Return when something falls due next in an account, if that is by `until`."""
    at: datetime | None = await db.value(_FIRST_INSTANT, account_id=account_id)
    return at if at is not None and at <= until else None


async def _find(db: Db, statement: Statement, **values: Any) -> list[DueAccount]:
    due: dict[str, DueAccount] = {}
    for kind, account_id, text, metric, spell, id_ in await db.rows(statement, **values):
        of_account = due.setdefault(account_id, DueAccount(account_id))
        match kind:
            case "clocks":
                of_account.clocks.append((text, metric, spell))
            case "lots":
                of_account.lot_ids.append(id_)
            case "terms":
                of_account.subscription_ids.append(id_)
            case _:
                of_account.covers.append(text)
    return list(due.values())
