"""The queue: open tickets across accounts, with what is needed to choose one."""

from app.db.engine.unit_of_work import Db
from app.db.reports import queue
from app.db.reports.queue import QueueCounts, QueuedTicket, QueueFilter, QueuePlace
from app.domain.values import Value


class QueuePage(Value):
    """Open tickets in the order to work on them, and where the page ended.

    `counts` are of all that is asked for, on the first page only.
    """

    tickets: list[QueuedTicket]
    last: QueuePlace | None
    counts: QueueCounts | None


async def read_queue(
    db: Db, *, asked: QueueFilter, after: QueuePlace | None, limit: int
) -> QueuePage:
    """Return a page of open tickets in the order to work on them (`domain.tickets.queue_order`)."""
    now = db.read_clock()
    counts = None
    if after is None:
        found, counts = await queue.load_first_page(db, asked, limit=limit + 1, now=now)
    else:
        found = await queue.load_further_page(db, asked, after=after, limit=limit + 1, now=now)
    page = found[:limit]
    return QueuePage(
        tickets=page,
        last=page[-1].place if len(found) > limit else None,
        counts=counts,
    )
