"""`surety serve` told to stop: requests under way end, new ones are turned away, and it says so."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.support.serve import Service, serve
from tests.support.stopping import read_until
from tests.support.waiting import until

ADMIN_KEY = "an-admin-key-for-stopping-0123456789"


def read_events(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def serving(tmp_path: Path, database_url: str, **settings: str) -> Any:
    return serve(
        tmp_path,
        SURETY_DATABASE_URL=database_url,
        SURETY_ADMIN_KEY=ADMIN_KEY,
        SURETY_LOG_LEVEL="info",
        **settings,
    )


@asynccontextmanager
async def a_slow_request(service: Service, database_url: str) -> AsyncIterator[Any]:
    """Send a write that waits for its account's row, until the context is left; the request."""
    connection = await asyncpg.connect(database_url)
    async with httpx.AsyncClient(
        base_url=service.url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=30
    ) as api:
        (await api.put("/v1/accounts/c-1", json={"name": "Nordwind"})).raise_for_status()
        in_the_way = connection.transaction()
        await in_the_way.start()
        await connection.execute("SELECT FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
        body = {"ticket_id": "HD-1", "subject": "Checkout fails", "category": "bug"}
        body |= {"catalog": "livecart"}
        asked = asyncio.create_task(api.post("/v1/accounts/c-1/tickets", json=body))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        await until(lambda: connection.fetchval(waiting))
        yield asked
        await in_the_way.rollback()
        await asyncio.wait([asked])
    await connection.close()


async def is_refused(service: Service) -> bool:
    """Return whether no new connection is taken, answered or not."""
    try:
        async with httpx.AsyncClient(timeout=1) as other:
            await other.get(f"{service.url}/healthz")
    except httpx.ConnectError:
        return True
    except httpx.TransportError:
        return False
    return False


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_a_slow_request_is_finished_and_a_new_one_turned_away(
    tmp_path: Path, blank_database_url: str, processes: str
) -> None:
    with serving(tmp_path, blank_database_url, SURETY_PROCESSES=processes) as service:
        async with a_slow_request(service, blank_database_url) as asked:
            service.process.send_signal(signal.SIGTERM)
            said = await asyncio.to_thread(read_until, service, "stopping")
            assert said["grace_seconds"] == 20
            await until(lambda: is_refused(service), within=5)  # by each process
            assert not asked.done()
        assert asked.result().status_code == 201
        rest, _ = await asyncio.to_thread(service.process.communicate, None, 30)
        assert service.process.returncode == 0
        events = [line["event"] for line in read_events(rest)]
        assert "request" in events
        assert events[-1] == "stopped"


async def test_a_request_without_end_is_ended(tmp_path: Path, blank_database_url: str) -> None:
    with serving(tmp_path, blank_database_url, SURETY_GRACE_SECONDS="1") as service:
        async with a_slow_request(service, blank_database_url) as asked:
            code, _ = await asyncio.to_thread(service.stop, signal.SIGTERM)
            assert code == 0
            with pytest.raises(httpx.HTTPError):
                (await asked).raise_for_status()


def test_it_says_what_it_does(tmp_path: Path, blank_database_url: str) -> None:
    with serving(tmp_path, blank_database_url) as service:
        code, said = service.stop(signal.SIGTERM)
    assert code == 0
    events = {line["event"]: line for line in read_events(said)}
    assert [name for name in events if name != "request"] == [
        "starting",
        "process_started",
        "ready",
        "stopping",
        "process_stopped",
        "stopped",
    ]
    assert events["starting"]["processes"] == 1
    assert events["starting"]["migrated"] is True
    assert "@" not in events["starting"]["database"]
    assert events["ready"]["address"] == service.url.removeprefix("http://")
