"""Disputes across accounts: what a manager has to decide, and what was decided."""

from datetime import datetime
from typing import Literal

from app.db.engine.unit_of_work import Db
from app.db.reports import disputes
from app.domain.reports.disputes import DisputeLine


async def list_disputes(
    db: Db,
    *,
    status: Literal["open", "decided"] | None,
    catalog: str | None,
    sandbox: bool,
    after: tuple[datetime, str, str],
    earliest_first: bool,
    limit: int,
) -> list[DisputeLine]:
    """Return disputed charges in the order they were disputed, after a place in it."""
    return await disputes.list_disputes(
        db,
        status=status,
        catalog=catalog,
        sandbox=sandbox,
        after=after,
        earliest_first=earliest_first,
        limit=limit,
    )
