"""Chat, phone and video sessions, and the slots that they take."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, literal_column, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.compiled import Statement
from app.db.database import Db
from app.db.tables import sessions, tickets
from app.domain.refusals import Refusal


class SessionUnknown(Refusal):
    """The ticket has no such session."""

    kind = "unknown"
    code = "session_unknown"
    title = "There is no such session"


_INSERT = Statement(insert(sessions))
_FIND = Statement(
    select(sessions).where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.session_id == bindparam("session_id"),
    )
)
_OF_TICKET = Statement(
    select(sessions)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.ticket_id == bindparam("ticket_id"),
    )
    .order_by(sessions.c.created_at, sessions.c.session_id)
)
_RUNNING = Statement(
    select(sessions)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'running'"),
    )
    .order_by(sessions.c.started_at, sessions.c.session_id)
)
_STATE_COLUMNS = (
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
)
_UPDATE = Statement(
    update(sessions)
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.session_id == bindparam("session_id"),
    )
    .values({name: bindparam(name) for name in _STATE_COLUMNS})
    .returning(sessions)
)
# Looks across accounts on purpose: a seller's people are in one place at a time, whoever asks
# for them. A ticket that is resolved leaves its booked slots free.
_TAKEN = Statement(
    select(
        sessions.c.account_id,
        sessions.c.session_id,
        sessions.c.kind,
        sessions.c.starts_at,
        sessions.c.ends_at,
        sessions.c.started_at,
        sessions.c.status,
    ).where(
        sessions.c.catalog == bindparam("catalog"),
        or_(
            sessions.c.status == literal_column("'booked'"),
            sessions.c.status == literal_column("'running'"),
        ),
        sessions.c.starts_at >= bindparam("since"),
        sessions.c.starts_at < bindparam("until"),
        not_(
            exists().where(
                tickets.c.account_id == sessions.c.account_id,
                tickets.c.ticket_id == sessions.c.ticket_id,
                tickets.c.status == literal_column("'resolved'"),
                sessions.c.status == literal_column("'booked'"),
            )
        ),
    )
)


async def insert_session(db: Db, account_id: str, values: dict[str, Any]) -> None:
    """Write a new session."""
    await db.execute(_INSERT, account_id=account_id, **values)


async def find_session(db: Db, account_id: str, session_id: str) -> Any | None:
    """Return a session's row, or None."""
    return await db.row(_FIND, account_id=account_id, session_id=session_id)


async def load_ticket_sessions(db: Db, account_id: str, ticket_id: str) -> list[Any]:
    """Return a ticket's sessions in the order they were booked."""
    return await db.rows(_OF_TICKET, account_id=account_id, ticket_id=ticket_id)


async def load_running(db: Db, account_id: str) -> list[Any]:
    """Return the account's sessions that run, in the order they began."""
    return await db.rows(_RUNNING, account_id=account_id)


async def update_session(db: Db, session: Any, **changes: Any) -> Any:
    """Write a session's new state over its row's, and return the row as it is then."""
    state = {name: session[name] for name in _STATE_COLUMNS} | changes
    return await db.row(
        _UPDATE, account_id=session["account_id"], session_id=session["session_id"], **state
    )


async def load_taken(db: Db, *, catalog: str, since: datetime, until: datetime) -> list[Any]:
    """Return the sessions of every account that are booked or run, with slots that begin within.

    The catalogue has to be held (`hold_catalog`) for the answer to stay true until the commit.
    """
    return await db.rows(_TAKEN, catalog=catalog, since=since, until=until)
