"""One key, or one account, does not take the connections of all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api
from tests.support.waiting import until

DUE = "/v1/business-time/due"
POOL = 4


@pytest.fixture
async def served(published_url: str) -> AsyncIterator[tuple[FastAPI, Api]]:
    """Serve with four connections; an admin's client."""
    app = create_app(Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=POOL))
    async with app.router.lifespan_context(app):
        yield app, Api(app)


async def make_key(api: Api, role: str) -> Api:
    made = await api.post("/v1/api-keys", {"name": role, "role": role})
    return api.holding(made.json()["secret"])


@asynccontextmanager
async def locked(url: str, *account_ids: str) -> AsyncIterator[None]:
    """Lock accounts' rows in a transaction of somebody else's."""
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            for account_id in account_ids:
                await other.execute(
                    "SELECT FROM accounts WHERE account_id = $1 FOR UPDATE", account_id
                )
            yield
    finally:
        await other.close()


async def test_a_body_that_does_not_come_holds_no_connection(
    served: tuple[FastAPI, Api],
) -> None:
    app, admin = served
    viewer, other = await make_key(admin, "viewer"), await make_key(admin, "viewer")
    never = asyncio.Event()

    async def one_byte() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    announced = {"Content-Type": "application/json", "Content-Length": "70000"}
    slow = [
        asyncio.create_task(viewer.http.post(DUE, content=one_byte(), headers=announced))
        for _ in range(16)
    ]
    # Twelve of them wait for a place among their key's own, and are refused.
    refused = []
    for each in asyncio.as_completed(slow):
        refused.append(await each)
        if len(refused) == 12:
            break
    assert {(each.status_code, each.json()["code"]) for each in refused} == {(503, "overloaded")}
    # The others are waited for still, while anybody else is answered.
    assert app.state.database.pool_use()["working"] == 0
    assert (await other.get("/readyz")).status_code == 200
    assert (await viewer.get("/v1/queue")).status_code == 200
    items = [{"start": "2026-11-24T08:00:00Z", "within": "PT8H"}] * 1_500
    large = {"calendar": "livecart/business", "items": items}
    assert (await other.post(DUE, large)).status_code == 200
    assert sum(each.done() for each in slow) == 12
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    assert (await viewer.post(DUE, large)).status_code == 200


async def test_who_may_not_call_is_told_before_a_large_body_is_waited_for(
    served: tuple[FastAPI, Api],
) -> None:
    _, admin = served
    viewer = await make_key(admin, "viewer")

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    for client, status in ((viewer, 403), (admin.holding("surety_sk_wrong"), 401)):
        async with asyncio.timeout(5):
            reply = await client.http.post("/v1/accounts/c-1/grants", content=never())
        assert reply.status_code == status


async def test_what_waits_for_one_account_holds_one_connection(
    served: tuple[FastAPI, Api], published_url: str
) -> None:
    app, api = served
    busy, free = await api.make_account("c-1"), await api.make_account("c-2")
    async with locked(published_url, "c-1"):
        writes = [
            asyncio.create_task(api.patch(busy, {"name": f"Nordwind {number}"}))
            for number in range(30)
        ]
        await until(lambda: app.state.bulkheads.writers.count() == (1, 29))
        assert app.state.database.pool_use()["working"] == 1
        for _ in range(10):
            assert (await api.get(free)).status_code == 200
        assert app.state.bulkheads.writers.count() == (1, 29)
    replies = await asyncio.gather(*writes)
    assert {each.status_code for each in replies} == {200}
    # Each of them has moved it on by one.
    assert (await api.get(busy)).headers["ETag"] == '"31"'
    assert app.state.bulkheads.writers.count() == (0, 0)


async def test_who_waits_too_long_for_an_account_is_told_that_it_is_busy(
    published_url: str,
) -> None:
    settings = Settings(
        database_url=published_url, admin_key=ADMIN_KEY, pool_size=POOL, lock_timeout_ms=300
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        api = Api(app)
        account = await api.make_account()
        async with locked(published_url, "c-1"):
            replies = await asyncio.gather(
                *(api.patch(account, {"name": f"Nordwind {number}"}) for number in range(20))
            )
        told = {(each.status_code, each.json()["code"]) for each in replies}
        assert told == {(503, "busy")}
        assert (await api.patch(account, {"name": "Nordwind"})).status_code == 200


async def test_one_key_leaves_connections_to_the_others(
    served: tuple[FastAPI, Api], published_url: str
) -> None:
    app, api = served
    names = [f"c-{number}" for number in range(8)]
    for name in names:
        await api.make_account(name)
    greedy, other = await make_key(api, "helpdesk"), await make_key(api, "viewer")
    assert (await greedy.get("/v1/queue")).status_code == 200
    async with locked(published_url, *names):
        writes = [
            asyncio.create_task(greedy.patch(f"/v1/accounts/{name}", {"name": "Nordwind"}))
            for name in names
        ]
        await until(lambda: app.state.bulkheads.keys.count() == (3, 5))
        async with asyncio.timeout(2):
            assert (await other.get("/v1/queue")).status_code == 200
            assert (await other.get("/readyz")).status_code == 200
    assert {(await each).status_code for each in writes} == {200}
    assert app.state.bulkheads.keys.count() == (0, 0)


async def test_bookings_leave_connections_to_the_others(
    served: tuple[FastAPI, Api], published_url: str
) -> None:
    """They wait for their catalogue's row, whosever they are: a quarter of them at most."""
    app, api = served
    accounts = [await api.make_account(f"c-{number}") for number in range(8)]
    for number, account in enumerate(accounts):
        await api.buy(account, "livecart.express-1y", f"SO-{number}")
        await api.open(account, channel="chat")
    other = await asyncpg.connect(published_url)
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM catalogs WHERE catalog = 'livecart' FOR UPDATE")
        starts_at = (datetime.now(UTC) + timedelta(days=7)).isoformat()
        booking = {"session_id": "S-1", "kind": "chat", "starts_at": starts_at}
        bookings = [
            asyncio.create_task(api.post(f"{account}/tickets/HD-1/sessions", booking))
            for account in accounts
        ]
        await until(lambda: app.state.bulkheads.catalogs.count() == (1, 7))
        assert app.state.database.pool_use()["working"] == 1
        async with asyncio.timeout(2):
            assert (await api.patch(accounts[0] + "x", {"name": "?"})).status_code == 404
            assert (await api.get("/v1/queue")).status_code == 200
        await transaction.rollback()
    finally:
        await other.close()
    replies = [await each for each in bookings]
    assert {each.status_code for each in replies} <= {201, 409}
    assert 201 in {each.status_code for each in replies}
    assert app.state.bulkheads.catalogs.count() == (0, 0)


async def test_a_caller_who_goes_leaves_the_turn_to_the_next(
    served: tuple[FastAPI, Api], published_url: str
) -> None:
    app, api = served
    account = await api.make_account()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(locked(published_url, "c-1"))
        writes = [
            asyncio.create_task(api.patch(account, {"name": f"Nordwind {number}"}))
            for number in range(6)
        ]
        await until(lambda: app.state.bulkheads.writers.count() == (1, 5))
        for each in writes[1:4]:
            each.cancel()
        await asyncio.gather(*writes[1:4], return_exceptions=True)
    replies = await asyncio.gather(writes[0], *writes[4:])
    assert [each.status_code for each in replies] == [200] * 3
    assert app.state.bulkheads.writers.count() == (0, 0)
