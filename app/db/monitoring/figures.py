"""Figures of all accounts together, for monitoring."""

from sqlalchemy import BigInteger, cast, func, literal_column, or_, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import tallies, tickets

# Only tickets hold units, so the accounts that hold any are among those of the tickets that are
# not done with: what this reads grows with those, not with every account that there ever was.
_UNSETTLED = select(tickets.c.account_id).where(
    or_(
        tickets.c.status != literal_column("'resolved'"),
        tickets.c.charge_status == literal_column("'held'"),
    )
)
_SUM_HELD = Statement(
    select(tallies.c.unit, cast(func.sum(tallies.c.held), BigInteger).label("held"))
    .where(tallies.c.held > literal_column("0"), tallies.c.account_id.in_(_UNSETTLED))
    .group_by(tallies.c.unit)
)


async def sum_held(db: Db) -> dict[str, int]:
    """Return how much is held of each unit, over all accounts."""
    return {row["unit"]: row["held"] for row in await db.rows(_SUM_HELD)}
