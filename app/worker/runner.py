"""A worker: it runs the jobs until it is told to stop, and outlives the database's absences."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.core.applications import PgQueuer
from pgqueuer.core.executors import ScheduleCrontab
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.models import Schedule

from app.db.database import Database
from app.worker.jobs import JOBS, Job, Stage, run_job
from app.worker.queue import CHANNEL, connect, install_queue, queries_on

_log = logging.getLogger("surety.worker")
_MAX_WAIT_S = 30.0
# How the database's absence shows: gone, going, not back yet, or not answering.
_ABSENCES = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    FailingListenerError,
)


async def run_worker(dsn: str, stopping: asyncio.Event) -> None:
    """Run jobs until `stopping` is set; the job under way then ends with its present step.

    `dsn` leads to the database directly. While the database is away, or something else is
    wrong, it is tried again at growing intervals. Any number of workers may run: each time of a
    job is one worker's.
    """
    _say("worker_started")
    wait_s = 1.0
    while not stopping.is_set():
        try:
            await install_queue(dsn)
            await _run_jobs(dsn, stopping)
            wait_s = 1.0
        except Exception as error:
            _say("worker_waits", error=error, retry_s=wait_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), wait_s)
            wait_s = min(wait_s * 2, _MAX_WAIT_S)
    _say("worker_stopped")


async def _run_jobs(dsn: str, stopping: asyncio.Event) -> None:
    """Run jobs on one connection of the queue, until it is lost or we are told to stop."""
    database = Database(dsn, pool_size=4)
    await database.open()
    try:
        connection = await connect(dsn)
        try:
            await _run_queue(connection, Stage(database, stopping))
        finally:
            await connection.close(timeout=5)
    finally:
        await database.close()


async def _run_queue(connection: Any, stage: Stage) -> None:
    queries = queries_on(connection)
    queue = PgQueuer(queries.driver, channel=CHANNEL, queries=queries)
    for job in JOBS:
        queue.schedule(job.name, job.times)(_bind(job, stage))
    connection.add_termination_listener(lambda _: queue.shutdown.set())
    told = asyncio.create_task(_pass_on(stage.stopping, queue.shutdown))
    try:
        await queue.run(dequeue_timeout=timedelta(seconds=5), shutdown_on_listener_failure=True)
    finally:
        told.cancel()


def _bind(job: Job, stage: Stage) -> ScheduleCrontab:
    async def run(_: Schedule) -> None:
        await run_job(job, stage)

    return run


async def _pass_on(one: asyncio.Event, other: asyncio.Event) -> None:
    await one.wait()
    other.set()


def _say(event: str, *, error: Exception | None = None, **members: Any) -> None:
    if error is None:
        _log.info({"event": event} | members)
        return
    line = {"event": event, "error": repr(error)[:300]} | members
    _log.warning(line, exc_info=None if isinstance(error, _ABSENCES) else error)
