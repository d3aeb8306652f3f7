"""Tickets taken to be metered: with their sessions, the work that is meant, and their pool.

So a revision, a session or a piece of work costs one statement to be decided by.
"""

from typing import Any

from sqlalchemy import Text, and_, bindparam, exists, literal_column, or_, select

from app.db.accounts.locked_accounts import (
    LockedAccount,
    take_with,
)
from app.db.engine.compiled import Statement
from app.db.engine.row_arrays import RowArray
from app.db.engine.unit_of_work import Db
from app.db.ledger.stored_lots import ENDING_AFTER
from app.db.ledger.subscriptions import SUBSCRIPTION, keep_subscription
from app.db.metering.sessions import SESSION, keep_sessions, keep_waiting
from app.db.metering.work import WORK, keep_work
from app.db.tables import lots, sessions, subscriptions, tickets, work
from app.db.tickets.whole_tickets import (
    TO_CHANGE,
    WholeTicket,
    read_to_change,
    with_account,
)

_SESSIONS = RowArray(
    "of_sessions",
    select(*SESSION.columns)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        or_(
            sessions.c.ticket_id == tickets.c.ticket_id,
            sessions.c.session_id == bindparam("session_id", type_=Text()),
        ),
    )
    .order_by(sessions.c.created_at, sessions.c.session_id)
    .correlate(tickets),
)
_other = tickets.alias("other")
# What is booked in the account: it bears on another booking.
_BOOKED = RowArray(
    "of_booked",
    select(*SESSION.columns).where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'booked'"),
        ~exists()
        .where(
            _other.c.account_id == bindparam("account_id"),
            _other.c.ticket_id == sessions.c.ticket_id,
            _other.c.status == literal_column("'resolved'"),
        )
        .correlate(sessions),
    ),
)
_WORK = RowArray(
    "of_work",
    select(*WORK.columns).where(
        work.c.account_id == bindparam("account_id"),
        work.c.work_id == bindparam("work_id", type_=Text()),
    ),
)
_TERMS = RowArray(
    "of_terms",
    select(*SUBSCRIPTION.columns)
    .where(
        subscriptions.c.account_id == bindparam("account_id"),
        or_(
            subscriptions.c.subscription_id == tickets.c.subscription_id,
            subscriptions.c.subscription_id.in_(
                select(lots.c.subscription_id)
                .where(
                    and_(
                        ENDING_AFTER,
                        lots.c.catalog == tickets.c.catalog,
                        lots.c.plan == tickets.c.plan,
                    )
                )
                .correlate(tickets)
            ),
        ),
    )
    .correlate(tickets),
)
_IN_SESSION = (
    exists()
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'running'"),
        sessions.c.ticket_id != tickets.c.ticket_id,
    )
    .correlate(tickets)
    .label("in_session")
)
_TO_METER = TO_CHANGE.add_columns(_SESSIONS.column, _WORK.column, _TERMS.column, _IN_SESSION)
_TO_BOOK = _TO_METER.add_columns(_BOOKED.column)
_FIND, _FIND_TO_BOOK = Statement(_TO_METER), Statement(_TO_BOOK)
# Together with its account, as it is read without a lock.
_TAKE, _TAKE_TO_BOOK = with_account(_TO_METER), with_account(_TO_BOOK)


async def take_metered_ticket(
    db: Db,
    account_id: str,
    ticket_id: str,
    *,
    session_id: str | None = None,
    work_id: str | None = None,
    books: bool = False,
) -> tuple[LockedAccount, WholeTicket]:
    """Take the account's row, and return a ticket with all that metering it needs.

    The session and the work of these ids need not be read again, nor the ticket's sessions and
    its plan's lots; nor, where it `books`, what is booked in the account. Refuses as `take_ticket`
    does. One statement where the row is not locked.
    """
    account, record = await take_with(
        db,
        account_id,
        take=_TAKE_TO_BOOK if books else _TAKE,
        find=_FIND_TO_BOOK if books else _FIND,
        ticket_id=ticket_id,
        session_id=session_id,
        work_id=work_id,
        since=db.read_clock(),
    )
    whole = read_to_change(account, record, ticket_id)
    rows = _SESSIONS.rows(record[_SESSIONS.label])
    keep_sessions(db, account_id, ticket_id, session_id, rows)
    if books:
        keep_waiting(db, account_id, _BOOKED.rows(record[_BOOKED.label]), now=account.now)
    if work_id is not None:
        keep_work(db, account_id, work_id, _WORK.rows(record[_WORK.label]))
    _keep_pool(db, account, whole, record)
    return account, whole


def _keep_pool(
    db: Db,
    account: LockedAccount,
    whole: WholeTicket,
    record: Any,
) -> None:
    """Keep the subscriptions of a ticket's plan, and with its lots that they are all."""
    account_id, ticket = account.account_id, whole.ticket
    terms = _TERMS.rows(record[_TERMS.label])
    held = {each.subscription_id: each for each in map(SUBSCRIPTION.read, terms)}
    for row in terms:
        if SUBSCRIPTION.read(row).subscription_id == ticket.subscription_id:
            keep_subscription(db, account_id, row)
    if ticket.plan is not None:
        account.keep_units(
            whole.pool,
            held,
            plan=(ticket.catalog, ticket.plan),
            in_session=record[_IN_SESSION.name],
            besides=ticket.ticket_id,
        )
