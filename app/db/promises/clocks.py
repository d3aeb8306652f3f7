"""The clocks of tickets as they are stored, for the views that look across tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    bindparam,
    delete,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import deadlines

_CLOCK_KEY = ("account_id", "ticket_id", "metric", "spell")
_REMOVE_CLOCK = Statement(
    delete(deadlines).where(*(deadlines.c[name] == bindparam(name) for name in _CLOCK_KEY))
)
_INSERT_CLOCK = Statement(insert(deadlines))
_CHANGE_CLOCK = Statement(
    update(deadlines)
    .where(*(deadlines.c[name] == bindparam(name) for name in _CLOCK_KEY))
    .values(
        {
            column.name: bindparam(column.name)
            for column in deadlines.columns
            if column.name not in _CLOCK_KEY
        }
    )
)


async def insert_clocks(db: Db, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the clocks of a new ticket."""
    await db.write_many(_INSERT_CLOCK, rows)


async def change_clocks(
    db: Db, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> None:
    """Write a ticket's clocks over what was kept of them: those that changed."""
    kept = {_clock_key(row): row for row in before}
    for row in after:
        known = kept.pop(_clock_key(row), None)
        if known != row:
            statement = _INSERT_CLOCK if known is None else _CHANGE_CLOCK
            await db.write(statement, row=("clock", *_clock_key(row)), **row)
    for key in kept:
        await db.write(
            _REMOVE_CLOCK, row=("clock", *key), **dict(zip(_CLOCK_KEY, key, strict=True))
        )


def _clock_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _CLOCK_KEY)
