"""Open tickets across accounts: in the order to work on them, and those of a catalogue.

What the order and the page need of a ticket's clocks stands in its row, written when they
change, so that a page is one stretch of one index.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import accounts, tickets
from app.domain.catalog.catalogs import Channel, Unit
from app.domain.promises.promises import Metric, Strength
from app.domain.tickets.charges import ChargeStatus
from app.domain.tickets.tickets import TicketStatus

QueuePlace = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class QueuedTicket:
    """What somebody needs of an open ticket in order to choose it."""

    account_id: str
    account_name: str
    ticket_id: str
    subject: str
    status: TicketStatus
    waiting_on: str | None
    unanswered: bool
    channel: Channel
    severity: int | None
    urgent: bool
    category: str | None
    topic: str | None
    site: str | None
    opened_at: datetime
    catalog: str
    catalog_version: int
    plan: str | None
    subscription_id: UUID | None
    rank: int | None
    on_demand: bool
    charge_status: ChargeStatus
    charge_unit: Unit | None
    charge_amount: int
    charge_held: int
    overage_amount: int
    next_metric: Metric | None
    next_strength: Strength | None
    due_at: datetime | None
    breaches_after: datetime | None
    warn_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which open tickets are asked for; None: whichever."""

    catalog: str | None = None
    plan: str | None = None
    at_risk: bool | None = None
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many open tickets there are of each kind; each is of one kind."""

    on_time: int
    at_risk: int
    breached: int
    paused: int
    no_deadline: int


_COUNTED = len(fields(QueueCounts))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_INSTANT = DateTime(timezone=True)
_ORDER = (
    tickets.c.queue_group,
    tickets.c.on_demand,
    literal_column(
        "coalesce(tickets.breaches_after, '9999-12-31 00:00:00+00'::timestamptz)", _INSTANT
    ),
    literal_column("(NOT tickets.urgent)", Boolean),
    literal_column("coalesce(tickets.severity, 99)", Integer),
    literal_column("coalesce(tickets.rank, 99)", Integer),
    tickets.c.opened_at,
    tickets.c.account_id,
    tickets.c.ticket_id,
)
_COLUMNS = tuple(
    accounts.c.name.label(each.name) if each.name == "account_name" else tickets.c[each.name]
    for each in fields(QueuedTicket)
)
_OPEN = tickets.c.status != literal_column("'resolved'", Text)
_BREACHED = func.coalesce(tickets.c.breaches_after < _NOW, false())
_AT_RISK = and_(func.coalesce(tickets.c.warn_at <= _NOW, false()), not_(_BREACHED))


def _asked(column: ColumnElement[Any]) -> ColumnElement[bool]:
    wanted: ColumnElement[Any] = bindparam(column.name, type_=Text)
    return or_(wanted.is_(None), column == wanted)


def _selected(*extra: ColumnElement[bool]) -> ColumnElement[bool]:
    at_risk: ColumnElement[Any] = bindparam("at_risk", type_=Boolean)
    sandbox: ColumnElement[Any] = bindparam("sandbox", type_=Boolean)
    return and_(
        _OPEN,
        _asked(tickets.c.catalog),
        _asked(tickets.c.plan),
        or_(at_risk.is_(None), at_risk == and_(_AT_RISK, tickets.c.queue_group != _PAUSED)),
        or_(sandbox, accounts.c.sandbox_at.is_(None)),
        *extra,
    )


_PAUSED = literal_column("2", Integer)
_JOINED = tickets.join(accounts, accounts.c.account_id == tickets.c.account_id)
_PAGE = (
    select(*_COLUMNS, *(part.label(f"key_{place}") for place, part in enumerate(_ORDER)))
    .select_from(_JOINED)
    .order_by(*_ORDER)
    .limit(bindparam("limit"))
)
_AFTER = tuple_(*_ORDER) > tuple_(
    *(bindparam(f"after_{place}", type_=part.type) for place, part in enumerate(_ORDER))
)
_UNPAUSED = tickets.c.queue_group != _PAUSED
_counted = (
    select(
        func.count().label("open"),
        func.count().filter(and_(_UNPAUSED, _AT_RISK)).label("at_risk"),
        func.count().filter(and_(_UNPAUSED, _BREACHED)).label("breached"),
        func.count().filter(not_(_UNPAUSED)).label("paused"),
        func.count().filter(and_(_UNPAUSED, tickets.c.due_at.is_(None))).label("no_deadline"),
    )
    .select_from(_JOINED)
    .where(_selected())
    .cte("counted")
)
# The first page counts the whole selection; the others are one stretch of the index alone.
_FIRST = Statement(
    _PAGE.with_only_columns(*_PAGE.selected_columns, *_counted.c)
    .select_from(_JOINED.join(_counted, true()))
    .where(_selected())
)
_FURTHER = Statement(_PAGE.where(_selected(_AFTER)))

_OPEN_OF_CATALOG = Statement(
    select(tickets.c.account_id, tickets.c.ticket_id)
    .where(
        _OPEN,
        tickets.c.catalog == bindparam("catalog"),
        tuple_(tickets.c.account_id, tickets.c.ticket_id)
        > tuple_(
            bindparam("after_account", type_=Text),
            bindparam("after_ticket", type_=Text),
        ),
    )
    .order_by(tickets.c.account_id, tickets.c.ticket_id)
    .limit(bindparam("limit"))
)


async def load_first_page(
    db: Db, asked: QueueFilter, *, limit: int, now: datetime
) -> tuple[list[tuple[QueuedTicket, QueuePlace]], QueueCounts]:
    """Return the open tickets to work on first, each with its place, and the counts of all."""
    rows = await db.rows(_FIRST, **_parameters(asked), now=now, limit=limit)
    if not rows:
        return [], QueueCounts(0, 0, 0, 0, 0)
    count, *kinds = tuple(rows[0])[-_COUNTED:]
    counts = QueueCounts(count - sum(kinds), *kinds)
    return [_read(tuple(row)[:-_COUNTED]) for row in rows], counts


async def load_further_page(
    db: Db, asked: QueueFilter, *, after: QueuePlace, limit: int, now: datetime
) -> list[tuple[QueuedTicket, QueuePlace]]:
    """Return the open tickets to work on after a place in the queue, each with its own."""
    places = {f"after_{place}": part for place, part in enumerate(after)}
    rows = await db.rows(_FURTHER, **_parameters(asked), now=now, limit=limit, **places)
    return [_read(tuple(row)) for row in rows]


async def list_open_of_catalog(
    db: Db, catalog: str, *, after: tuple[str, str], limit: int
) -> list[tuple[str, str]]:
    """Return the account and the id of a catalogue's open tickets, in their order."""
    rows = await db.rows(
        _OPEN_OF_CATALOG,
        catalog=catalog,
        after_account=after[0],
        after_ticket=after[1],
        limit=limit,
    )
    return [(row["account_id"], row["ticket_id"]) for row in rows]


def _read(row: tuple[Any, ...]) -> tuple[QueuedTicket, QueuePlace]:
    width = len(_COLUMNS)
    return QueuedTicket(*row[:width]), row[width:]


def _parameters(asked: QueueFilter) -> dict[str, Any]:
    return {each.name: getattr(asked, each.name) for each in fields(asked)}
