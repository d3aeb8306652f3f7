"""A streaming replica that reads are answered from: it is behind, and nobody misses their write."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from app.cli.migrations import migrate
from app.db.engine.database import Database
from app.main import create_app
from app.services.catalog.bootstrap import bootstrap
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, TUESDAY, Api, Clock
from tests.support.folders import open_folder
from tests.support.older_postgres import OLDER, older_postgres
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(not OLDER, reason="there is no Postgres with its replication here")


@dataclass(frozen=True, slots=True)
class Pair:
    """A database and its replica, by their URLs."""

    primary: str
    replica: str

    async def stop_replay(self) -> None:
        """Let the replica stand still where the database is now."""
        primary = await asyncpg.connect(self.primary)
        replica = await asyncpg.connect(self.replica)
        at = await primary.fetchval("SELECT pg_current_wal_lsn()")
        reached = "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn"
        await until(lambda: replica.fetchval(reached, at))
        await replica.execute("SELECT pg_wal_replay_pause()")
        await primary.close()
        await replica.close()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
async def pair(folder: Path) -> AsyncIterator[Pair]:
    """Run a Postgres with the catalogues published, and a replica of it."""
    with older_postgres(folder) as primary:
        await asyncio.to_thread(migrate, primary)
        database = Database(primary, pool_size=1)
        await database.open()
        await bootstrap(database, make_key=False)
        await database.close()
        with older_postgres(folder, copy_of=primary) as replica:
            yield Pair(primary, replica)


@pytest.fixture
async def api(pair: Pair) -> AsyncIterator[Api]:
    settings = Settings(
        database_url=pair.primary, read_database_url=pair.replica, admin_key=ADMIN_KEY, pool_size=4
    )
    app = create_app(settings, clock=Clock(TUESDAY))
    async with app.router.lifespan_context(app):
        client = Api(app)
        yield client
        await client.http.aclose()


async def test_a_replica_answers_and_who_names_a_state_is_answered_as_of_it(
    api: Api, pair: Pair
) -> None:
    account = await api.make_account("c-1")
    await api.buy(account, "livecart.express-1y", quantity=5)
    await api.open(account, "HD-1")
    await pair.stop_replay()
    opened = await api.open(account, "HD-2")
    behind = (await api.get(f"{account}/balance")).json()
    assert behind["units"]["incident"]["held"] == 1
    asked = {"sequence": opened["sequence"]}
    known = (await api.get(f"{account}/balance", params=asked)).json()
    assert known["units"]["incident"]["held"] == 2
    # What the replica has not got is asked of the database itself.
    ticket = await api.get(f"{account}/tickets/HD-2")
    assert ticket.status_code == 200
    named = {"If-None-Match": ticket.headers["ETag"]}
    assert (await api.get(f"{account}/tickets/HD-2", headers=named)).status_code == 304
    changed = await api.post(
        f"{account}/tickets/HD-2/replies",
        {"by": "agent"},
        headers={"If-Match": ticket.headers["ETag"]},
    )
    assert changed.status_code in (200, 201), changed.text


async def test_a_replica_that_is_away_is_not_missed(pair: Pair) -> None:
    nobody = pair.replica.replace("127.0.0.1:", "127.0.0.2:")
    settings = Settings(
        database_url=pair.primary, read_database_url=nobody, admin_key=ADMIN_KEY, pool_size=4
    )
    app = create_app(settings, clock=Clock(TUESDAY))
    async with app.router.lifespan_context(app):
        api = Api(app)
        account = await api.make_account("c-2")
        reply = await api.get(account)
        assert reply.status_code == 200, reply.text
        await api.http.aclose()
