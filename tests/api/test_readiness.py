"""`/readyz` and `/metrics` of a service whose worker is away: told, and nothing waits for it."""

import os
from urllib.parse import quote

import asyncpg

from app.db.engine.revisions import CODE_REVISION
from app.main import create_app
from app.settings import Settings
from app.worker.queue import install_queue
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.conftest import Connection
from tests.support.metrics import read_figures


async def read_worker(api: Api) -> tuple[str, float, float]:
    """Read what `/readyz` says of the worker: how it stands, and both of its lags."""
    reply = await api.holding(None).get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "ok")
    worker = reply.json()["checks"]["worker"]
    return worker["status"], worker["outbox_lag_seconds"], worker["job_lag_seconds"]


async def test_what_was_looked_at(api: Api) -> None:
    assert (await api.get("/readyz")).json() == {
        "status": "ok",
        "checks": {
            "database": {"status": "ok"},
            "migrations": {"status": "ok", "revision": CODE_REVISION},
            "worker": {
                "status": "ok",
                "outbox_lag_seconds": 0,
                "job_lag_seconds": 0,
                "late_after_seconds": 60,
            },
        },
    }


async def test_a_worker_that_does_not_come_is_late_and_the_service_answers(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    clock.advance(seconds=60)
    assert await read_worker(api) == ("ok", 60, 0)
    clock.advance(seconds=1)
    assert await read_worker(api) == ("late", 61, 0)
    assert (await read_figures(api))["surety_outbox_lag_seconds"] == 61
    await api.open(account, "HD-2")


async def test_a_job_that_nobody_takes_makes_the_worker_late(
    api: Api, clock: Clock, published_url: str
) -> None:
    await install_queue(published_url)
    connection = await asyncpg.connect(published_url)
    await connection.execute(
        "INSERT INTO jobs.pgqueuer_schedules (entrypoint, expression, next_run)"
        " VALUES ('prune_idempotency_keys', '*/10 * * * *', $1)",
        clock.now,
    )
    await connection.close()
    clock.advance(minutes=2)
    assert await read_worker(api) == ("late", 0, 120)
    figures = await read_figures(api)
    assert figures["surety_job_lag_seconds"] == 120
    assert figures["surety_webhook_deliveries_pending"] == 0


async def test_a_user_who_may_not_see_the_queue_is_answered_all_the_same(
    published_url: str, server: Connection
) -> None:
    await install_queue(published_url)
    role = f"surety_test_role_{os.getpid()}"
    connection = await asyncpg.connect(published_url)
    await connection.execute(
        f"CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    )
    joined = "&" if "?" in published_url else "?"
    url = f"{published_url}{joined}options={quote(f'-c role={role}')}"
    app = create_app(Settings(database_url=url, admin_key=ADMIN_KEY))
    async with app.router.lifespan_context(app):
        api = Api(app)
        reply = await api.get("/readyz")
        assert reply.json()["checks"]["worker"]["status"] == "unknown"
        assert "surety_outbox_lag_seconds" not in await read_figures(api)
    await connection.execute(f"DROP OWNED BY {role}")
    await connection.close()
    await server.execute(f"DROP ROLE {role}")


async def test_what_cannot_be_looked_at_takes_nobody_out_of_service(
    api: Api, published_url: str
) -> None:
    """As where the node that has a part of the deliveries is away."""
    connection = await asyncpg.connect(published_url)
    await connection.execute("ALTER TABLE webhook_deliveries RENAME TO elsewhere")
    await connection.close()
    reply = await api.get("/readyz")
    assert reply.status_code == 200
    assert reply.json()["checks"]["worker"] == {
        "status": "unknown",
        "outbox_lag_seconds": None,
        "job_lag_seconds": None,
        "late_after_seconds": 60,
    }
