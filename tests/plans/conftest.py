"""A database in which every table that grows has grown: two thousand accounts with a life each,
one with a long past, and twenty thousand open tickets, most of them overdue.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import partial

import asyncpg
import pytest
from fastapi import FastAPI
from rich.progress import Progress

from app.db.accounts.event_order import assign_positions
from app.db.engine.database import Database
from app.main import create_app
from app.settings import Settings
from bench.seeding import ENTRIES_A_LOT, Past, copy_account, tidy, write_open_tickets, write_past
from tests.api.conftest import ADMIN_KEY, TUESDAY, Api, Clock, _published  # noqa: F401
from tests.conftest import Connection, clone_database, url_of
from tests.plans.explaining import ExplainingConnection

COPIES = 700
LOTS = 600
OPEN_TICKETS = 20_000
_YEARS = timedelta(days=5 * 365)
_STEP = _YEARS / (LOTS * ENTRIES_A_LOT)
GROWN = Past("grown", LOTS, ENTRIES_A_LOT, TUESDAY - _YEARS, _STEP, _STEP * 1_050)
# Every event was sent to one endpoint.
_DELIVER = """
WITH endpoint AS (
    INSERT INTO webhooks (
        webhook_id, url, types, ordered, secret, created_at, updated_at
    ) VALUES (gen_random_uuid(), 'https://hooks.example.com', '{}', true, '', $1, $1)
    RETURNING webhook_id
), delivery AS (
    INSERT INTO webhook_deliveries (
        webhook_id, delivery_id, event_id, event_type, account_id, number, status, attempts,
        failures, created_at, ended_at
    )
    SELECT webhook_id, gen_random_uuid(), event_id, type, account_id, number, 'delivered', 1, 0,
           recorded_at, recorded_at
    FROM events, endpoint
    RETURNING *
), attempt AS (
    INSERT INTO webhook_attempts (webhook_id, delivery_id, attempt, at, result)
    SELECT webhook_id, delivery_id, 1, created_at, 'delivered' FROM delivery
), readers AS (
    SELECT max(position) AS position FROM events
)
UPDATE relay SET position = readers.position FROM readers
"""
BY = {"reason": "for the test", "actor": "ines"}


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY + timedelta(hours=2))


@pytest.fixture(scope="session")
async def _grown(server: Connection, postgres: str, _published: str) -> AsyncIterator[str]:  # noqa: F811
    """Make the database, once; its name."""
    async with clone_database(server, _published) as name:
        url = url_of(postgres, name)
        with Progress(disable=True) as progress:
            await write_past(url, GROWN, progress)
            await write_open_tickets(url, OPEN_TICKETS, progress, now=TUESDAY)
        await _live(url)
        for account in ("c-1", "c-2", "c-3"):
            await copy_account(url, account, prefix=f"{account}-", count=COPIES)
        await _order_events(url)
        await tidy(url)
        yield name


@pytest.fixture
async def grown_url(server: Connection, postgres: str, _grown: str) -> AsyncIterator[str]:
    """Make a database like it, for the test to write in; its URL."""
    async with clone_database(server, _grown) as name:
        yield url_of(postgres, name)


@pytest.fixture
async def app(
    grown_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """Start the service with connections that explain what they are asked."""
    explaining = partial(asyncpg.create_pool, connection_class=ExplainingConnection)
    monkeypatch.setattr(asyncpg, "create_pool", explaining)
    settings = Settings(database_url=grown_url, admin_key=ADMIN_KEY, pool_size=1)
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        ExplainingConnection.found.clear()
        yield app


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[Api]:
    """Hold an admin key of the service."""
    client = Api(app)
    yield client
    await asyncio.shield(client.http.aclose())


async def _live(url: str) -> None:
    """Let three accounts do something of everything."""
    clock = Clock(TUESDAY - timedelta(days=30))
    app = create_app(Settings(database_url=url, admin_key=ADMIN_KEY, pool_size=2), clock=clock)
    async with app.router.lifespan_context(app):
        api = Api(app)
        await _buy_and_ask(api, clock)
        await _work_by_the_hour(api, clock)
        await _agree(api)
        await api.http.aclose()


async def _buy_and_ask(api: Api, clock: Clock) -> None:
    account = await api.make_account("c-1")
    for number in (1, 2):
        await api.buy(account, "livecart.express-1y", f"SO-{number}", quantity=100)
    await _post(api, f"{account}/quotes", {"offer": "livecart.express-1y"})
    licence = {"license_id": "L-1", "catalog": "livecart", "product": "LiveCart"}
    await _post(api, f"{account}/licenses", licence)
    await _post(api, f"{account}/statement-links", {"expires_in": "P30D"})
    for number in range(1, 9):
        ticket = f"{account}/tickets/HD-{number}"
        await api.open(account, f"HD-{number}")
        await _post(api, f"{ticket}/replies", {"by": "agent"})
        clock.advance(hours=1)
        if number <= 4:
            await _post(api, f"{ticket}/resolution", {"outcome": "solved"})
    session = {"session_id": "S-1", "kind": "chat", "starts_at": "2026-11-25T09:00:00Z"}
    await _post(api, f"{account}/tickets/HD-5/sessions", session)


async def _work_by_the_hour(api: Api, clock: Clock) -> None:
    account = await api.make_account("c-2")
    await api.open(account, catalog="agency")
    work = {"work_id": "W-1", "minutes": 5, "by": "jon", "at": clock.now.isoformat()}
    await _post(api, f"{account}/tickets/HD-1/work", work)


async def _agree(api: Api) -> None:
    account = await api.make_account("c-3")
    gold = (await api.buy(account, "corporate.gold"))["subscription"]["id"]
    agreement = {"reference": "A-1", "kind": "extended_cover", "subscription_id": gold}
    await _post(api, f"{account}/agreements", agreement | BY)
    await api.open(account, severity=1)


async def _post(api: Api, path: str, body: Mapping[str, object]) -> None:
    reply = await api.post(path, body, headers={"Idempotency-Key": f"{path} {body}"[:200]})
    assert reply.status_code in (200, 201), reply.text


async def _order_events(url: str) -> None:
    """Give every event its position and send it, as a worker would have."""
    database = Database(url, pool_size=1)
    await database.open()
    given = 1
    while given:
        async with database.transaction() as db:
            given = await assign_positions(db, limit=10_000)
    await database.close()
    connection = await asyncpg.connect(url)
    await connection.execute(_DELIVER, TUESDAY)
    await connection.close()
