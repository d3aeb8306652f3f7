"""A database that cannot be written to, and a clock that is not its own: told, and nothing done."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from app.db.engine.revisions import CODE_REVISION
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, Clock
from tests.api.contents import read_contents

A = "/v1/accounts/c-1"
GRANT = {
    "reference": "g-1",
    "catalog": "xcart-points",
    "unit": "point",
    "amount": 1,
    "reason": "Goodwill",
    "actor": "m.ozols",
}


async def fail_writes(url: str, state: str, *, detail: str = "it fails") -> None:
    """Have the database refuse whatever is written to the ledger, as with this SQLSTATE."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{detail}' USING ERRCODE = '{state}'; END $$
        """
    )
    await connection.execute("CREATE TRIGGER fail BEFORE INSERT ON lots EXECUTE FUNCTION fail()")
    await connection.close()


async def mend_writes(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("DROP FUNCTION fail CASCADE")
    await connection.close()


@pytest.mark.parametrize(
    ("state", "code", "ready"),
    [
        ("53100", "database_full", False),
        ("25006", "database_read_only", True),
        ("40001", "serialization_failure", True),
        ("53200", "database_unavailable", True),
    ],
)
async def test_what_the_database_refuses_has_a_reason_of_its_own(
    api: Api, published_url: str, state: str, code: str, ready: bool
) -> None:
    account = await api.make_account()
    before = await read_contents(published_url)
    await fail_writes(published_url, state)
    refused = await api.post(f"{account}/grants", GRANT)
    assert (refused.status_code, refused.json()["code"]) == (503, code)
    assert (refused.headers["Retry-After"], refused.json()["retryable"]) == ("1", True)
    assert await read_contents(published_url) == before
    assert (await api.get(account)).status_code == 200
    reply = await api.holding(None).get("/readyz")
    assert (reply.status_code, reply.json().get("code")) == ((200, None) if ready else (503, code))
    await mend_writes(published_url)
    assert (await api.post(f"{account}/grants", GRANT)).status_code == 201
    assert (await api.get("/readyz")).status_code == 200


async def test_a_version_whose_database_a_newer_one_migrated_refuses_to_serve(
    api: Api, published_url: str
) -> None:
    account = await api.make_account()
    newer = await asyncpg.connect(published_url)
    await newer.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
    await newer.execute("ALTER TABLE lots ADD COLUMN of_tomorrow integer NOT NULL")
    before = await read_contents(published_url)
    for column in ("is not known", "is gone"):
        refused = await api.post(f"{account}/grants", GRANT)
        assert (refused.status_code, refused.json()["code"]) == (503, "not_migrated"), column
        assert (refused.json()["database_revision"], refused.json()["retryable"]) == (
            "of-tomorrow",
            True,
        )
        assert await read_contents(published_url) == before
        if column == "is not known":
            await newer.execute("ALTER TABLE lots DROP COLUMN of_tomorrow")
            before = await read_contents(published_url)
    await newer.execute("UPDATE alembic_version SET version_num = $1", CODE_REVISION)
    assert (await api.post(f"{account}/grants", GRANT)).status_code == 201
    await newer.close()


async def test_a_database_that_is_only_read_is_not_ready(published_url: str, clock: Clock) -> None:
    connection = await asyncpg.connect(published_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await connection.close()
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY)
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        api = Api(app)
        refused = await api.put(A, {"name": "Nordwind"})
        assert (refused.status_code, refused.json()["code"]) == (503, "database_read_only")
        ready = await api.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "database_read_only")
        assert (await api.get("/v1/offers")).status_code == 200


Serve = Callable[[Clock], AbstractAsyncContextManager[Api]]


@pytest.fixture
def serve(published_url: str) -> Serve:
    """Return what starts the service with a clock that is compared with the database's."""

    @asynccontextmanager
    async def start(clock: Clock) -> AsyncIterator[Api]:
        settings = Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=4)
        app = create_app(settings, clock=clock, steady=time.monotonic, compare_clocks=True)
        async with app.router.lifespan_context(app):
            yield Api(app)

    return start


def real_now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("off", [timedelta(days=400), timedelta(minutes=5), -timedelta(hours=1)])
async def test_nothing_is_written_by_a_clock_that_is_far_from_the_databases(
    serve: Serve, published_url: str, off: timedelta
) -> None:
    clock = Clock(real_now())
    async with serve(clock) as api:
        await api.make_account()
        before = await read_contents(published_url)
        # It jumps as it runs: the next write sees it.
        clock.advance(seconds=off.total_seconds())
        refused = await api.post(f"{A}/grants", GRANT)
        assert (refused.status_code, refused.json()["code"]) == (503, "clock_differs")
        assert abs(refused.json()["ahead_seconds"] - off.total_seconds()) < 60
        assert await read_contents(published_url) == before
        ready = await api.holding(None).get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "clock_differs")
        assert (await api.get(A)).status_code == 200
        clock.move_to(real_now())
        assert (await api.post(f"{A}/grants", GRANT)).status_code == 201
        assert (await api.get("/readyz")).status_code == 200


async def test_a_clock_that_is_wrong_at_the_start_is_seen_at_the_start(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(Clock(real_now() + timedelta(days=400))) as api:
        logged = [str(each.msg) for each in caplog.records if each.name == "surety.database"]
        assert len(logged) == 1
        assert "clock_differs" in logged[0]
        assert (await api.get("/readyz")).json()["code"] == "clock_differs"


async def test_seconds_are_no_difference(serve: Serve) -> None:
    async with serve(Clock(real_now() + timedelta(seconds=60))) as api:
        assert (await api.put(A, {"name": "Nordwind"})).status_code == 201


async def test_a_revoked_key_ends_in_spite_of_a_clock_set_back(published_url: str) -> None:
    clock, steady = Clock(datetime(2026, 11, 24, 8, tzinfo=UTC)), [0.0]
    settings = Settings(database_url=published_url, admin_key=ADMIN_KEY)
    app = create_app(settings, clock=clock, steady=lambda: steady[0])
    async with app.router.lifespan_context(app):
        api = Api(app)
        made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
        shop = api.holding(made["secret"])
        assert (await shop.get("/v1/queue")).status_code == 200
        async with app.state.database.connection() as connection:
            await connection.execute("UPDATE api_keys SET revoked_at = created_at")
        clock.advance(hours=-1)
        assert (await shop.get("/v1/queue")).status_code == 200
        steady[0] += 1
        assert (await shop.get("/v1/queue")).status_code == 401


async def test_a_leaked_secret_ends_in_spite_of_a_clock_set_back(api: Api, clock: Clock) -> None:
    made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
    assert (await api.holding(made["secret"]).get("/v1/queue")).status_code == 200
    rotation = f"/v1/api-keys/{made['id']}/rotation"
    assert (await api.post(rotation, {"overlap": "PT0S"})).status_code == 200
    clock.advance(hours=-1)
    assert (await api.holding(made["secret"]).get("/v1/queue")).status_code == 401


async def test_a_node_that_goes_away_at_the_commit_is_the_database_away(
    api: Api, published_url: str
) -> None:
    await api.make_account()
    detail = "could not commit transaction for shard 102126 on at least one active node"
    await fail_writes(published_url, "XX000", detail=detail)
    reply = await api.post(f"{A}/grants", GRANT)
    assert (reply.status_code, reply.json()["code"]) == (503, "database_unavailable"), reply.text
    assert "Retry-After" in reply.headers
