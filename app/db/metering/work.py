"""Work logged on tickets, and what of it is to be billed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import entries, tickets, work
from app.domain.access.refusals import Refusal
from app.domain.metering.work import TicketOverage, Work


class WorkUnknown(Refusal):
    """The ticket has no such work."""

    kind = "unknown"
    code = "work_unknown"
    title = "There is no such work"


WORK = RowType(work, Work)
_INSERT = Statement(insert(work))
_FIND = Statement(
    select(*WORK.columns).where(
        work.c.account_id == bindparam("account_id"), work.c.work_id == bindparam("work_id")
    ),
    asked_again=True,
)
_OF_TICKET = Listing(
    select(*WORK.columns).where(
        work.c.account_id == bindparam("account_id"),
        work.c.ticket_id == bindparam("ticket_id"),
    ),
    work.c.created_at,
    work.c.work_id,
)
_OF_TICKETS = Statement(
    select(work)
    .where(
        work.c.account_id == bindparam("account_id"),
        work.c.ticket_id == any_(bindparam("ticket_ids", type_=ARRAY(Text))),
    )
    .order_by(work.c.created_at, work.c.work_id)
)
_STATE_COLUMNS = ("minutes", "worked", "overage_minutes", "parts", "corrections")
_UPDATE = Statement(
    update(work)
    .where(work.c.account_id == bindparam("account_id"), work.c.work_id == bindparam("work_id"))
    .values({name: bindparam(name) for name in _STATE_COLUMNS})
)
_OVERAGE = Statement(
    select(
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.catalog,
        tickets.c.catalog_version,
        tickets.c.plan,
        tickets.c.on_demand,
        tickets.c.urgent,
        tickets.c.category,
        tickets.c.severity,
        tickets.c.channel,
        tickets.c.region,
        entries.c.unit,
        cast(func.sum(entries.c.amount), BigInteger).label("amount"),
    )
    .select_from(
        entries.join(
            tickets,
            and_(
                tickets.c.account_id == bindparam("account_id"),
                tickets.c.ticket_id == entries.c.ticket_id,
            ),
        )
    )
    .where(
        entries.c.account_id == bindparam("account_id"),
        entries.c.kind == literal_column("'overage'"),
        entries.c.clock_at >= bindparam("since"),
        entries.c.effective_at >= bindparam("since"),
        entries.c.effective_at < bindparam("until"),
        entries.c.sequence <= bindparam("sequence"),
    )
    .group_by(
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.catalog,
        tickets.c.catalog_version,
        tickets.c.plan,
        tickets.c.on_demand,
        tickets.c.urgent,
        tickets.c.category,
        tickets.c.severity,
        tickets.c.channel,
        tickets.c.region,
        entries.c.unit,
    )
    .order_by(tickets.c.ticket_id, entries.c.unit)
)


async def insert_work(db: Db, piece: Work) -> None:
    """Write a new piece of work."""
    await db.write(_INSERT, **WORK.values(piece))


async def find_work(db: Db, account_id: str, work_id: str) -> Work | None:
    """Return a piece of work, or None."""
    rows = await db.rows(_FIND, account_id=account_id, work_id=work_id)
    return WORK.read(rows[0]) if rows else None


def keep_work(db: Db, account_id: str, work_id: str, rows: list[Any]) -> None:
    """Keep the piece of work of an id, or that there is none, as it was just read."""
    db.keep(_FIND, rows, account_id=account_id, work_id=work_id)


async def load_ticket_work(
    db: Db,
    account_id: str,
    ticket_id: str,
    *,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
) -> list[Work]:
    """Return a ticket's work in the order it was logged, after a place in it."""
    rows = await _OF_TICKET.read(
        db,
        ascending=ascending,
        after=after,
        limit=limit,
        account_id=account_id,
        ticket_id=ticket_id,
    )
    return [WORK.read(row) for row in rows]


async def load_work_of(db: Db, account_id: str, ticket_ids: Iterable[str]) -> list[Work]:
    """Return all work of these tickets, in the order it was logged."""
    rows = await db.rows(_OF_TICKETS, account_id=account_id, ticket_ids=list(ticket_ids))
    return [WORK.read(row) for row in rows]


async def update_work(db: Db, piece: Work) -> None:
    """Write a piece of work's new state over its row's."""
    await db.write(_UPDATE, **WORK.values(piece))


async def sum_overage(
    db: Db, account_id: str, *, since: datetime, until: datetime, sequence: int
) -> list[TicketOverage]:
    """Return what tickets used beyond their plans in [since, until), by ticket.

    Of the entries numbered up to `sequence`.
    """
    rows = await db.rows(
        _OVERAGE, account_id=account_id, since=since, until=until, sequence=sequence
    )
    return [TicketOverage(*row) for row in rows]
