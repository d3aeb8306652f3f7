"""Events: one row in the transaction of what happened; and reads of them.

An account's events are numbered without a gap, under its row's lock; over all accounts they are
put in order after their commit (`event_order`).
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Text,
    all_,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import events
from app.domain.events.event_data import EventData
from app.domain.events.event_types import type_of
from app.domain.events.events import Event, EventType
from app.domain.values import Value


class NewEvent(Value):
    """What happened at `at`, as its account's event of this number."""

    number: int
    at: datetime
    recorded_at: datetime
    data: EventData

    @property
    def type(self) -> EventType:
        """The type of event that has such particulars."""
        return type_of(self.data)


EVENT = RowType(events, Event)
_INSERT = Statement(insert(events))
_LIST_OF_ACCOUNT = Statement(
    select(*EVENT.columns)
    .where(
        events.c.account_id == bindparam("account_id"),
        events.c.number > bindparam("after"),
    )
    .order_by(events.c.number)
    .limit(bindparam("limit"))
)
_OVER_ALL = (
    select(*EVENT.columns)
    # What came with an account that was moved was told of there.
    .where(events.c.position > bindparam("after"), events.c.moved_from.is_(None))
    .order_by(events.c.position)
    .limit(bindparam("limit"))
)
_LIST = Statement(_OVER_ALL)
_LIST_UNTIL = Statement(
    _OVER_ALL.where(
        events.c.position <= bindparam("until"),
        or_(bindparam("sandbox", type_=Boolean), not_(events.c.sandbox)),
        events.c.type != all_(bindparam("without", type_=ARRAY(Text))),
    )
)
_FIRST_POSITION = Statement(
    select(events.c.position)
    .where(events.c.position > bindparam("after"))
    .order_by(events.c.position)
    .limit(literal_column("1"))
)
_PLACES = (
    func.unnest(
        bindparam("account_ids", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(BigInteger))
    )
    .table_valued("account_id", "number")
    .render_derived(name="places")
)
_FIND = Statement(
    select(*EVENT.columns).join(
        _PLACES,
        and_(events.c.account_id == _PLACES.c.account_id, events.c.number == _PLACES.c.number),
    )
)


async def write_events(
    db: Db, account_id: str, recorded: Sequence[NewEvent], *, sandbox: bool = False
) -> None:
    """Write an account's new events. Its row is locked."""
    await db.write_many(
        _INSERT,
        [
            {
                "account_id": account_id,
                "number": event.number,
                "event_id": uuid7(),
                "type": event.type,
                "at": event.at,
                "recorded_at": event.recorded_at,
                "data": event.data,
                "position": None,
                "sandbox": sandbox,
                "moved_from": None,
            }
            for event in recorded
        ],
    )


async def list_account_events(db: Db, account_id: str, *, after: int, limit: int) -> list[Event]:
    """Return an account's events after a number, in order and without a gap."""
    rows = await db.rows(_LIST_OF_ACCOUNT, account_id=account_id, after=after, limit=limit)
    return [EVENT.read(row) for row in rows]


async def list_events(db: Db, *, after: int, limit: int) -> list[Event]:
    """Return all accounts' events after a position, in order for each account."""
    return [EVENT.read(row) for row in await db.rows(_LIST, after=after, limit=limit)]


async def list_events_until(
    db: Db,
    *,
    after: int,
    until: int,
    limit: int,
    sandbox: bool,
    without: Collection[EventType],
) -> list[Event]:
    """Return all accounts' events after a position up to another, in order for each account.

    Those of sandbox accounts are left out unless `sandbox`, and those of the types in `without`.
    """
    rows = await db.rows(
        _LIST_UNTIL, after=after, limit=limit, until=until, sandbox=sandbox, without=list(without)
    )
    return [EVENT.read(row) for row in rows]


async def find_first_position(db: Db, *, after: int) -> int | None:
    """Return the first position after another that has an event; None where there is none."""
    found = await db.rows(_FIRST_POSITION, after=after)
    return int(found[0]["position"]) if found else None


async def find_events(db: Db, places: Sequence[tuple[str, int]]) -> list[Event]:
    """Return the events of these accounts and numbers that there are, in no order."""
    if not places:
        return []
    account_ids, numbers = zip(*places, strict=True)
    rows = await db.rows(_FIND, account_ids=account_ids, numbers=numbers)
    return [EVENT.read(row) for row in rows]
