"""Views across accounts: the queue of open tickets."""

from dataclasses import dataclass
from datetime import datetime

from app.db.engine.database import Db
from app.db.reports import queue
from app.db.reports.queue import QueuePlace
from app.db.tickets.tickets import WholeTicket


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Open tickets in the order to work on them, and where the page ended."""

    tickets: list[WholeTicket]
    last: QueuePlace | None
    now: datetime


async def read_queue(
    db: Db, *, catalog: str | None, after: QueuePlace | None, limit: int
) -> QueuePage:
    """Return open tickets: covered before on demand, urgent, severity (none last), rank,
    `breaches_after`, `due_at`; paused ones last.
    """
    found = await queue.load_queue(db, catalog=catalog, after=after, limit=limit + 1)
    page = found[:limit]
    last = page[-1][1] if len(found) > limit else None
    return QueuePage([whole for whole, _ in page], last, db.read_clock())
