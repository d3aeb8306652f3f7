"""Counts of an account's tickets on its plans, where these limit them."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, literal_column, or_, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import tickets
from app.domain.coverage.ticket_limits import TicketCount

_IS_OPEN = tickets.c.status != literal_column("'resolved'")
_IS_OF_MONTH = and_(
    tickets.c.opened_at >= bindparam("since"), tickets.c.opened_at < bindparam("until")
)
_COUNT = Statement(
    select(
        tickets.c.plan,
        tickets.c.urgent,
        tickets.c.severity,
        func.count().filter(_IS_OPEN).label("open"),
        func.count().filter(_IS_OF_MONTH).label("asked"),
    )
    .where(
        tickets.c.account_id == bindparam("account_id"),
        tickets.c.catalog == bindparam("catalog"),
        tickets.c.plan.is_not(None),
        tickets.c.ticket_id != bindparam("besides"),
        tickets.c.category.is_distinct_from(literal_column("'bug'")),
        or_(_IS_OPEN, tickets.c.opened_at >= bindparam("since")),
    )
    .group_by(tickets.c.plan, tickets.c.urgent, tickets.c.severity)
)


async def count_tickets(
    db: Db, account_id: str, catalog: str, *, since: datetime, until: datetime, besides: str
) -> dict[str, TicketCount]:
    """Return an account's tickets of a catalogue by plan, but for one: open, and asked in time."""
    rows = await db.rows(
        _COUNT,
        account_id=account_id,
        catalog=catalog,
        since=since,
        until=until,
        besides=besides,
    )
    counts: dict[str, TicketCount] = {}
    for row in rows:
        known = counts.get(row["plan"], TicketCount(0, {}, until))
        counts[row["plan"]] = TicketCount(
            known.open + int(row["open"]),
            {**known.asked, (row["urgent"], row["severity"]): int(row["asked"])},
            until,
        )
    return counts
