"""More requests than the database has connections: a bounded wait, then an honest no."""

import asyncio
import time
from contextlib import AsyncExitStack

import httpx
from fastapi import FastAPI

from app.db.revisions import CODE_REVISION
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api


async def test_ten_wait_for_each_connection_and_the_others_are_refused_at_once(
    published_url: str,
) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=4)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        api = Api(app)
        async with AsyncExitStack() as held:
            for _ in range(4):
                await held.enter_async_context(app.state.database.connection())
            began = time.monotonic()
            asked = [asyncio.create_task(api.get("/v1/queue")) for _ in range(100)]
            # 10 × 4 may wait, so 60 of the 100 are told no while nothing moves.
            refused: list[httpx.Response] = []
            for each in asyncio.as_completed(asked):
                refused.append(await each)
                if len(refused) == 60:
                    break
            assert time.monotonic() - began < 2
            assert app.state.database.pool_use() == {"working": 4, "idle": 0, "waiting": 40}
        replies = await asyncio.gather(*asked)
    assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(503, "1")}
    problem = refused[0].json()
    assert (problem["code"], problem["retryable"]) == ("overloaded", True)
    assert sorted(each.status_code for each in replies) == [200] * 40 + [503] * 60


async def test_who_waits_too_long_is_refused(published_url: str) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=1)
    app = create_app(settings)
    async with app.router.lifespan_context(app), app.state.database.connection():
        began = time.monotonic()
        reply = await Api(app).get("/v1/queue")
        assert (reply.status_code, reply.json()["code"]) == (503, "overloaded")
        assert 2 < time.monotonic() - began < 6


async def test_readiness_is_of_a_database_in_this_codes_shape(app: FastAPI, api: Api) -> None:
    assert (await api.get("/readyz")).json()["status"] == "ok"
    async with app.state.database.connection() as connection:
        await connection.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
    reply = await api.holding(None).get("/readyz")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert reply.json() == {
        "type": "/problems/not_migrated",
        "title": "The database belongs to another version",
        "status": 503,
        "detail": f"The database is at revision of-tomorrow; this version works with"
        f" {CODE_REVISION}.",
        "instance": "/readyz",
        "code": "not_migrated",
        "database_revision": "of-tomorrow",
        "code_revision": CODE_REVISION,
        "retryable": True,
    }
    async with app.state.database.connection() as connection:
        await connection.execute("DROP TABLE alembic_version")
    assert (await api.get("/readyz")).json()["database_revision"] is None
    assert (await api.get("/healthz")).status_code == 200
