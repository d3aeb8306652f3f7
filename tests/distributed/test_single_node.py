"""On a cluster, whatever names an account is asked of the one node that has it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, ClassVar

import asyncpg
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import (  # noqa: F401
    ADMIN_KEY,
    TUESDAY,
    Api,
    Clock,
    _published,
    published_url,
)
from tests.support import cluster

pytestmark = pytest.mark.skipif(not cluster.PORTS, reason="SURETY_TEST_CITUS names no nodes")

ACCOUNT = "c-1"
A = f"/v1/accounts/{ACCOUNT}"
_TASKS = re.compile(r'"Task Count": (\d+)')
_EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "(SELECT")
_Connection: Any = asyncpg.Connection


class CountingConnection(_Connection):  # type: ignore[misc]
    """A connection that notes how many parts of tables each statement of an account is run on."""

    found: ClassVar[dict[str, list[int]]] = {}

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        await self._count(query, args)
        return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        await self._count(query, args)
        return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        await self._count(query, args)
        return await super().fetchval(query, *args, **options)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        await self._count(query, args)
        return await super().execute(query, *args, **options)

    async def _count(self, sql: str, values: Any) -> None:
        if ACCOUNT in values and sql.lstrip().upper().startswith(_EXPLAINED):
            plan = await super().fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
            text = plan if isinstance(plan, str) else json.dumps(plan)
            self.found[sql] = [int(count) for count in _TASKS.findall(text)]


@pytest.fixture
async def app(
    published_url: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[FastAPI]:
    counting = partial(asyncpg.create_pool, connection_class=CountingConnection)
    monkeypatch.setattr(asyncpg, "create_pool", counting)
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=1)
    app = create_app(settings, clock=Clock(TUESDAY))
    async with app.router.lifespan_context(app):
        CountingConnection.found.clear()
        yield app


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[Api]:
    client = Api(app)
    yield client
    await asyncio.shield(client.http.aclose())


async def test_N10_what_names_an_account_runs_on_one_node(api: Api) -> None:
    await api.make_account(ACCOUNT)
    await api.buy(A, "livecart.express-1y", quantity=5)
    await api.open(A, "HD-1")
    for path, body in (
        ("coverage", {"subject": "Checkout fails"}),
        ("tickets/HD-1/replies", {"by": "agent"}),
        ("tickets/HD-1/pause", {"waiting_on": "customer"}),
        ("tickets/HD-1/replies", {"by": "customer"}),
        ("tickets/HD-1/charge/revision", {"amount": 2, "reason": "more work"}),
        ("tickets/HD-1/resolution", {"outcome": "solved"}),
        ("tickets/HD-1/refund", {"reason": "late", "actor": "ines"}),
        ("quotes", {"offer": "livecart.express-1y"}),
    ):
        reply = await api.post(f"{A}/{path}", body, headers={"Idempotency-Key": f"{path}-{body}"})
        assert reply.status_code in (200, 201), reply.text
    for path in (
        "",
        "/balance",
        "/entries",
        "/tickets",
        "/tickets/HD-1",
        "/tickets/HD-1/deadlines",
        "/tickets/HD-1/events",
        "/statement",
        "/quotes",
        "/contacts",
        "/purchases",
        "/subscriptions",
        "/summary",
    ):
        reply = await api.get(f"{A}{path}")
        assert reply.status_code == 200, f"{path}: {reply.text}"
    found = CountingConnection.found
    assert len(found) > 20
    spread = {sql: counts for sql, counts in found.items() if any(n != 1 for n in counts)}
    assert spread == {}
