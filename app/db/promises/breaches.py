"""An account's broken promises and missed targets, with the subscriptions they were made by."""

from datetime import datetime

from sqlalchemy import DateTime, Text, and_, bindparam, func, literal_column, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.promises.standing import read_status
from app.db.tables import deadlines, tickets
from app.domain.selling.breach_credits import Breach

_BROKEN_AT = func.coalesce(
    deadlines.c.breached_at, deadlines.c.missed_at, deadlines.c.breaches_after
)
_BREACHES = Statement(
    select(
        deadlines.c.ticket_id,
        deadlines.c.metric,
        deadlines.c.strength,
        _BROKEN_AT.label("broken_at"),
        deadlines.c.excused,
        tickets.c.subscription_id,
    )
    .select_from(
        deadlines.join(
            tickets,
            and_(
                tickets.c.account_id == bindparam("account_id"),
                tickets.c.ticket_id == deadlines.c.ticket_id,
            ),
        )
    )
    .where(
        deadlines.c.account_id == bindparam("account_id"),
        read_status(sandbox=False).in_(
            [literal_column("'breached'", Text), literal_column("'missed'", Text)]
        ),
        bindparam("since", type_=DateTime(timezone=True)) <= _BROKEN_AT,
        bindparam("until", type_=DateTime(timezone=True)) > _BROKEN_AT,
    )
    .order_by(_BROKEN_AT, deadlines.c.ticket_id, deadlines.c.metric, deadlines.c.spell)
)


async def load_breaches(
    db: Db, account_id: str, *, since: datetime, until: datetime, now: datetime
) -> list[Breach]:
    """Return what broke within [since, until), by the clock at `now`, in order."""
    found = await db.rows(_BREACHES, account_id=account_id, since=since, until=until, now=now)
    return [
        Breach(
            ticket_id=row["ticket_id"],
            metric=row["metric"],
            strength=row["strength"],
            at=row["broken_at"],
            excused=row["excused"],
            subscription_id=row["subscription_id"],
        )
        for row in found
    ]
