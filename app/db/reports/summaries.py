"""Summaries of customers, each read in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Text,
    and_,
    any_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from app.db.accounts.accounts import AccountUnknown
from app.db.engine.compiled import Statement
from app.db.engine.row_arrays import RowArray
from app.db.engine.unit_of_work import Db
from app.db.ledger.stored_lots import ENDING_AFTER, LOT_COLUMNS
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.tables import (
    accounts,
    licences,
    sessions,
    subscriptions,
    tickets,
)
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.reports.summary import SessionLine, TicketCounts, TicketLine
from app.domain.values import Value

# The next few of each kind are shown; the counts are of all.
MOST_SHOWN = 3
_MOST_PLANS = 20


class SummaryInputs(Value):
    """What an account has, as it is stored."""

    account_id: str
    name: str
    sequence: int
    effective_at: datetime
    subscriptions: list[Subscription]
    lots: list[Lot]
    counts: TicketCounts
    tickets: list[TicketLine]
    sessions: list[SessionLine]
    disputes: int
    in_overage: bool


_ACCOUNT: BindParameter[str] = bindparam("account_id")
_AT = bindparam("at", type_=accounts.c.effective_at.type)
# As narrow a range to Postgres as it is, so that terms long over are not read.
_NOT_ENDED = or_(
    and_(
        subscriptions.c.ends_at > select(_AT).scalar_subquery(),
        subscriptions.c.ends_at
        < select(literal_column("'infinity'::timestamptz")).scalar_subquery(),
        # What was cancelled before it began has ended, though its beginning is to come.
        subscriptions.c.ends_at > subscriptions.c.starts_at,
    ),
    subscriptions.c.ends_at.is_(None),
)
_SUBSCRIPTIONS = RowArray(
    "of_subscriptions",
    select(*SUBSCRIPTION.columns)
    .where(
        subscriptions.c.account_id == _ACCOUNT,
        _NOT_ENDED,
    )
    .order_by(subscriptions.c.starts_at, subscriptions.c.subscription_id)
    .limit(literal_column(str(_MOST_PLANS))),
)
_LOTS = RowArray("of_lots", select(*LOT_COLUMNS).where(ENDING_AFTER))
_OPEN = and_(tickets.c.account_id == _ACCOUNT, tickets.c.status != literal_column("'resolved'"))
# As the queue counts: by what is owed next, where nobody is waited for.
_WORKED_ON = tickets.c.status == literal_column("'open'")
_HAS_LAPSED = and_(_WORKED_ON, func.coalesce(tickets.c.breaches_after < _AT, false()))
_IS_TARGET = func.coalesce(tickets.c.next_strength == literal_column("'target'", Text), false())
_AT_RISK = and_(_WORKED_ON, func.coalesce(tickets.c.warn_at <= _AT, false()), not_(_HAS_LAPSED))
_COUNTED: Any = (
    select(
        func.count().filter(tickets.c.status == literal_column("'open'")),
        func.count().filter(tickets.c.status == literal_column("'paused'")),
        func.count().filter(_AT_RISK),
        func.count().filter(and_(_HAS_LAPSED, not_(_IS_TARGET))),
        func.count().filter(and_(_HAS_LAPSED, _IS_TARGET)),
        func.coalesce(func.bool_or(tickets.c.overage_amount > literal_column("0")), False),
    )
    .select_from(tickets)
    .where(_OPEN)
)
_COUNTS = RowArray("of_counts", _COUNTED)
_TICKETS = RowArray(
    "of_tickets",
    select(
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.status,
        case(
            (tickets.c.charge_status == literal_column("'held'"), tickets.c.charge_amount),
            else_=literal_column("0"),
        ).label("held"),
        # As the queue has it: also what ran out and was not answered yet.
        tickets.c.next_metric,
        tickets.c.next_strength,
        case((tickets.c.next_metric.is_not(None), literal_column("'running'", Text))),
        tickets.c.due_at,
        tickets.c.breaches_after,
    )
    .where(_OPEN)
    .order_by(
        tickets.c.status == literal_column("'paused'"),
        tickets.c.breaches_after.nulls_last(),
        tickets.c.due_at.nulls_last(),
        tickets.c.opened_at,
        tickets.c.ticket_id,
    )
    .limit(literal_column(str(MOST_SHOWN))),
)
_SESSIONS = RowArray(
    "of_sessions",
    select(
        sessions.c.session_id,
        sessions.c.ticket_id,
        sessions.c.kind,
        sessions.c.status,
        sessions.c.starts_at,
        sessions.c.ends_at,
    )
    .where(
        sessions.c.account_id == _ACCOUNT,
        or_(
            sessions.c.status == literal_column("'running'"),
            and_(
                sessions.c.status == literal_column("'booked'"),
                sessions.c.ends_at > _AT,
                # What is booked ends with its ticket.
                exists().where(
                    tickets.c.account_id == _ACCOUNT,
                    tickets.c.ticket_id == sessions.c.ticket_id,
                    tickets.c.status != literal_column("'resolved'"),
                ),
            ),
        ),
    )
    .order_by(sessions.c.starts_at, sessions.c.session_id)
    .limit(literal_column(str(MOST_SHOWN))),
)
_DISPUTES = (
    select(func.count())
    .select_from(tickets)
    .where(
        tickets.c.account_id == _ACCOUNT,
        tickets.c.dispute["status"].astext == literal_column("'open'"),
    )
    .scalar_subquery()
)
_LOAD = Statement(
    select(
        accounts.c.account_id,
        accounts.c.name,
        accounts.c.sequence,
        accounts.c.effective_at,
        _DISPUTES.label("disputes"),
        _SUBSCRIPTIONS.column,
        _LOTS.column,
        _COUNTS.column,
        _TICKETS.column,
        _SESSIONS.column,
    ).where(accounts.c.account_id == _ACCOUNT)
)
# Of more than these accounts it is not worth choosing.
MOST_NAMED = 20
_DEPTH = func.max(
    func.length(subscriptions.c.site)
    - func.length(func.replace(subscriptions.c.site, literal_column("'/'"), literal_column("''")))
).label("depth")
_BY_SITE = Statement(
    select(subscriptions.c.account_id, _DEPTH)
    .where(
        subscriptions.c.site == any_(bindparam("sites", type_=ARRAY(Text))),
        or_(subscriptions.c.ends_at > _AT, subscriptions.c.ends_at.is_(None)),
    )
    .group_by(subscriptions.c.account_id)
    .order_by(literal_column("depth").desc(), subscriptions.c.account_id)
    .limit(literal_column(str(MOST_NAMED)))
)
_BY_LICENCE = Statement(
    select(licences.c.account_id)
    .where(licences.c.license_id == bindparam("license_id", type_=Text))
    .order_by(licences.c.account_id)
    .limit(literal_column(str(MOST_NAMED)))
)


async def load_summary_inputs(db: Db, account_id: str, *, at: datetime) -> SummaryInputs:
    """Return what an account's summary at `at` is made of; refuses with `account_unknown`.

    Of open tickets and of sessions the next three; of subscriptions those that have not ended.
    """
    row = await db.row(_LOAD, account_id=account_id, at=at, since=at)
    if row is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    *counts, in_overage = row["of_counts"][0]
    return SummaryInputs(
        account_id=row["account_id"],
        name=row["name"],
        sequence=row["sequence"],
        effective_at=row["effective_at"],
        subscriptions=[
            SUBSCRIPTION.read(each) for each in _SUBSCRIPTIONS.rows(row["of_subscriptions"])
        ],
        lots=_LOTS.read_as(Lot, row["of_lots"]),
        counts=TicketCounts(*counts),
        tickets=_TICKETS.read_as(TicketLine, row["of_tickets"]),
        sessions=_SESSIONS.read_as(SessionLine, row["of_sessions"]),
        disputes=row["disputes"],
        in_overage=in_overage,
    )


async def list_accounts_by_site(db: Db, sites: Sequence[str], *, at: datetime) -> list[str]:
    """Return the ids of up to twenty accounts with running or coming cover for one of the stores.

    They are those of the store with the longest path: of one within another the inner one.
    """
    found = await db.rows(_BY_SITE, sites=sites, at=at)
    return [row["account_id"] for row in found if row["depth"] == found[0]["depth"]]


async def list_accounts_by_licence(db: Db, license_id: str) -> list[str]:
    """Return the ids of up to twenty accounts that have registered a licence."""
    return [row[0] for row in await db.rows(_BY_LICENCE, license_id=license_id)]
