"""Figures of several processes, and of a worker, as Prometheus asks for them."""

import asyncio
import json
import os
import re
import signal
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.worker.queue import install_queue
from tests.support.ports import find_free_port
from tests.support.serve import serve
from tests.support.stopping import read_until
from tests.support.waiting import until_now
from tests.support.worker import JOB, keep_replies, make_due, work

ADMIN_KEY = "an-admin-key-for-figures-0123456789"


def read_figures(text: str) -> dict[str, float]:
    lines = re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


def test_several_processes_are_counted_together(tmp_path: Path, blank_database_url: str) -> None:
    with serve(
        tmp_path,
        SURETY_DATABASE_URL=blank_database_url,
        SURETY_ADMIN_KEY=ADMIN_KEY,
        SURETY_LOG_LEVEL="info",
        SURETY_PROCESSES="2",
    ) as service:

        def read() -> dict[str, float]:
            authorization = {"Authorization": f"Bearer {ADMIN_KEY}"}
            reply = httpx.get(f"{service.url}/metrics", headers=authorization)
            return read_figures(reply.raise_for_status().text)

        def count_connections() -> float:
            figures = read()
            states = ("working", "idle")
            return sum(figures[f'surety_database_connections{{state="{each}"}}'] for each in states)

        def wait_for_connections(count: int) -> None:
            until_now(lambda: count_connections() == count)

        for _ in range(20):
            httpx.get(f"{service.url}/v1/offers").raise_for_status()
        # Whichever of the two answers.
        answered = 'surety_requests_total{operation="list_offers",status="200"}'
        for _ in range(10):
            assert read()[answered] == 20
        # Each has opened one: asked one after the other, neither needs more.
        wait_for_connections(2)
        # One is killed, and another takes its place: what it counted stays, what it had does not.
        started = [json.loads(line) for line in service.lines if "process_started" in line]
        while len(started) < 2:
            started.append(read_until(service, "process_started"))
        os.kill(started[0]["pid"], signal.SIGKILL)
        read_until(service, "process_started")
        assert read()[answered] == 20
        wait_for_connections(2)
        assert service.stop()[0] == 0


async def test_a_worker_shows_its_own(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = find_free_port()
    monkeypatch.setenv("SURETY_WORKER_METRICS_PORT", str(port))
    connection = await asyncpg.connect(database_url)
    await install_queue(database_url)
    await keep_replies(connection, 5, age=timedelta(hours=80))
    await make_due(connection)
    await connection.close()
    with work(database_url) as worker:
        await asyncio.to_thread(worker.read_until, "job")
        async with httpx.AsyncClient() as client:
            shown = await client.get(f"http://127.0.0.1:{port}/metrics")
        figures = read_figures(shown.text)
        assert (await asyncio.to_thread(worker.stop))[0] == 0
    job = f'job="{JOB}"'
    assert figures[f'surety_job_runs_total{{{job},outcome="done"}}'] == 1
    assert figures[f"surety_job_seconds_count{{{job}}}"] == 1
    assert figures["process_resident_memory_bytes"] > 0


async def test_a_job_that_fails_is_told_and_counted_and_the_worker_goes_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = find_free_port()
    monkeypatch.setenv("SURETY_WORKER_METRICS_PORT", str(port))
    connection = await asyncpg.connect(database_url)
    await install_queue(database_url)
    with work(database_url) as worker:
        await asyncio.to_thread(worker.read_until, "worker_started")
        await connection.execute("ALTER TABLE idempotency_keys RENAME TO elsewhere")
        await make_due(connection)
        said = await asyncio.to_thread(worker.read_until, "job_failed")
        assert said["job"] == JOB
        assert "UndefinedTableError" in said["error"]
        await connection.close()
        async with httpx.AsyncClient() as client:
            shown = await client.get(f"http://127.0.0.1:{port}/metrics")
        assert (await asyncio.to_thread(worker.stop))[0] == 0
    failed = f'surety_job_runs_total{{job="{JOB}",outcome="failed"}}'
    assert read_figures(shown.text)[failed] == 1
