"""More requests than the database has connections: a bounded wait, then an honest no."""

import asyncio
import time
from contextlib import AsyncExitStack

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app.db.engine.revisions import CODE_REVISION
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api


async def test_ten_wait_for_each_connection_of_a_keys_and_the_others_are_refused_at_once(
    published_url: str,
) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=4)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        api = Api(app)
        async with AsyncExitStack() as held:
            for _ in range(4):
                await held.enter_async_context(app.state.database.connection())
            asked = [asyncio.create_task(api.get("/v1/queue")) for _ in range(100)]
            # The key's share is three of the four, and 10 × 4 others may wait for those: so 57
            # of the 100 are told no while nothing moves.
            refused: list[httpx.Response] = []
            for each in asyncio.as_completed(asked):
                refused.append(await each)
                if len(refused) == 57:
                    break
            assert app.state.database.pool_use() == {"working": 4, "idle": 0, "waiting": 3}
            assert app.state.bulkheads.keys.count() == (3, 40)
        replies = await asyncio.gather(*asked)
    assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(503, "1")}
    problem = refused[0].json()
    assert (problem["code"], problem["retryable"]) == ("overloaded", True)
    assert sorted(each.status_code for each in replies) == [200] * 43 + [503] * 57


async def test_who_waits_too_long_is_refused(published_url: str) -> None:
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=1)
    app = create_app(settings)
    async with app.router.lifespan_context(app), app.state.database.connection():
        began = time.monotonic()
        reply = await Api(app).get("/v1/queue")
        assert (reply.status_code, reply.json()["code"]) == (503, "overloaded")
        assert time.monotonic() - began > 2


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


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"lock_timeout_ms": 50}, "busy"),
        ({"statement_timeout_ms": 100, "lock_timeout_ms": 60_000}, "database_unavailable"),
    ],
)
async def test_another_who_holds_an_account_is_not_waited_for_without_end(
    published_url: str, settings: dict[str, int], code: str
) -> None:
    known = {"database_url": published_url, "admin_key": ADMIN_KEY, "pool_size": 2}
    app = create_app(Settings.model_validate(known | settings))
    async with app.router.lifespan_context(app):
        api = Api(app)
        account = await api.make_account()
        other = await asyncpg.connect(published_url)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
        grant = {
            "reference": "g-1",
            "catalog": "xcart-points",
            "unit": "point",
            "amount": 1,
            "reason": "Goodwill",
            "actor": "m.ozols",
        }
        refused = await api.post(f"{account}/grants", grant)
        assert (refused.status_code, refused.json()["code"]) == (503, code)
        assert (refused.headers["Retry-After"], refused.json()["retryable"]) == ("1", True)
        # Who only reads does not wait, and the connection is as good as before.
        assert (await api.get(account)).status_code == 200
        await transaction.rollback()
        await other.close()
        assert (await api.post(f"{account}/grants", grant)).status_code == 201
