"""`surety worker` as processes: jobs at their times, each once, whoever is killed meanwhile.

A database of each test's own; the queue's next run is moved to now, as waiting would.
"""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from pgqueuer.domain.types import HealthCheckId

from app.cli.worker import worker_beside
from app.db.accounts import idempotency
from app.db.engine.database import Database
from app.services.access.idempotency import KEPT, prune_keys
from app.settings import Settings
from app.worker.queue import CHANNEL, install_queue, prune_log, queries_on
from tests.conftest import Connection
from tests.support.waiting import until
from tests.support.worker import JOB, WORKER, keep_replies, make_due, work

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """Connect to the test's own database."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


async def count_replies(connection: Connection) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM idempotency_keys")
    return count


async def test_replies_are_kept_for_72_hours(database_url: str) -> None:
    database = Database(database_url, pool_size=1, clock=lambda: NOW)
    await database.open()
    async with database.transaction() as db:
        for hours in (71, 73, 75):
            await idempotency.claim_key(
                db,
                account_id="c-1",
                digest=bytes([hours]),
                request_digest=b"",
                now=NOW - timedelta(hours=hours),
            )
        assert timedelta(hours=72) == KEPT
        assert await prune_keys(db) == 2
        assert await prune_keys(db) == 0
        kept = await db.connection.fetch("SELECT digest FROM idempotency_keys")
        assert [row["digest"][0] for row in kept] == [71]
    await database.close()


async def test_the_queues_own_notes_are_kept_for_a_week(
    database_url: str, connection: Connection
) -> None:
    await install_queue(database_url)
    await connection.execute(
        "INSERT INTO jobs.pgqueuer_log (created, job_id, status, priority, entrypoint)"
        " SELECT $1::timestamptz - days * interval '1 day', days, 'successful', 0, 'a_job'"
        " FROM unnest(ARRAY[6, 8, 9]) days",
        NOW,
    )
    await connection.execute(
        "INSERT INTO jobs.pgqueuer_statistics (created, count, status, priority, entrypoint)"
        " SELECT $1::timestamptz - days * interval '1 day', 1, 'successful', 0, 'a_job'"
        " FROM unnest(ARRAY[6, 8]) days",
        NOW,
    )
    database = Database(database_url, pool_size=1, clock=lambda: NOW)
    await database.open()
    async with database.transaction() as db:
        assert [await prune_log(db) for _ in range(2)] == [3, 0]
    await database.close()
    assert await connection.fetchval("SELECT job_id FROM jobs.pgqueuer_log") == 6


async def test_two_workers_do_a_due_job_once(database_url: str, connection: Connection) -> None:
    assert await install_queue(database_url) is True
    assert await install_queue(database_url) is False
    await keep_replies(connection, 2500, age=timedelta(hours=80))
    await keep_replies(connection, 10, age=timedelta(hours=1))
    await make_due(connection)
    with ExitStack() as running:
        workers = [running.enter_context(work(database_url)) for _ in range(2)]
        await until(lambda: _have_looked(connection, 2))
        ends = [await asyncio.to_thread(worker.stop) for worker in workers]
    assert [code for code, _ in ends] == [0, 0]
    done = [line for _, said in ends for line in said if line.get("event") == "job"]
    # 2500 in batches of 1000: all by whichever was first, and nothing left for the other.
    assert [(line["job"], line["pruned"]) for line in done] == [(JOB, 2500)]
    assert [said[-1] for _, said in ends] == [{"event": "worker_stopped"}] * 2
    assert await count_replies(connection) == 10


async def test_a_worker_killed_in_the_middle_loses_nothing(
    database_url: str, connection: Connection
) -> None:
    await install_queue(database_url)
    await keep_replies(connection, 1500, age=timedelta(hours=80))
    await make_due(connection)
    other = await asyncpg.connect(database_url)
    in_the_way = other.transaction()
    await in_the_way.start()
    await other.execute("SELECT FROM idempotency_keys ORDER BY created_at DESC LIMIT 1 FOR UPDATE")
    with work(database_url) as worker:
        # The first thousand are gone for good; the step that would remove the rest waits.
        await until(lambda: _is_waiting(connection))
        assert await count_replies(connection) == 500
        worker.process.kill()
    await in_the_way.rollback()
    await other.close()
    await make_due(connection)
    with work(database_url) as worker:
        done = await asyncio.to_thread(worker.read_until, "job")
        assert done["pruned"] == 500
        assert (await asyncio.to_thread(worker.stop))[0] == 0
    assert await count_replies(connection) == 0


async def test_a_worker_outlives_the_loss_of_its_connections(
    database_url: str, connection: Connection
) -> None:
    with work(database_url) as worker:
        await asyncio.to_thread(worker.read_until, "worker_started")
        await until(lambda: _is_scheduled(connection))
        await keep_replies(connection, 5, age=timedelta(hours=80))
        # At once: a job begun before would be lost until its next time, and one that is due
        # only after would not be found before it.
        async with connection.transaction():
            await make_due(connection)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'surety%'"
            )
        done = await asyncio.to_thread(worker.read_until, "job")
        assert done["pruned"] == 5
        assert (await asyncio.to_thread(worker.stop))[0] == 0


async def test_workers_hear_what_the_queue_tells(database_url: str, connection: Connection) -> None:
    """A worker that does not hear itself within 10 seconds takes its connection for lost."""
    await install_queue(database_url)
    heard: asyncio.Queue[str] = asyncio.Queue()
    await connection.add_listener(CHANNEL, lambda *told: heard.put_nowait(str(told[-1])))
    queries = queries_on(connection)
    async with asyncio.timeout(10):
        await queries.notify_health_check(HealthCheckId(uuid4()))
        assert "health_check" in await heard.get()
        await queries.enqueue("a-job", b"")
        assert "table_changed" in await heard.get()


async def test_it_stops_at_once_when_told(database_url: str, connection: Connection) -> None:
    with work(database_url) as worker:
        await until(lambda: _is_scheduled(connection))
        began = time.monotonic()
        code, said = await asyncio.to_thread(worker.stop)
    assert (code, said[-1]) == (0, {"event": "worker_stopped"})
    assert time.monotonic() - began < 5


def test_jobs_run_beside_a_server_too_and_end_with_it(database_url: str) -> None:
    async def wait_for_the_job() -> None:
        connection = await asyncpg.connect(database_url)
        await until(lambda: _is_scheduled(connection))
        await until(lambda: _have_looked(connection, 1))
        await connection.close()

    async def prepare() -> None:
        connection = await asyncpg.connect(database_url)
        await install_queue(database_url)
        await keep_replies(connection, 5, age=timedelta(hours=80))
        await make_due(connection)
        await connection.close()

    async def look_afterwards() -> tuple[int, int]:
        connection = await asyncpg.connect(database_url)
        workers: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'surety worker'"
        )
        left = await count_replies(connection)
        await connection.close()
        return workers, left

    asyncio.run(prepare())
    with worker_beside(database_url, Settings()):
        asyncio.run(wait_for_the_job())
    assert asyncio.run(look_afterwards()) == (0, 0)


def test_no_server_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        WORKER,
        cwd=tmp_path,
        env=os.environ | {"SURETY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"surety: The database cannot be reached: .*\n", done.stderr)


async def _have_looked(connection: Connection, workers: int) -> bool:
    """Say whether so many workers have looked for what is due, and have nothing left to do."""
    at_rest = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'surety worker' AND state = 'idle'"
        " AND state_change < clock_timestamp() - interval '500 ms'"
    )
    return at_rest == workers and bool(
        await connection.fetchval(
            "SELECT count(*) FROM jobs.pgqueuer_schedules"
            " WHERE last_run IS NOT NULL AND status = 'queued'"
        )
    )


async def _is_scheduled(connection: Connection) -> bool:
    there = await connection.fetchval("SELECT to_regclass('jobs.pgqueuer_schedules')")
    return there is not None and bool(
        await connection.fetchval("SELECT count(*) FROM jobs.pgqueuer_schedules")
    )


async def _is_waiting(connection: Connection) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
    )
