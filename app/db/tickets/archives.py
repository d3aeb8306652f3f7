"""Archives: what is old enough to be kept in files, read, and removed once it is there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.db.accounts.event_log import EVENT
from app.db.accounts.event_order import find_slowest_reader
from app.db.engine.compiled import Statement
from app.db.engine.named_locks import NamedLock, try_lock
from app.db.engine.unit_of_work import Db
from app.db.tables import events, ticket_events, tickets
from app.db.tickets.tickets import TICKET
from app.db.tickets.whole_tickets import EVENTS
from app.domain.events.events import Event
from app.domain.tickets.tickets import TicketEvent


class ArchivableTicket(NamedTuple):
    """A ticket that can be archived, as it is in the file that is written of it."""

    account_id: str
    ticket_id: str
    version: int


_MAY_BE_IDLE = Statement(
    select(
        func.set_config(
            literal_column("'idle_in_transaction_session_timeout'"),
            literal_column("'1h'"),
            literal_column("true"),
        )
    )
)
_BEFORE: Any = bindparam("before", type_=tickets.c.resolved_at.type)
_OPEN_DISPUTE = tickets.c.dispute.op("->>")(literal_column("'status'"))
# Closed for good: nothing is held or disputed, and nobody is to be told anything.
_ARCHIVABLE = and_(
    tickets.c.status == literal_column("'resolved'"),
    tickets.c.resolved_at < _BEFORE,
    tickets.c.last_event_at < _BEFORE,
    tickets.c.charge_status != literal_column("'held'"),
    func.coalesce(_OPEN_DISPUTE, literal_column("''")) != literal_column("'open'"),
    tickets.c.archived_in.is_(None),
)
_KEY = (tickets.c.account_id, tickets.c.ticket_id)
_AFTER = tuple_(bindparam("after_account", type_=Text), bindparam("after_ticket", type_=Text))
_LIST = Statement(
    select(*_KEY, tickets.c.version)
    .where(_ARCHIVABLE, tuple_(*_KEY) > _AFTER)
    .order_by(*_KEY)
    .limit(bindparam("limit"))
)
_NAMED = and_(
    tickets.c.account_id == bindparam("account_id"),
    tickets.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
)
_LOAD = Statement(select(*TICKET.columns, EVENTS.column).where(_NAMED).order_by(*_KEY))
_WRITTEN = (
    func.unnest(
        bindparam("ticket_ids", type_=ARRAY(Text)), bindparam("versions", type_=ARRAY(Integer))
    )
    .table_valued("ticket_id", "version")
    .render_derived(name="written")
)
_AS_WRITTEN = tuple_(tickets.c.ticket_id, tickets.c.version).in_(
    select(_WRITTEN.c.ticket_id, _WRITTEN.c.version)
)
_MARK = Statement(
    update(tickets)
    .where(_NAMED, _AS_WRITTEN, _ARCHIVABLE)
    .values(
        archived_in=bindparam("file", type_=Text),
        trace=literal_column("'[]'::jsonb", JSONB),
    )
    .returning(tickets.c.ticket_id)
)
_REMOVE_TICKET_EVENTS = Statement(
    delete(ticket_events).where(
        ticket_events.c.account_id == bindparam("account_id"),
        ticket_events.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
    )
)
_LIST_EVENTS = Statement(
    select(*EVENT.columns)
    .where(
        events.c.position <= bindparam("reached", type_=BigInteger),
        events.c.recorded_at < _BEFORE,
    )
    .order_by(events.c.position, events.c.account_id, events.c.number)
    .limit(bindparam("limit"))
)
_REMOVE_EVENTS = Statement(
    delete(events).where(
        events.c.account_id == bindparam("account_id"),
        events.c.number == any_(bindparam("numbers", type_=ARRAY(BigInteger))),
    )
)


async def hold_archive(db: Db) -> bool:
    """Have nobody else archive until this transaction ends, unless one does; whether none does.

    It may do nothing for an hour meanwhile.
    """
    await db.value(_MAY_BE_IDLE)
    return await try_lock(db, NamedLock.ARCHIVE)


async def list_archivable(
    db: Db, *, before: datetime, after: tuple[str, str], limit: int
) -> list[ArchivableTicket]:
    """Return tickets that ended before an instant and can be archived, by account and id."""
    rows = await db.rows(
        _LIST, before=before, after_account=after[0], after_ticket=after[1], limit=limit
    )
    return [ArchivableTicket(*row) for row in rows]


async def load_ticket_lines(
    db: Db, account_id: str, ticket_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Return tickets of an account as an archive has them, with what happened to each."""
    records = await db.rows(_LOAD, account_id=account_id, ticket_ids=list(ticket_ids))
    return [
        {
            "ticket": TICKET.values(TICKET.read(record)),
            "events": [
                _write_ticket_event(each)
                for each in EVENTS.read_as(TicketEvent, record[EVENTS.label])
            ],
        }
        for record in records
    ]


async def remove_ticket_details(
    db: Db, account_id: str, written: Sequence[ArchivableTicket], *, before: datetime, file: str
) -> int:
    """Remove what happened to those tickets that are as they were written, and count the tickets.

    Their account's row is locked.
    """
    marked = await db.rows(
        _MARK,
        account_id=account_id,
        ticket_ids=[each.ticket_id for each in written],
        versions=[each.version for each in written],
        before=before,
        file=file,
    )
    if marked:
        await db.execute(
            _REMOVE_TICKET_EVENTS,
            account_id=account_id,
            ticket_ids=[row["ticket_id"] for row in marked],
        )
    return len(marked)


async def list_old_events(db: Db, *, before: datetime, limit: int) -> list[Event]:
    """Return the first of the events recorded before an instant that every reader has read."""
    reached = await find_slowest_reader(db)
    rows = await db.rows(_LIST_EVENTS, before=before, reached=reached, limit=limit)
    return [EVENT.read(row) for row in rows]


def write_event_line(event: Event) -> Mapping[str, Any]:
    """Return an event as an archive has it."""
    return EVENT.values(event)


async def remove_events(db: Db, account_id: str, numbers: Sequence[int]) -> int:
    """Remove events of an account, and count them."""
    return await db.execute(_REMOVE_EVENTS, account_id=account_id, numbers=list(numbers))


def _write_ticket_event(event: TicketEvent) -> dict[str, Any]:
    return {
        "number": event.number,
        "type": event.type,
        "at": event.at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "data": event.data,
    }
