"""Re-evaluation that waits for an account, and what becomes of the others' tickets meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.api.http.wire import write_cursor
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.conftest import Connection
from tests.support import cluster
from tests.support.waiting import until

THURSDAY = "2026-11-19T09:00:00Z"
PATH = "/v1/deadlines/re-evaluation"
ORDER = {"catalog": "corporate", "reason": "A holiday was missing.", "actor": "Ada"}
WHY = {"reason": "Decided since", "actor": "Ada"}
WAITING = f"""
    SELECT count(*) FROM {cluster.ACTIVITY}
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""  # noqa: S608
VERSIONS = "SELECT account_id, catalog, promise_version FROM tickets"
pytestmark = pytest.mark.usefixtures("gold")
dry_and_real = pytest.mark.parametrize("dry_run", [False, True])


@pytest.fixture
async def app(published_url: str, clock: Clock) -> AsyncIterator[FastAPI]:
    """Start the service, which waits for a lock for as long as a test needs it."""
    settings = Settings(
        database_url=published_url, admin_key=ADMIN_KEY, pool_size=20, lock_timeout_ms=60_000
    )
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def gold(api: Api, clock: Clock) -> None:
    """Have three customers with an open ticket each, and a version that is newer than theirs."""
    clock.move_to("2026-11-19T08:00:00Z")
    for account_id in ("c-1", "c-2", "c-3"):
        account = await api.make_account(account_id)
        await api.buy(account, "corporate.gold", f"SO-{account_id}")
    clock.move_to(THURSDAY)
    for account_id in ("c-1", "c-2", "c-3"):
        await api.open(f"/v1/accounts/{account_id}", f"HD-{account_id}", severity=1)
    await publish_holiday(api, "2026-11-20")


async def publish_holiday(api: Api, date: str) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["calendars"]["business"]["holidays"].append({"date": date, "name": "Founders' Day"})
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201


@asynccontextmanager
async def waiting_for_first(
    api: Api, postgres_user: Connection, *, dry_run: bool
) -> AsyncIterator["asyncio.Task[httpx.Response]"]:
    """Have a re-evaluation wait for the first customer's row, which somebody else has locked."""
    other: Connection = await asyncpg.connect(api.app.state.settings.dsn)
    try:
        async with other.transaction():
            await other.execute("SELECT FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
            asked = asyncio.create_task(api.post(PATH, ORDER, params={"dry_run": dry_run}))
            await until(lambda: postgres_user.fetchval(WAITING))
            yield asked
    finally:
        await other.close()


async def versions(postgres_user: Connection) -> dict[str, tuple[str, int]]:
    rows = await postgres_user.fetch(VERSIONS)
    return {account: (catalog, version) for account, catalog, version in rows}


def counted(reply: httpx.Response) -> tuple[int, int, list[str]]:
    """The version, how many were looked at, and whose deadlines became others."""
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found["version"], found["looked_at"], [each["account_id"] for each in found["changed"]]


@dry_and_real
async def test_a_ticket_that_another_catalogue_pays_for_meanwhile_stays_there(
    api: Api, postgres_user: Connection, dry_run: bool
) -> None:
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    other = await api.put("/v1/catalogs/other", document | {"code": "other"})
    assert other.status_code == 201, other.text
    await api.buy("/v1/accounts/c-2", "other.gold", "SO-2")
    async with waiting_for_first(api, postgres_user, dry_run=dry_run) as asked:
        body = {"catalog": "other", **WHY}
        done = await api.post("/v1/accounts/c-2/tickets/HD-c-2/coverage", body)
        assert done.status_code == 200, done.text
    assert counted(await asked) == (2, 2, ["c-1", "c-3"])
    version = 1 if dry_run else 2
    assert await versions(postgres_user) == {
        "c-1": ("corporate", version),
        "c-2": ("other", 1),
        "c-3": ("corporate", version),
    }


@dry_and_real
async def test_a_ticket_that_has_come_to_a_newer_version_meanwhile_keeps_it(
    api: Api, postgres_user: Connection, dry_run: bool
) -> None:
    async with waiting_for_first(api, postgres_user, dry_run=dry_run) as asked:
        await publish_holiday(api, "2026-12-23")
        after_first = {**ORDER, "cursor": write_cursor("c-1", "HD-c-1"), "limit": 1}
        assert counted(await api.post(PATH, after_first)) == (3, 1, ["c-2"])
    assert counted(await asked) == (2, 3, ["c-1", "c-3"])
    version = 1 if dry_run else 2
    assert await versions(postgres_user) == {
        "c-1": ("corporate", version),
        "c-2": ("corporate", 3),
        "c-3": ("corporate", version),
    }


@dry_and_real
async def test_an_account_that_is_moved_meanwhile_leaves_the_others_to_be_moved(
    api: Api, postgres_user: Connection, dry_run: bool
) -> None:
    await api.make_account("c-4")
    async with waiting_for_first(api, postgres_user, dry_run=dry_run) as asked:
        moved = await api.post("/v1/accounts/c-2/move", {"to_account_id": "c-4", **WHY})
        assert moved.status_code == 200, moved.text
    assert counted(await asked) == (2, 2, ["c-1", "c-3"])
    version = 1 if dry_run else 2
    assert await versions(postgres_user) == {
        "c-1": ("corporate", version),
        "c-3": ("corporate", version),
        "c-4": ("corporate", 1),
    }
    rest = 3 if dry_run else 1
    assert len(counted(await api.post(PATH, ORDER))[2]) == rest


@dry_and_real
async def test_a_ticket_that_is_resolved_and_archived_meanwhile_is_not_counted(
    api: Api, postgres_user: Connection, dry_run: bool
) -> None:
    async with waiting_for_first(api, postgres_user, dry_run=dry_run) as asked:
        for account_id in ("c-2", "c-3"):
            path = f"/v1/accounts/{account_id}/tickets/HD-{account_id}/resolution"
            done = await api.post(path, {"outcome": "solved"})
            assert done.status_code == 200, done.text
        # As `surety archive` leaves one of them.
        await postgres_user.execute(
            "UPDATE tickets SET archived_in = 'tickets-000001.ndjson.gz' WHERE account_id = 'c-3'"
        )
    assert counted(await asked) == (2, 1, ["c-1"])
