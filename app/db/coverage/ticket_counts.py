"""Counts of an account's tickets on its plans, where these limit them."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, literal_column, or_, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import tickets
from app.domain.coverage.serving import TicketCount

_IS_OPEN = tickets.c.status != literal_column("'resolved'")
_IS_URGENT = and_(
    tickets.c.urgent,
    tickets.c.opened_at >= bindparam("since"),
    tickets.c.opened_at < bindparam("until"),
)
_COUNT = Statement(
    select(
        tickets.c.plan,
        func.count().filter(_IS_OPEN).label("open"),
        func.count().filter(_IS_URGENT).label("urgent"),
    )
    .where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.catalog == bindparam("catalog"),
        tickets.c.plan.is_not(None),
        tickets.c.ticket_id != bindparam("besides"),
        tickets.c.category.is_distinct_from(literal_column("'bug'")),
        or_(_IS_OPEN, tickets.c.opened_at >= bindparam("since")),
    )
    .group_by(tickets.c.plan)
)


async def count_tickets(
    db: Db, account_id: str, catalog: str, *, since: datetime, until: datetime, besides: str
) -> dict[str, TicketCount]:
    """Return an account's tickets of a catalogue by plan, but for one: open, and urgent in time."""
    rows = await db.rows(
        _COUNT,
        account_id=account_id,
        catalog=catalog,
        since=since,
        until=until,
        besides=besides,
    )
    return {row["plan"]: TicketCount(int(row["open"]), int(row["urgent"]), until) for row in rows}
