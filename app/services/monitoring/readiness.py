"""Readiness: the database is there, in the shape that this code works with.

The worker is looked at beside it. No answer waits for a worker (docs/laws.md, law 9), so one
that is late is reported, and takes nobody out of service.
"""

from typing import Literal

import asyncpg

from app.db.engine.revisions import find_revision, require_revision
from app.db.engine.unit_of_work import Db
from app.domain.values import Value
from app.services.monitoring.lag import Lag, read_lag

# A worker looks for events twice a second and for jobs every few; one that was started anew is
# back by then.
LATE_AFTER_S = 60


async def require_ready(db: Db) -> None:
    """Refuse unless the database is at this code's revision, and can be written to now."""
    require_revision(await find_revision(db.connection))
    await db.health.require_writable(db.connection)


class WorkerState(Value):
    """How the worker keeps up.

    Unknown: this database's user may not look at its tables, or part of the database is away.
    """

    status: Literal["ok", "late", "unknown"]
    lag: Lag | None


async def check_worker(db: Db) -> WorkerState:
    """Return how the worker keeps up; never refuses. Ends what the transaction can do.

    Events and deliveries are on every node of a distributed database. One that is away takes
    its own accounts out of service, and not this process.
    """
    try:
        lag = await read_lag(db)
    except asyncpg.PostgresError:
        return WorkerState("unknown", None)
    late = max(lag.outbox_s, lag.jobs_s) > LATE_AFTER_S
    return WorkerState("late" if late else "ok", lag)
