"""Lag of the worker: events that it has not come to, and jobs that are due."""

from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    MetaData,
    Table,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    text,
)

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import events, relay, webhook_deliveries, webhooks

# The schema of the queue's own tables, which `pgqueuer` makes: not before a worker was there.
JOBS_SCHEMA = "jobs"
# Of events without a position, what is looked at: however many there are, it costs the same.
_LOOKED_AT = 1_000
# Of deliveries, for the same reason.
_COUNTED = 10_000

_QUEUE = MetaData(schema=JOBS_SCHEMA)
_JOBS = Table(
    "pgqueuer", _QUEUE, Column("status", Text), Column("execute_after", DateTime(timezone=True))
)
_SCHEDULES = Table(
    "pgqueuer_schedules",
    _QUEUE,
    Column("status", Text),
    Column("next_run", DateTime(timezone=True)),
)
_QUEUED: ColumnElement[str] = literal_column("'queued'")

_REACHED = Statement(select(relay.c.position).where(relay.c.reader == literal_column("'webhooks'")))
_FIND_UNRELAYED = Statement(
    select(events.c.recorded_at)
    .where(events.c.position > bindparam("reached"))
    .order_by(events.c.position)
    .limit(literal_column("1"))
)
_UNPLACED = (
    select(events.c.recorded_at)
    .where(events.c.position.is_(None))
    .order_by(events.c.account_id, events.c.number)
    .limit(bindparam("limit"))
    .subquery()
)
_FIND_UNPLACED = Statement(select(func.min(_UNPLACED.c.recorded_at)))
_HAS_QUEUE = Statement(text(f"SELECT to_regclass('{JOBS_SCHEMA}.pgqueuer') IS NOT NULL"))
_FIND_DUE = Statement(
    select(
        func.least(
            select(func.min(_JOBS.c.execute_after))
            .where(_JOBS.c.status == _QUEUED, _JOBS.c.execute_after <= bindparam("now"))
            .scalar_subquery(),
            select(func.min(_SCHEDULES.c.next_run))
            .where(_SCHEDULES.c.status == _QUEUED, _SCHEDULES.c.next_run <= bindparam("now"))
            .scalar_subquery(),
        )
    )
)
_PENDING = (
    select(webhook_deliveries.c.webhook_id)
    .select_from(
        webhook_deliveries.join(webhooks, webhooks.c.webhook_id == webhook_deliveries.c.webhook_id)
    )
    .where(
        webhook_deliveries.c.status == literal_column("'pending'"),
        webhooks.c.disabled_at.is_(None),
    )
    .limit(bindparam("limit"))
    .subquery()
)
_COUNT_PENDING = Statement(select(func.count()).select_from(_PENDING))


async def find_oldest_unrelayed(db: Db) -> datetime | None:
    """Return when the oldest event was recorded that the relay has not come to, or None.

    Where there are more than a thousand that have no position yet, one of the oldest.
    """
    placed = await db.value(_FIND_UNRELAYED, reached=await db.value(_REACHED))
    unplaced = await db.value(_FIND_UNPLACED, limit=_LOOKED_AT)
    return min((each for each in (placed, unplaced) if each is not None), default=None)


async def find_oldest_due_job(db: Db, *, now: datetime) -> datetime | None:
    """Return since when the job is due that waits for a worker the longest, or None."""
    if not await db.value(_HAS_QUEUE):
        return None
    due: datetime | None = await db.value(_FIND_DUE, now=now)
    return due


async def count_pending_deliveries(db: Db) -> int:
    """Count the deliveries that are to be sent, those to disabled endpoints left out.

    There may be more than ten thousand, and no more are counted.
    """
    return int(await db.value(_COUNT_PENDING, limit=_COUNTED))
