"""Connections that go from one unit of work to the next without the pool in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from app.db.engine import hand_over
from app.db.engine.database import Database
from app.db.engine.hand_over import HandOver


@pytest.fixture
async def database(blank_database_url: str) -> AsyncIterator[Database]:
    database = Database(blank_database_url, pool_size=1)
    await database.open()
    yield database
    await database.close()


async def _find_process(database: Database) -> int:
    async with database.connection() as connection:
        found: int = await connection.fetchval("SELECT pg_backend_pid()")
        return found


async def test_one_that_was_left_as_it_was_taken_is_the_next_ones(database: Database) -> None:
    assert await _find_process(database) == await _find_process(database)
    assert database.pool_use() == {"working": 0, "idle": 1, "waiting": 0}


async def test_one_whose_server_is_gone_is_nobodys(
    database: Database, blank_database_url: str
) -> None:
    process = await _find_process(database)
    other = await asyncpg.connect(blank_database_url)
    await other.execute("SELECT pg_terminate_backend($1, 5000)", process)
    await other.close()
    await asyncio.sleep(0)
    for _ in range(2):
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
            assert await _find_process(database) != process
            return
    pytest.fail("the connection that is gone is handed on again")


async def test_one_that_a_failure_left_within_a_transaction_is_as_good_as_new(
    database: Database,
) -> None:
    async def fail() -> None:
        async with database.connection() as connection:
            await connection.execute("BEGIN; CREATE TABLE left_behind ()")
            raise RuntimeError("given up")

    with pytest.raises(RuntimeError):
        await fail()
    async with database.connection() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT to_regclass('left_behind')") is None


async def test_a_statement_that_was_prepared_and_not_run_leaves_nothing_behind(
    database: Database,
) -> None:
    async def fail() -> None:
        async with database.connection() as connection:
            # It is parsed, and then the driver cannot send its argument.
            await connection.fetch("SELECT relname FROM pg_class WHERE relname = $1::text", 5)

    with pytest.raises(asyncpg.DataError):
        await fail()
    # It would begin within what was begun before, which no snapshot may.
    async with database.transaction(read_only=True) as db:
        assert await db.connection.fetchval("SELECT count(*) FROM pg_class") > 0


async def test_what_is_in_hand_and_gone_is_not_idle(
    database: Database, blank_database_url: str
) -> None:
    gone = asyncio.Event()
    async with database.connection() as connection:
        process = await connection.fetchval("SELECT pg_backend_pid()")
        connection.add_termination_listener(lambda _: gone.set())
    other = await asyncpg.connect(blank_database_url)
    await other.execute("SELECT pg_terminate_backend($1, 5000)", process)
    await other.close()
    await asyncio.wait_for(gone.wait(), 10)
    assert database.pool_use()["working"] == 0


async def test_one_that_is_waited_for_goes_to_who_waits(database: Database) -> None:
    async with database.connection():
        waiting = asyncio.create_task(_find_process(database))
        await asyncio.sleep(0)
        assert database.pool_use() == {"working": 1, "idle": 0, "waiting": 1}
    assert await waiting > 0


async def test_none_is_left_after_the_end(blank_database_url: str) -> None:
    database = Database(blank_database_url, pool_size=2)
    await database.open()
    process = await _find_process(database)
    async with asyncio.timeout(10), database.connection():
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        assert not closing.done()
    await asyncio.wait_for(closing, 10)
    other = await asyncpg.connect(blank_database_url)
    left = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
    async with asyncio.timeout(10):
        while await other.fetchval(left, process):
            pass
    await other.close()


@pytest.mark.parametrize("steps", range(8))
async def test_all_are_returned_at_the_end_wherever_the_returning_is(
    blank_database_url: str, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """The end comes while those that nobody took are on their way back."""
    monkeypatch.setattr(hand_over, "_IN_HAND_S", 0)
    connections = HandOver(asyncpg.create_pool(blank_database_url, min_size=3, max_size=3))
    await connections.open()
    taken = [await connections.take(within_s=5) for _ in range(3)]
    for connection in taken:
        await connections.put_back(connection, as_taken=True)
    for _ in range(steps):
        await asyncio.sleep(0)
    await asyncio.wait_for(connections.close(), 5)
    assert connections.count() == {"working": 0, "idle": 0, "waiting": 0}


async def test_one_that_cannot_be_returned_keeps_no_other_back(blank_database_url: str) -> None:
    connections = HandOver(asyncpg.create_pool(blank_database_url, min_size=3, max_size=3))
    await connections.open()
    taken = [await connections.take(within_s=5) for _ in range(3)]
    foreign = await asyncpg.connect(blank_database_url)  # which the pool refuses
    for connection in (taken[0], foreign, *taken[1:]):
        await connections.put_back(connection, as_taken=True)
    await asyncio.wait_for(connections.close(), 5)
    assert connections.count() == {"working": 0, "idle": 0, "waiting": 0}
    await foreign.close()
