"""Chat, phone and video sessions, and the slots that they take."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, exists, func, literal_column, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, sessions, tickets
from app.domain.access.refusals import Refusal
from app.domain.metering.bookings import Session
from app.domain.metering.slots import Slot


class SessionUnknown(Refusal):
    """The ticket has no such session."""

    kind = "unknown"
    code = "session_unknown"
    title = "There is no such session"


SESSION = RowType(sessions, Session)
_INSERT = Statement(insert(sessions))
_FIND = Statement(
    select(*SESSION.columns).where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.session_id == bindparam("session_id"),
    ),
    asked_again=True,
)
_OF_TICKET = Statement(
    select(*SESSION.columns)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(sessions.c.created_at, sessions.c.session_id),
    asked_again=True,
)
_RUNNING = Statement(
    select(*SESSION.columns)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'running'"),
    )
    .order_by(sessions.c.started_at, sessions.c.session_id)
)
_STATE_COLUMNS = (
    "catalog",
    "status",
    "starts_at",
    "ends_at",
    "started_at",
    "ended_at",
    "minutes",
    "over_minutes",
    "ended_by",
    "charged",
    "corrections",
    "contact",
    "agent",
)
_UPDATE = Statement(
    update(sessions)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.session_id == bindparam("session_id"),
    )
    .values({name: bindparam(name) for name in _STATE_COLUMNS})
)
# What is booked, or runs, ends with its ticket.
_TICKET_RESOLVED = exists().where(
    tickets.c.ticket_id == sessions.c.ticket_id,
    tickets.c.status == literal_column("'resolved'"),
)
_WAITING = Statement(
    select(*SESSION.columns).where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'booked'"),
        sessions.c.ends_at > bindparam("now"),
        not_(_TICKET_RESOLVED.where(tickets.c.account_id == bindparam("account_id"))),
    ),
    asked_again=True,
)
_SANDBOX = accounts.alias("sandbox")
_OWN = accounts.alias("own")
# Looks across accounts on purpose: a seller's people are in one place at a time, whoever asks
# for them. A sandbox's sessions take nobody's time but its own.
_TAKEN = Statement(
    select(
        sessions.c.account_id,
        sessions.c.session_id,
        sessions.c.kind,
        sessions.c.starts_at,
        case(
            (
                sessions.c.status == literal_column("'running'"),
                func.greatest(sessions.c.ends_at, bindparam("now", type_=sessions.c.ends_at.type)),
            ),
            else_=sessions.c.ends_at,
        ).label("ends_at"),
    ).where(
        sessions.c.catalog == bindparam("catalog"),
        or_(
            sessions.c.status == literal_column("'booked'"),
            sessions.c.status == literal_column("'running'"),
        ),
        sessions.c.starts_at >= bindparam("since"),
        sessions.c.starts_at < bindparam("until"),
        not_(_TICKET_RESOLVED.where(tickets.c.account_id == sessions.c.account_id)),
        or_(
            sessions.c.account_id == bindparam("asking"),
            not_(
                exists().where(
                    _SANDBOX.c.account_id == sessions.c.account_id,
                    _SANDBOX.c.sandbox_at.is_not(None),
                )
            )
            & not_(
                exists().where(
                    _OWN.c.account_id == bindparam("asking"), _OWN.c.sandbox_at.is_not(None)
                )
            ),
        ),
    )
)


async def insert_session(db: Db, session: Session) -> None:
    """Write a new session."""
    await db.write(_INSERT, **SESSION.values(session))


async def find_session(db: Db, account_id: str, session_id: str) -> Session | None:
    """Return a session, or None."""
    rows = await db.rows(_FIND, account_id=account_id, session_id=session_id)
    return SESSION.read(rows[0]) if rows else None


async def load_ticket_sessions(db: Db, account_id: str, ticket_id: str) -> list[Session]:
    """Return a ticket's sessions in the order they were booked."""
    rows = await db.rows(_OF_TICKET, account_id=account_id, ticket_id=ticket_id)
    return [SESSION.read(row) for row in rows]


def keep_sessions(
    db: Db, account_id: str, ticket_id: str, session_id: str | None, rows: Sequence[Sequence[Any]]
) -> None:
    """Keep a ticket's sessions, in their order, and that of an id, as they were just read."""
    found = [(SESSION.read(row), row) for row in rows]
    own = [row for session, row in found if session.ticket_id == ticket_id]
    db.keep(_OF_TICKET, own, account_id=account_id, ticket_id=ticket_id)
    if session_id is not None:
        named = [row for session, row in found if session.session_id == session_id]
        db.keep(_FIND, named, account_id=account_id, session_id=session_id)


def keep_waiting(db: Db, account_id: str, rows: Sequence[Sequence[Any]], *, now: datetime) -> None:
    """Keep the account's sessions that are booked, as they were just read."""
    waiting = [row for row in rows if SESSION.read(row).ends_at > now]
    db.keep(_WAITING, waiting, account_id=account_id, now=now)


async def load_running(db: Db, account_id: str) -> list[Session]:
    """Return the account's sessions that run, in the order they began."""
    return [SESSION.read(row) for row in await db.rows(_RUNNING, account_id=account_id)]


async def update_session(db: Db, session: Session) -> None:
    """Write a session's new state over its row's."""
    await db.write(_UPDATE, **SESSION.values(session))


async def load_waiting(db: Db, account_id: str, *, now: datetime) -> list[Session]:
    """Return the account's sessions that are booked, and whose time has not passed."""
    return [SESSION.read(row) for row in await db.rows(_WAITING, account_id=account_id, now=now)]


async def load_taken(
    db: Db,
    *,
    account_id: str,
    catalog: str,
    since: datetime,
    until: datetime,
    now: datetime,
    besides: str | None,
) -> list[Slot]:
    """Return the slots of every account that are booked or run, and begin within [since, until).

    The account's own session `besides` is left out. One that runs past its slot goes
    on taking the time until now. The catalogue's bookings have to be held (`hold_bookings`) for
    the answer to stay true until the commit.
    """
    rows = await db.rows(
        _TAKEN, asking=account_id, catalog=catalog, since=since, until=until, now=now
    )
    return [Slot(*row[2:]) for row in rows if (row[0], row[1]) != (account_id, besides)]
