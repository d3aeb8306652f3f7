"""The database killed, gone and back under a running service, which is never restarted.

It is gone for a second every day, and for as long as SURETY_TEST_OUTAGE_SECONDS says.
"""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.cli.migrations import migrate
from app.db.engine.database import Database
from app.embedded import EmbeddedPostgres
from app.main import create_app
from app.services.catalog.bootstrap import bootstrap
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api
from tests.support.outage_load import Writer
from tests.support.serve import serve
from tests.support.waiting import until

OUTAGE_SECONDS = float(os.environ.get("SURETY_TEST_OUTAGE_SECONDS", "1"))
RECOVERY_SECONDS = 5.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder for a Postgres that is this test's to kill; its path is short."""
    made = Path(tempfile.mkdtemp(prefix="surety-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """Run it, keeping what it acknowledges."""
    with EmbeddedPostgres(folder, on_lost=lambda _: None) as running:
        migrate(running.url)
        yield running


@pytest.fixture
async def app(server: EmbeddedPostgres) -> AsyncIterator[FastAPI]:
    """Start the service on it."""
    database = Database(server.url, pool_size=1)
    await database.open()
    await bootstrap(database, make_key=False)
    await database.close()
    app = create_app(Settings(database_url=server.url, admin_key=ADMIN_KEY, pool_size=4))
    async with app.router.lifespan_context(app):
        yield app


async def test_a_killed_database_costs_errors_and_no_acknowledged_write(
    app: FastAPI, server: EmbeddedPostgres
) -> None:
    api = Api(app)
    account = await api.make_account()
    acknowledged: set[str] = set()
    told: list[httpx.Response] = []

    async def grant(name: str) -> bool:
        body = {
            "reference": name,
            "catalog": "xcart-points",
            "unit": "point",
            "amount": 1,
            "reason": "Load",
            "actor": "m.ozols",
        }
        began = time.monotonic()
        reply = await api.post(f"{account}/grants", body)
        assert time.monotonic() - began < 5
        if reply.status_code in (200, 201):
            acknowledged.add(name)
            return True
        told.append(reply)
        return False

    async def keep_granting(writer: int) -> int:
        done = 0
        while not ended.is_set():
            done += 1
            while not await grant(f"{writer}-{done}"):  # noqa: ASYNC110  as a client retries
                await asyncio.sleep(0.05)
        return done

    ended = asyncio.Event()
    writers = [asyncio.create_task(keep_granting(each)) for each in range(3)]
    await until(lambda: len(acknowledged) > 20)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await until(lambda: len(told) > 0)
    seen = len(acknowledged)
    await until(lambda: len(acknowledged) > seen + 20)
    ended.set()
    asked = sum([await each for each in writers])
    assert {(each.status_code, each.json()["retryable"]) for each in told} == {(503, True)}
    # Each was granted once: those acknowledged, and those whose answer was lost and retried.
    assert asked == len(acknowledged)
    assert (await api.units(account, "point"))["granted"] == asked


async def test_a_database_that_is_gone_is_said_at_once_and_is_used_again_when_it_is_back(
    app: FastAPI, server: EmbeddedPostgres, folder: Path
) -> None:
    api = Api(app)
    account = await api.make_account()
    server.__exit__(None, None, None)
    for path, status in ((account, 503), ("/readyz", 503), ("/v1/offers", 503), ("/healthz", 200)):
        began = time.monotonic()
        reply = await api.get(path)
        assert reply.status_code == status, (path, reply.text)
        assert time.monotonic() - began < 1
        if status == 503:
            assert reply.headers["Retry-After"] == "1"
            assert reply.json()["code"] == "database_unavailable"
    # What monitoring needs now is known without it, to whom it was told before.
    figures = await api.get("/metrics")
    assert figures.status_code == 200
    assert 'surety_refusals_total{code="database_unavailable"} 3.0' in figures.text
    assert "surety_outbox_lag_seconds" not in figures.text
    assert (await api.holding("surety_sk_of-a-stranger").get("/metrics")).status_code == 503
    # Who has no key is told so without the database.
    assert (await api.holding(None).get("/v1/queue")).status_code == 401
    with EmbeddedPostgres(folder) as again:
        assert again.url == server.url
        assert (await api.get("/readyz")).json()["status"] == "ok"
        assert (await api.get(account)).status_code == 200


def test_a_database_stopped_under_load_is_missed_by_nobody_for_long(
    server: EmbeddedPostgres, folder: Path
) -> None:
    settings = {"SURETY_DATABASE_URL": server.url, "SURETY_ADMIN_KEY": ADMIN_KEY}
    with serve(folder, SURETY_POOL_SIZE="4", **settings) as service, ExitStack() as open_writers:
        writers = [Writer(service.url, ADMIN_KEY, f"c-{number}") for number in range(8)]
        for each in writers:
            open_writers.callback(each.close)
            each.start()
            each.wait_for_answers(20)
        server.__exit__(None, None, None)
        gone_at = time.monotonic()
        time.sleep(OUTAGE_SECONDS)  # how long it is gone: nothing is waited for
        ends_at = time.monotonic()
        with EmbeddedPostgres(folder, on_lost=lambda _: None):
            back_at = time.monotonic()
            for each in writers:
                each.wait_for_success(since=back_at, within_s=RECOVERY_SECONDS)
            for each in writers:
                each.stop()
            meanwhile = [
                answer
                for each in writers
                for answer in each.answers
                if answer.began_at > gone_at and answer.ended_at < ends_at
            ]
            assert {answer.status for answer in meanwhile} == {503}
            assert max(answer.took_s for answer in meanwhile) < 1
            everything = [answer for each in writers for answer in each.answers]
            assert {answer.status for answer in everything} == {201, 503}
            assert max(answer.took_s for answer in everything) < RECOVERY_SECONDS
            # Sent again, what was acknowledged is there: it is not done for the first time.
            for each in writers:
                assert each.acknowledged
                assert each.find_lost() == []
            service.stop()
