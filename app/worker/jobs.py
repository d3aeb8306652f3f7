"""The jobs that run at their times, each by its name: what it does is a service's."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from opentelemetry import trace

from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.domain.values import Value
from app.services.access import idempotency
from app.services.events import deliveries, events
from app.worker import figures
from app.worker.queue import prune_log

_log = logging.getLogger("surety.jobs")
_tracer = trace.get_tracer("surety")


class Stage(Value):
    """What a job works with: the database, and whether the worker has been told to stop.

    `events_kept` is for how long events are kept.
    """

    database: Database
    stopping: asyncio.Event
    events_kept: timedelta


class Job(Value):
    """A job at its times, as a crontab's five fields in UTC. It returns what it has to report.

    It may be killed at any moment and run again later, so each of its steps commits by itself.
    """

    name: str
    times: str
    run: Callable[[Stage], Awaitable[dict[str, int]]]


async def run_job(job: Job, stage: Stage) -> None:
    """Run a job once, and log what came of it; where it failed, the queue tells the whole error."""
    began = time.perf_counter()
    try:
        with _tracer.start_as_current_span(f"job {job.name}"), figures.counted(job.name):
            report = await job.run(stage)
            line = {"event": "job", "job": job.name} | report
            _log.info(line | {"ms": round((time.perf_counter() - began) * 1000, 1)})
    except Exception as error:
        _log.error({"event": "job_failed", "job": job.name, "error": repr(error)[:300]})
        raise


async def prune_idempotency_keys(stage: Stage) -> dict[str, int]:
    """Remove the replies kept for longer than promised."""
    return await _prune(stage, idempotency.prune_keys)


async def prune_events(stage: Stage) -> dict[str, int]:
    """Remove the events that are kept no longer."""
    return await _prune(stage, partial(events.prune_events, kept=stage.events_kept))


async def prune_deliveries(stage: Stage) -> dict[str, int]:
    """Remove webhooks' deliveries of more than 30 days ago, and those of removed webhooks."""
    return await _prune(stage, deliveries.prune_deliveries)


async def prune_queue_log(stage: Stage) -> dict[str, int]:
    """Remove what the queue noted of jobs more than a week ago, which it keeps for ever."""
    return await _prune(stage, prune_log)


async def _prune(stage: Stage, prune: Callable[[Db], Awaitable[int]]) -> dict[str, int]:
    """Remove batch by batch, until none is left."""
    pruned = 0
    while not stage.stopping.is_set():
        async with stage.database.transaction() as db:
            count = await prune(db)
        if count == 0:
            break
        pruned += count
    return {"pruned": pruned}


JOBS = (
    Job("prune_idempotency_keys", "*/10 * * * *", prune_idempotency_keys),
    Job("prune_events", "27 * * * *", prune_events),
    Job("prune_deliveries", "7 * * * *", prune_deliveries),
    Job("prune_queue_log", "17 * * * *", prune_queue_log),
)
