"""Past inputs of summaries: what was there at an instant, and what has changed since."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.metering.sessions import SESSION
from app.db.tables import events, purchases, sessions, subscriptions, ticket_events, tickets
from app.db.tables.base import INSTANT
from app.db.tickets.tickets import TICKET_EVENT
from app.db.tickets.whole_tickets import WHOLE, WholeTicket, read_whole_ticket
from app.domain.metering.bookings import Session
from app.domain.reports.past_summaries import PastSubscription, SuspensionTurn
from app.domain.tickets.tickets import TicketEvent

# Of how many tickets the clocks are run again: of more, those that were opened last.
MOST_TICKETS = 1_000
_MOST_PLANS = 20
_SUSPENDED, _RESUMED = "subscription.suspended", "subscription.resumed"

_ACCOUNT: ColumnElement[str] = bindparam("account_id")
_AT: ColumnElement[Any] = bindparam("at", type_=INSTANT)
_NOTHING: ColumnElement[int] = literal_column("0")
_TICKETS = Statement(
    WHOLE.where(
        tickets.c.account_id == _ACCOUNT,
        tickets.c.opened_at <= _AT,
        or_(tickets.c.status != literal_column("'resolved'"), tickets.c.resolved_at > _AT),
        # What happened to these is in a file.
        tickets.c.archived_in.is_(None),
    )
    .order_by(tickets.c.opened_at.desc(), tickets.c.ticket_id.desc())
    .limit(literal_column(str(MOST_TICKETS)))
)
_SESSIONS = Statement(
    select(*SESSION.columns).where(
        sessions.c.account_id == _ACCOUNT,
        func.least(sessions.c.created_at, sessions.c.started_at) <= _AT,
        or_(
            sessions.c.ended_at > _AT,
            and_(sessions.c.ended_at.is_(None), sessions.c.started_at.is_not(None)),
            and_(sessions.c.started_at.is_(None), sessions.c.ends_at > _AT),
        ),
    )
)
_DISPUTES = Statement(
    select(*TICKET_EVENT.columns)
    .select_from(
        tickets.join(
            ticket_events,
            and_(
                ticket_events.c.account_id == _ACCOUNT,
                ticket_events.c.ticket_id == tickets.c.ticket_id,
            ),
        )
    )
    .where(
        tickets.c.account_id == _ACCOUNT,
        tickets.c.dispute.is_not(None),
        ticket_events.c.type.in_(
            [literal_column(f"'{name}'") for name in ("dispute", "dispute_decision", "refund")]
        ),
    )
    .order_by(ticket_events.c.ticket_id, ticket_events.c.number)
)
_CANCELLED_AT = cast(purchases.c.cancellation["at"].astext, INSTANT)
_OF_ORDER = and_(
    purchases.c.account_id == _ACCOUNT, purchases.c.order_id == subscriptions.c.order_id
)
_ENDED_SINCE = func.coalesce(
    select(_CANCELLED_AT > _AT).where(_OF_ORDER).correlate(subscriptions).scalar_subquery(),
    literal_column("false"),
)
# What was added to its quantity and is not gone, less what was there and is gone since.
_RAISED_SINCE = func.coalesce(
    select(
        func.sum(
            case(
                (
                    and_(purchases.c.paid_at > _AT, purchases.c.cancellation.is_(None)),
                    purchases.c.quantity,
                ),
                (and_(purchases.c.paid_at <= _AT, _CANCELLED_AT > _AT), -purchases.c.quantity),
                else_=_NOTHING,
            )
        )
    )
    .where(
        purchases.c.account_id == _ACCOUNT,
        purchases.c.terms["adds_to"].astext == subscriptions.c.order_id,
    )
    .correlate(subscriptions)
    .scalar_subquery(),
    _NOTHING,
)
_SUBSCRIPTIONS = Statement(
    select(
        *SUBSCRIPTION.columns,
        _ENDED_SINCE.label("ended_since"),
        _RAISED_SINCE.label("raised_since"),
    )
    .where(
        subscriptions.c.account_id == _ACCOUNT,
        # One that was reported late began before it was made.
        func.least(subscriptions.c.created_at, subscriptions.c.starts_at) <= _AT,
        or_(
            subscriptions.c.ends_at > _AT,
            subscriptions.c.ends_at.is_(None),
            _ENDED_SINCE,
        ),
    )
    .order_by(subscriptions.c.starts_at, subscriptions.c.subscription_id)
    .limit(literal_column(str(_MOST_PLANS)))
)
_TURNS = Statement(
    select(
        events.c.type,
        events.c.at,
        events.c.data.op("->>")(literal_column("'subscription_id'")).label("id"),
    )
    .where(
        events.c.account_id == _ACCOUNT,
        events.c.type.in_([literal_column(f"'{name}'") for name in (_SUSPENDED, _RESUMED)]),
    )
    .order_by(events.c.number)
)


async def load_tickets_open_at(db: Db, account_id: str, at: datetime) -> list[WholeTicket]:
    """Return the account's tickets that may have been open at `at`, with what happened to them.

    A thousand at most, those that were opened last; without those that were archived.
    """
    return [read_whole_ticket(row) for row in await db.rows(_TICKETS, account_id=account_id, at=at)]


async def load_sessions_at(db: Db, account_id: str, at: datetime) -> list[Session]:
    """Return the account's sessions that may have run at `at`, or waited to begin."""
    return [SESSION.read(row) for row in await db.rows(_SESSIONS, account_id=account_id, at=at)]


async def load_dispute_events(db: Db, account_id: str) -> list[TicketEvent]:
    """Return what opened and decided disputes of the account's charges, in order for each."""
    return [TICKET_EVENT.read(row) for row in await db.rows(_DISPUTES, account_id=account_id)]


async def load_subscriptions_at(db: Db, account_id: str, at: datetime) -> list[PastSubscription]:
    """Return the account's subscriptions that were there at `at` and had not ended.

    Each with what was changed of it since; twenty at most.
    """
    return [
        PastSubscription(SUBSCRIPTION.read(row), row["ended_since"], row["raised_since"])
        for row in await db.rows(_SUBSCRIPTIONS, account_id=account_id, at=at)
    ]


async def load_suspension_turns(db: Db, account_id: str) -> list[SuspensionTurn]:
    """Return when subscriptions were suspended and taken up again, by the events that are kept."""
    return [
        SuspensionTurn(UUID(row["id"]), row["at"], suspended=row["type"] == _SUSPENDED)
        for row in await db.rows(_TURNS, account_id=account_id)
    ]
