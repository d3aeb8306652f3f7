"""The clocks of tickets as they are stored, for the views that look across tickets."""

from collections.abc import Sequence

from sqlalchemy import (
    bindparam,
    delete,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import deadlines
from app.domain.promises.stored_clocks import StoredClock

CLOCK = RowType(deadlines, StoredClock)

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


async def insert_clocks(db: Db, clocks: Sequence[StoredClock]) -> None:
    """Write the clocks of a new ticket."""
    await db.write_many(_INSERT_CLOCK, [CLOCK.values(clock) for clock in clocks])


async def change_clocks(
    db: Db, before: Sequence[StoredClock], after: Sequence[StoredClock]
) -> None:
    """Write a ticket's clocks over those stored `before`: the ones that changed."""
    stored = {clock.key: clock for clock in before}
    for clock in after:
        known = stored.pop(clock.key, None)
        if known != clock:
            statement = _INSERT_CLOCK if known is None else _CHANGE_CLOCK
            await db.write(statement, **CLOCK.values(clock))
    for key in stored:
        await db.write(_REMOVE_CLOCK, **dict(zip(_CLOCK_KEY, key, strict=True)))
