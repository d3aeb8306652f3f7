"""Views across accounts: the queue of open tickets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.engine.database import Db
from app.db.reports import queue


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Open tickets in the order to work on them, and where the page ended."""

    rows: list[Any]
    last: tuple[Any, ...] | None
    now: datetime


async def read_queue(
    db: Db, *, catalog: str | None, after: tuple[Any, ...] | None, limit: int
) -> QueuePage:
    """Return open tickets: covered before on demand, urgent, severity (none last), rank,
    `breaches_after`, `due_at`; paused ones last.
    """
    rows = await queue.load_queue(db, catalog=catalog, after=after, limit=limit + 1)
    page = rows[:limit]
    more = len(rows) > limit
    last = tuple(page[-1][f"key_{place}"] for place in range(10)) if more else None
    return QueuePage(page, last, db.read_clock())
