"""The service in a thread, on a database of its own, by a clock that runs a week a second."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, _published, published_url

__all__ = ["_published", "published_url"]

BEGIN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@dataclass(slots=True)
class RunningClock:
    """The present of the service: a week later each second, until it is stopped."""

    began: float = field(default_factory=time.monotonic)
    stopped_at: float | None = None

    def __call__(self) -> datetime:
        now = time.monotonic() if self.stopped_at is None else self.stopped_at
        return BEGIN + WEEK * (now - self.began)

    def stop(self) -> None:
        self.stopped_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class Target:
    """What is attacked: where it answers, its database, and its clock."""

    url: str
    database_url: str
    clock: RunningClock


@pytest.fixture
async def target(published_url: str) -> AsyncIterator[Target]:
    clock = RunningClock()
    app = create_app(
        Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=8), clock=clock
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Target(f"http://127.0.0.1:{port}", published_url, clock)
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)
