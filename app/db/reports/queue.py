"""Open tickets across accounts: in the order to work on them, and those of a catalogue.

What the order and the page need of a ticket's clocks stands in its row, written when they
change, so that a page is one range of one index.
"""

from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from app.db.accounts.sandbox_clocks import SANDBOXES, of_account, own_now
from app.db.engine.compiled import Statement
from app.db.engine.statement_forms import StatementForms
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, contacts, tickets
from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.promises.promises import Metric, Strength
from app.domain.tickets.charges import ChargeStatus
from app.domain.tickets.tickets import TicketStatus
from app.domain.values import Value, field_names

QueuePlace = tuple[Any, ...]


class QueuedTicket(Value):
    """What somebody needs of an open ticket in order to choose it.

    `now` is the present as its account has it: a sandbox account has a clock of its own.
    """

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
    queue_group: int
    now: datetime

    @property
    def place(self) -> QueuePlace:
        """Where it is in the order: the values that `_ORDER` has of it."""
        return (
            self.queue_group,
            self.on_demand,
            self.breaches_after or _NEVER,
            not self.urgent,
            99 if self.severity is None else self.severity,
            99 if self.rank is None else self.rank,
            self.opened_at,
            self.account_id,
            self.ticket_id,
        )


class QueueFilter(Value):
    """Which open tickets are asked for; None: whichever."""

    catalog: str | None = None
    plan: str | None = None
    at_risk: bool | None = None
    requester: str | None = None
    sandbox: bool = False


class QueueCounts(Value):
    """How many open tickets there are of each kind; each is of one kind."""

    on_time: int
    at_risk: int
    breached: int
    paused: int
    no_deadline: int
    missed: int


_COUNTED = len(field_names(QueueCounts))
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_INSTANT = DateTime(timezone=True)
_NOW: ColumnElement[Any] = bindparam("now", type_=_INSTANT)


def _list_order(of: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (
        of.c.queue_group,
        of.c.on_demand,
        literal_column("coalesce(breaches_after, '9999-12-31 00:00:00+00'::timestamptz)", _INSTANT),
        literal_column("(NOT urgent)", Boolean),
        literal_column("coalesce(severity, 99)", Integer),
        literal_column("coalesce(rank, 99)", Integer),
        of.c.opened_at,
        of.c.account_id,
        of.c.ticket_id,
    )


_ORDER = _list_order(tickets)
_OPEN = tickets.c.status != literal_column("'resolved'", Text)
_WORKED_ON = tickets.c.queue_group != literal_column("2", Integer)
_TARGET = func.coalesce(tickets.c.next_strength == literal_column("'target'", Text), false())


def _asked(column: ColumnElement[Any]) -> ColumnElement[bool]:
    wanted: ColumnElement[Any] = bindparam(column.name, type_=Text)
    return or_(wanted.is_(None), column == wanted)


# Who asked, by their address or as a contact; or a contact who has this address.
_REQUESTER: ColumnElement[Any] = bindparam("requester", type_=Text)
_ASKED_BY = or_(
    func.lower(tickets.c.requester) == func.lower(_REQUESTER),
    exists().where(
        contacts.c.account_id == tickets.c.account_id,
        contacts.c.contact_id == tickets.c.requester,
        func.lower(_REQUESTER) == any_(contacts.c.folded),
    ),
)


def _is_breached(now: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(tickets.c.breaches_after < now, false())


def _is_at_risk(now: ColumnElement[Any]) -> ColumnElement[bool]:
    warned = func.coalesce(tickets.c.warn_at <= now, false())
    return and_(_WORKED_ON, warned, not_(_is_breached(now)))


def _selected(now: ColumnElement[Any]) -> ColumnElement[bool]:
    at_risk: ColumnElement[Any] = bindparam("at_risk", type_=Boolean)
    return and_(
        _OPEN,
        _asked(tickets.c.catalog),
        _asked(tickets.c.plan),
        or_(at_risk.is_(None), at_risk == _is_at_risk(now)),
        or_(bindparam("sandbox", type_=Boolean), tickets.c.account_id.not_in(SANDBOXES)),
        or_(_REQUESTER.is_(None), _ASKED_BY),
    )


_AFTER = tuple_(*_ORDER) > tuple_(
    *(bindparam(f"after_{place}", type_=part.type) for place, part in enumerate(_ORDER))
)


def _present(sandbox: bool) -> ColumnElement[Any]:
    """Return the present: of sandbox accounts, each has one of its own."""
    return own_now(tickets, _NOW) if sandbox else _NOW


def _page(sandbox: bool) -> Select[Any]:
    """Return what selects a page, with sandbox accounts or without.

    What the accounts have stands in the page's own select: no join goes behind its limit, which
    on a distributed database is where the nodes' rows meet.
    """
    now = _present(sandbox)
    elsewhere = {"account_name": of_account(accounts.c.name, tickets), "now": now}
    return (
        select(
            *(
                elsewhere[name].label(name) if name in elsewhere else tickets.c[name]
                for name in field_names(QueuedTicket)
            ),
        )
        .select_from(tickets)
        .where(_selected(now))
        .order_by(*_ORDER)
        .limit(bindparam("limit"))
    )


def _first_page(sandbox: bool) -> Statement:
    """Return the statement of the first page, which counts the whole selection.

    It counts in an index that has all that is counted by.
    """
    now = _present(sandbox)
    breached, no_deadline = _is_breached(now), tickets.c.due_at.is_(None)
    counted = (
        select(
            func.count().label("open"),
            func.count().filter(_is_at_risk(now)).label("at_risk"),
            func.count().filter(and_(_WORKED_ON, breached, not_(_TARGET))).label("breached"),
            func.count().filter(not_(_WORKED_ON)).label("paused"),
            func.count().filter(and_(_WORKED_ON, no_deadline)).label("no_deadline"),
            func.count().filter(and_(_WORKED_ON, breached, _TARGET)).label("missed"),
        )
        .select_from(tickets)
        .where(_selected(now))
        .cte("counted")
    )
    found = _page(sandbox).subquery("page")
    first = select(found, *counted.c).select_from(found.join(counted, true()))
    return Statement(first.order_by(*_list_order(found)))


def _further_page(sandbox: bool) -> Statement:
    """Return the statement of a page after a place: one range of the queue's index alone."""
    return Statement(_page(sandbox).where(_AFTER))


_FIRST = StatementForms(_first_page, product((True, False)))
_FURTHER = StatementForms(_further_page, product((True, False)))


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
) -> tuple[list[QueuedTicket], QueueCounts]:
    """Return the open tickets to work on first, and the counts of all."""
    rows = await db.rows(_FIRST.of(asked.sandbox), **_parameters(asked), now=now, limit=limit)
    if not rows:
        return [], QueueCounts(0, 0, 0, 0, 0, 0)
    count, *kinds = rows[0][-_COUNTED:]
    counts = QueueCounts(count - sum(kinds), *kinds)
    return [QueuedTicket(*row[:-_COUNTED]) for row in rows], counts


async def load_further_page(
    db: Db, asked: QueueFilter, *, after: QueuePlace, limit: int, now: datetime
) -> list[QueuedTicket]:
    """Return the open tickets to work on after a place in the queue."""
    places = {f"after_{place}": part for place, part in enumerate(after)}
    rows = await db.rows(
        _FURTHER.of(asked.sandbox), **_parameters(asked), now=now, limit=limit, **places
    )
    return [QueuedTicket(*row) for row in rows]


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


def _parameters(asked: QueueFilter) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in field_names(type(asked))}
