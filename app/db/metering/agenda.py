"""The agenda: sessions over all accounts, in the order of their slots."""

from datetime import datetime

from sqlalchemy import Boolean, Text, and_, bindparam, literal_column, not_, or_, select, tuple_

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, sessions, tickets
from app.domain.metering.bookings import AgendaLine
from app.domain.metering.sessions import SessionStatus

_INSTANT = sessions.c.starts_at.type
_PLACE = tuple_(sessions.c.starts_at, sessions.c.account_id, sessions.c.session_id)
_AFTER = tuple_(
    bindparam("after_at", type_=_INSTANT),
    bindparam("after_account", type_=Text),
    bindparam("after_id", type_=Text),
)
_AGENDA = (
    select(
        sessions.c.account_id,
        accounts.c.name,
        sessions.c.ticket_id,
        tickets.c.subject,
        sessions.c.catalog,
        tickets.c.plan,
        sessions.c.session_id,
        sessions.c.kind,
        sessions.c.status,
        sessions.c.starts_at,
        sessions.c.ends_at,
        sessions.c.started_at,
        sessions.c.ended_at,
        sessions.c.minutes,
        sessions.c.contact,
        sessions.c.agent,
    )
    .select_from(
        sessions.join(accounts, accounts.c.account_id == sessions.c.account_id).join(
            tickets,
            and_(
                tickets.c.account_id == sessions.c.account_id,
                tickets.c.ticket_id == sessions.c.ticket_id,
            ),
        )
    )
    .where(
        sessions.c.starts_at >= bindparam("since", type_=_INSTANT),
        sessions.c.starts_at < bindparam("until", type_=_INSTANT),
        or_(
            bindparam("catalog", type_=Text).is_(None),
            sessions.c.catalog == bindparam("catalog", type_=Text),
        ),
        or_(
            bindparam("status", type_=Text).is_(None),
            sessions.c.status == bindparam("status", type_=Text),
        ),
        or_(bindparam("sandbox", type_=Boolean), accounts.c.sandbox_at.is_(None)),
        # What is booked ends with its ticket.
        not_(
            and_(
                sessions.c.status == literal_column("'booked'"),
                tickets.c.status == literal_column("'resolved'"),
            )
        ),
    )
    .limit(bindparam("limit"))
)
_EARLIEST_FIRST = Statement(
    _AGENDA.where(_PLACE > _AFTER).order_by(
        sessions.c.starts_at, sessions.c.account_id, sessions.c.session_id
    )
)
_LATEST_FIRST = Statement(
    _AGENDA.where(_PLACE < _AFTER).order_by(
        sessions.c.starts_at.desc(), sessions.c.account_id.desc(), sessions.c.session_id.desc()
    )
)


async def list_agenda(
    db: Db,
    *,
    catalog: str | None,
    status: SessionStatus | None,
    sandbox: bool,
    since: datetime,
    until: datetime,
    after: tuple[datetime, str, str],
    latest_first: bool,
    limit: int,
) -> list[AgendaLine]:
    """Return the sessions whose slots begin in [since, until), after a place among them.

    Those of sandbox accounts are among them only with `sandbox`.
    """
    rows = await db.rows(
        _LATEST_FIRST if latest_first else _EARLIEST_FIRST,
        catalog=catalog,
        status=status,
        sandbox=sandbox,
        since=since,
        until=until,
        after_at=after[0],
        after_account=after[1],
        after_id=after[2],
        limit=limit,
    )
    return [AgendaLine(*row) for row in rows]
