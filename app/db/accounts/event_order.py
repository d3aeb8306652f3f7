"""The order of events over all accounts, and how far its readers have come.

Events are put in order after their commit: a transaction that began before another may end after
it, so a number taken while it runs would let readers pass an event that is still to appear.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import events, relay
from app.db.tables.base import INSTANT

# Who gives events their position, among the readers of the relay's table.
_POSITIONS = "positions"

_LOCK_READER = Statement(
    select(relay.c.position).where(relay.c.reader == bindparam("reader")).with_for_update()
)
_MOVE_READER = Statement(
    update(relay)
    .where(relay.c.reader == bindparam("reader"))
    .values(position=bindparam("position"))
)
# Which account's event was given a position; one that came with an account has another's.
_ACCOUNT_AT = Statement(
    select(events.c.account_id).where(
        events.c.position == bindparam("position"), events.c.moved_from.is_(None)
    )
)


def _list_fresh(round_: int, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(events.c.account_id, events.c.number, literal_column(str(round_)).label("round"))
        .where(events.c.position.is_(None), *where)
        .order_by(events.c.account_id, events.c.number)
        .limit(bindparam("limit"))
    )


# Those of the accounts after the one that was last, and then from the first again: so that each
# has its turn, however many the others are.
_AFTER = bindparam("after", type_=Text)
_FRESH = union_all(
    select(_list_fresh(1, events.c.account_id > _AFTER).subquery("following")),
    select(_list_fresh(2, events.c.account_id <= _AFTER).subquery("preceding")),
).subquery("fresh")
_IN_TURN = (_FRESH.c.round, _FRESH.c.account_id, _FRESH.c.number)
_PLACED = (
    select(
        _FRESH.c.account_id,
        _FRESH.c.number,
        func.row_number().over(order_by=_IN_TURN).label("place"),
    )
    .order_by(*_IN_TURN)
    .limit(bindparam("limit"))
    .subquery("placed")
)
_GIVE_POSITIONS = Statement(
    update(events)
    .where(
        events.c.account_id == _PLACED.c.account_id,
        events.c.number == _PLACED.c.number,
    )
    .values(position=bindparam("position", type_=events.c.position.type) + _PLACED.c.place)
)
_HAS_FRESH = Statement(
    select(literal_column("1")).where(events.c.position.is_(None)).limit(literal_column("1"))
)
# Not whether there is any behind a place: where there is none, Postgres would look for it in the
# whole table.
_FURTHEST = Statement(select(func.max(events.c.position)))
_READER_POSITION = Statement(select(relay.c.position).where(relay.c.reader == bindparam("reader")))
# Events are in the order of their recording, but for those recorded at the same time: so that
# the first of them are looked at, and not the whole table. Where what was recorded says nothing
# of when that was, the event's id does: a sandbox's clock is its own, and what follows a time that
# a wrong clock has written is never stamped before it.
_OLDEST = (
    select(events.c.position)
    .where(events.c.position <= bindparam("reached"))
    .order_by(events.c.position)
    .limit(bindparam("limit"))
    .subquery("oldest")
)
_RANGE_OF_OLDEST = Statement(
    select(func.min(_OLDEST.c.position).label("first"), func.max(_OLDEST.c.position).label("last"))
)
_SLOWEST_READER = Statement(select(func.min(relay.c.position)))
_PRUNE = Statement(
    delete(events).where(
        events.c.position.between(bindparam("first"), bindparam("last")),
        case(
            (
                or_(events.c.sandbox, events.c.recorded_at > bindparam("now", type_=INSTANT)),
                events.c.event_id < bindparam("made_before", type_=events.c.event_id.type),
            ),
            else_=events.c.recorded_at < bindparam("before", type_=INSTANT),
        ),
    )
)


async def assign_positions(db: Db, *, limit: int) -> int:
    """Give events that are committed and have no position their place; count them.

    One transaction at a time does it: others wait. Of one account, what is visible is visible
    from its beginning, since its row is locked until the commit. Accounts have their turns, from
    the one after that which was last.
    """
    if await db.value(_HAS_FRESH) is None:
        return 0
    position = await db.value(_LOCK_READER, reader=_POSITIONS)
    after = await db.value(_ACCOUNT_AT, position=position) or ""
    given = await db.execute(_GIVE_POSITIONS, position=position, limit=limit, after=after)
    await db.execute(_MOVE_READER, reader=_POSITIONS, position=position + given)
    return given


async def find_last_position(db: Db) -> int:
    """Return the last position that was given to an event."""
    return int(await db.value(_READER_POSITION, reader=_POSITIONS))


async def prune_events(db: Db, *, before: datetime, now: datetime, limit: int) -> int:
    """Remove the events recorded before an instant among the `limit` first that are left.

    Those of a sandbox by when they were written, wherever its clock stood. None that a reader of
    the relay has not come to yet. Counts them; zero when there is none.
    """
    reached = await find_slowest_reader(db)
    oldest = await db.row(_RANGE_OF_OLDEST, reached=reached, limit=limit)
    if oldest is None or oldest["last"] is None:
        return 0
    return await db.execute(
        _PRUNE,
        first=oldest["first"],
        last=oldest["last"],
        before=before,
        made_before=_first_id_at(before),
        now=now,
    )


async def find_slowest_reader(db: Db) -> int:
    """Return the position that every reader of the relay has come to."""
    return int(await db.value(_SLOWEST_READER))


async def is_behind(db: Db, reader: str) -> bool:
    """Say whether there are events in their order that a reader has not come to yet."""
    reached: int = await db.value(_READER_POSITION, reader=reader)
    furthest: int | None = await db.value(_FURTHEST)
    return furthest is not None and furthest > reached


async def lock_reader(db: Db, reader: str) -> int:
    """Hold a reader's row, and return the position it has come to. Waits for another's hold."""
    position: int = await db.value(_LOCK_READER, reader=reader)
    return position


async def move_reader(db: Db, reader: str, *, position: int) -> None:
    """Write the position that a reader has come to. Its row is locked."""
    await db.execute(_MOVE_READER, reader=reader, position=position)


def _first_id_at(instant: datetime) -> UUID:
    """Return what no id of an event is below that was made then or later: RFC 9562 §5.7."""
    return UUID(int=max(int(instant.timestamp() * 1_000), 0) << 80)
