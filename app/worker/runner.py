"""Runner of the worker's jobs: until it is stopped, and through the database's absences."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import asyncpg
from pgqueuer.core.applications import PgQueuer
from pgqueuer.core.executors import ScheduleCrontab
from pgqueuer.domain.errors import FailingListenerError
from pgqueuer.domain.models import Job as QueuedJob
from pgqueuer.domain.models import Schedule

from app.db.engine.database import Database
from app.worker.deliveries import DELIVER_WEBHOOK, DeliveryContext, DeliveryPolicy, deliver_webhook
from app.worker.jobs import JOBS, Job, Stage, run_job
from app.worker.notices import run_timed_events
from app.worker.queue import CHANNEL, Connection, connect, install_queue, queries_on
from app.worker.relay import run_relay

_log = logging.getLogger("surety.worker")
_MAX_WAIT_S = 30.0
# Those of the deliveries, of the notices, of the relay, and of jobs at their times.
_CONNECTIONS = 12
_DELIVERERS = 4
# After so long without a sign of life, a worker's jobs are another's.
_HEARTBEAT_TIMEOUT = timedelta(seconds=15)
# How the database's absence shows: gone, going, not back yet, or not answering.
_ABSENCES = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    FailingListenerError,
)


async def run_worker(
    dsn: str, stopping: asyncio.Event, reach: DeliveryPolicy, *, events_kept: timedelta
) -> None:
    """Run jobs until `stopping` is set; the job under way then ends with its present step.

    `dsn` leads to the database directly, `reach` says where webhooks may be sent, and
    `events_kept` for how long events are kept. While the database is away, or something else is
    wrong, it is tried again at growing intervals. Any number of workers may run: each time of a
    job is one worker's, and each event is relayed once.
    """
    _log_event("worker_started")
    wait_s = 1.0
    while not stopping.is_set():
        try:
            await install_queue(dsn)
            await _run_jobs(dsn, stopping, reach, events_kept)
            wait_s = 1.0
        except Exception as error:
            _log_event("worker_waits", error=error, retry_s=wait_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), wait_s)
            wait_s = min(wait_s * 2, _MAX_WAIT_S)
    _log_event("worker_stopped")


async def _run_jobs(
    dsn: str, stopping: asyncio.Event, reach: DeliveryPolicy, events_kept: timedelta
) -> None:
    """Run jobs on one connection of the queue, until it is lost or we are told to stop."""
    database = Database(dsn, pool_size=_CONNECTIONS)
    await database.open()
    try:
        connection = await connect(dsn)
        try:
            await _run_queue(connection, database, stopping, reach, events_kept)
        finally:
            await connection.close(timeout=5)
    finally:
        await database.close()


async def _run_queue(
    connection: Connection,
    database: Database,
    stopping: asyncio.Event,
    reach: DeliveryPolicy,
    events_kept: timedelta,
) -> None:
    queries = queries_on(connection)
    queue = PgQueuer(queries.driver, channel=CHANNEL, queries=queries)
    # Set also where the queue is lost: a job that went on would look like a dead worker's.
    over = queue.shutdown
    stage = Stage(database, over, events_kept)
    for job in JOBS:
        queue.schedule(job.name, job.times)(_bind(job, stage))
    post = DeliveryContext(database, over, reach, asyncio.Semaphore(_DELIVERERS))
    queue.entrypoint(DELIVER_WEBHOOK)(_bind_deliveries(post))
    connection.add_termination_listener(lambda _: over.set())
    passing = asyncio.create_task(_pass_on(stopping, over))
    beside = [
        asyncio.create_task(run_relay(database, queries, over)),
        asyncio.create_task(run_timed_events(database, over)),
    ]
    for task in beside:
        task.add_done_callback(lambda _: over.set())
    try:
        await queue.run(
            dequeue_timeout=timedelta(seconds=5),
            shutdown_on_listener_failure=True,
            heartbeat_timeout=_HEARTBEAT_TIMEOUT,
        )
    finally:
        passing.cancel()
        ends = await asyncio.gather(*beside, return_exceptions=True)
    for lost in ends:
        if lost is not None:
            raise lost


def _bind(job: Job, stage: Stage) -> ScheduleCrontab:
    async def run(_: Schedule) -> None:
        await run_job(job, stage)

    return run


def _bind_deliveries(post: DeliveryContext) -> Callable[[QueuedJob], Awaitable[None]]:
    async def run(job: QueuedJob) -> None:
        await deliver_webhook(post, UUID(bytes=job.payload))

    return run


async def _pass_on(one: asyncio.Event, other: asyncio.Event) -> None:
    await one.wait()
    other.set()


def _log_event(event: str, *, error: Exception | None = None, **members: object) -> None:
    if error is None:
        _log.info({"event": event} | members)
        return
    line = {"event": event, "error": repr(error)[:300]} | members
    _log.warning(line, exc_info=None if isinstance(error, _ABSENCES) else error)
