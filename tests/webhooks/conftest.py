"""The service in this process, and what the worker does, step by step.

Its clock stands at the present, for receivers check when what they get was signed.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI

from app.db.engine.database import Database
from app.main import create_app
from app.services.events import attempts, deliveries, events
from app.settings import Settings
from app.worker.deliveries import DeliveryContext, DeliveryPolicy, deliver_webhook
from tests.api.conftest import ADMIN_KEY, Api, Clock, _published, api, published_url

__all__ = ["_published", "api", "published_url"]

# As long as a busy machine may stand still: where a receiver hangs, a test says how long it may.
LOOPBACK = DeliveryPolicy((ip_network("127.0.0.0/8"), ip_network("::1/128")), timedelta(seconds=60))


class Desk:
    """A client of the service, and its worker's hands."""

    def __init__(self, client: Api, app: FastAPI, clock: Clock) -> None:
        self.api = client
        self.database: Database = app.state.database
        self.clock = clock

    async def make_webhook(self, url: str, **more: Any) -> dict[str, Any]:
        """Make a webhook; it, with its secret."""
        reply = await self.api.post("/v1/webhooks", {"url": url} | more)
        assert reply.status_code == 201, reply.text
        made: dict[str, Any] = reply.json()
        return made

    async def read_webhook(self, webhook: dict[str, Any]) -> dict[str, Any]:
        read: dict[str, Any] = (await self.api.get(f"/v1/webhooks/{webhook['id']}")).json()
        return read

    async def read_deliveries(self, webhook: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
        """Read a webhook's deliveries, the oldest first."""
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        reply = await self.api.get(path, params={"limit": 200} | asked)
        assert reply.status_code == 200, reply.text
        return list(reversed(reply.json()["data"]))

    async def relay(self) -> int:
        """Relay what happened until now; how many events."""
        async with self.database.transaction() as db:
            await events.sequence_events(db)
        async with self.database.transaction() as db:
            return await deliveries.relay_events(db)

    async def deliver(self, reach: DeliveryPolicy = LOOPBACK) -> int:
        """Relay, and make the attempts that are due now; how many webhooks they were for."""
        await self.relay()
        async with self.database.transaction() as db:
            due = await attempts.list_due_webhooks(db)
        post = DeliveryContext(self.database, asyncio.Event(), reach, asyncio.Semaphore(4))
        await asyncio.gather(*(deliver_webhook(post, webhook_id) for webhook_id in due))
        return len(due)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def app(published_url: str, clock: Clock) -> Any:
    """Start the service, whose operator allows this machine's own network."""
    settings = Settings(
        database_url=published_url,
        admin_key=ADMIN_KEY,
        pool_size=20,
        webhook_allowed_networks="127.0.0.0/8,::1/128",
    )
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def desk(api: Api, app: FastAPI, clock: Clock) -> Desk:
    return Desk(api, app, clock)


@pytest.fixture
async def account(desk: Desk) -> str:
    """Make a customer with a plan of a year, a while before any webhook is there; its path."""
    path = await desk.api.make_account("c-1")
    await desk.api.buy(path, "livecart.express-1y")
    desk.clock.advance(seconds=1)
    return path
