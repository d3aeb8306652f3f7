"""Lag of the worker, for monitoring: nothing's correctness waits for it."""

from datetime import datetime

from app.db.engine.unit_of_work import Db
from app.db.monitoring import lag
from app.domain.values import Value


class Lag(Value):
    """How far the worker is behind.

    `outbox_s` is how long ago the oldest event was recorded that is not relayed, and `jobs_s`
    how long the longest waiting job has been due, in seconds; zero where there is none.
    `pending_deliveries` are the deliveries that are to be sent, now or after a failure; of more
    than ten thousand, ten thousand.
    """

    outbox_s: float
    jobs_s: float
    pending_deliveries: int


async def read_lag(db: Db) -> Lag:
    """Return how far the worker is behind now. Before the first worker there are no jobs."""
    now = db.read_clock()
    return Lag(
        outbox_s=_seconds_since(await lag.find_oldest_unrelayed(db), now),
        jobs_s=_seconds_since(await lag.find_oldest_due_job(db, now=now), now),
        pending_deliveries=await lag.count_pending_deliveries(db),
    )


def _seconds_since(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
