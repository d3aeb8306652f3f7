"""The service in this process, on a database of its own with the five catalogues published.

`api` is a client of it that holds an admin key; `clock` is what it reads the present from, and
stands still until a test moves it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.db.engine.database import Database
from app.main import create_app
from app.services.catalog.bootstrap import bootstrap
from app.services.ledger.verification import verify_ledger
from app.settings import Settings
from tests.conftest import Connection, clone_database, url_of
from tests.support.answered_codes import record_problem

ADMIN_KEY = "an-admin-key-for-tests-0123456789"
# A Tuesday, 10:00 in the zone of the first seed's calendar.
TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, instant: str | datetime) -> None:
        self.now = instant if isinstance(instant, datetime) else datetime.fromisoformat(instant)

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Api:
    """A client of the service, with a key."""

    def __init__(self, app: FastAPI, key: str | None = ADMIN_KEY) -> None:
        self.app = app
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
            base_url="http://surety.test",
            headers=headers,
            event_hooks={"response": [record_problem]},
        )

    def holding(self, key: str | None) -> "Api":
        """Return a client of the same service with another key, or none."""
        return Api(self.app, key)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.http.get(path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.http.post(path, json=json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.http.put(path, json=json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.http.patch(path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.http.delete(path, **options)

    async def make_account(self, account_id: str = "c-1") -> str:
        """Put an account; the path of what it owns."""
        reply = await self.put(f"/v1/accounts/{account_id}", {"name": "Nordwind Handel GmbH"})
        assert reply.status_code in (200, 201), reply.text
        return f"/v1/accounts/{account_id}"

    async def buy(self, account: str, offer: str, order_id: str = "SO-1", **more: Any) -> Any:
        """Buy an offer and pay; the purchase."""
        body = {"order_id": order_id, "offer": offer, "payment": {"status": "paid"}} | more
        reply = await self.post(f"{account}/purchases", body)
        assert reply.status_code == 201, reply.text
        return reply.json()

    async def open(self, account: str, ticket_id: str = "HD-1", **more: Any) -> Any:
        """Open a ticket; the ticket."""
        body = {"ticket_id": ticket_id, "subject": "Checkout fails"} | more
        reply = await self.post(f"{account}/tickets", body)
        assert reply.status_code == 201, reply.text
        return reply.json()

    async def units(self, account: str, unit: str = "incident", **asked: Any) -> Any:
        """Read the balance's totals of one unit."""
        reply = await self.get(f"{account}/balance", params=asked)
        assert reply.status_code == 200, reply.text
        return reply.json()["units"][unit]


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY)


@pytest.fixture(scope="session")
async def _published(server: Connection, postgres: str, _template: str) -> AsyncIterator[str]:
    async with clone_database(server, _template) as name:
        database = Database(url_of(postgres, name), pool_size=1)
        await database.open()
        await bootstrap(database, make_key=False)
        await database.close()
        yield name


@pytest.fixture
async def published_url(server: Connection, postgres: str, _published: str) -> AsyncIterator[str]:
    """Make a fresh database with the five catalogues published; its URL."""
    async with clone_database(server, _published) as name:
        yield url_of(postgres, name)


@pytest.fixture
async def app(published_url: str, clock: Clock) -> AsyncIterator[FastAPI]:
    """Start the service; stop it after the test."""
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=20)
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[Api]:
    """Hold an admin key of the service."""
    client = Api(app)
    yield client
    await asyncio.shield(client.http.aclose())


@pytest.fixture
async def postgres_user(published_url: str) -> AsyncIterator[Connection]:
    """Open a connection with which one can do to the database what the service never does."""
    connection = await asyncpg.connect(published_url)
    yield connection
    await connection.close()


@pytest.fixture
async def ledger_adds_up(app: FastAPI) -> AsyncIterator[None]:
    """Require that every stored total is what its entries add up to, once the test is done."""
    yield
    async with app.state.database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
