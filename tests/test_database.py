"""The database handle: writes that are gathered, and what a read between them sees."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, insert, select, update

from app.db.engine.compiled import Statement
from app.db.engine.database import Database
from app.db.engine.revisions import CODE_REVISION
from app.db.engine.unit_of_work import Db

things = Table(
    "things",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
)
_INSERT = Statement(insert(things))
_RESIZE = Statement(
    update(things).where(things.c.name == bindparam("name")).values(size=bindparam("size"))
)
_LIST = Statement(select(things.c.name, things.c.size).order_by(things.c.name))


@pytest.fixture
async def database(blank_database_url: str) -> AsyncIterator[Database]:
    database = Database(blank_database_url)
    await database.open()
    async with database.connection() as connection:
        await connection.execute("CREATE TABLE things (name text PRIMARY KEY, size bigint)")
        await connection.execute("CREATE TABLE alembic_version (version_num text)")
        await connection.execute("INSERT INTO alembic_version VALUES ($1)", CODE_REVISION)
    yield database
    await database.close()


async def _list(db: Db) -> dict[str, int]:
    return {row["name"]: row["size"] for row in await db.rows(_LIST)}


async def test_a_read_sees_what_was_written_before_it(database: Database) -> None:
    async with database.transaction() as db:
        await db.write(_INSERT, name="a", size=1)
        await db.write(_INSERT, name="b", size=2)
        assert await _list(db) == {"a": 1, "b": 2}
        await db.write(_RESIZE, name="a", size=3)
        assert await _list(db) == {"a": 3, "b": 2}


async def test_what_is_gathered_is_one_statement_at_the_end(database: Database) -> None:
    sent: list[str] = []
    async with database.transaction() as db:
        db.connection.add_query_logger(lambda query: sent.append(query.query))
        for size, name in enumerate("abcd"):
            await db.write(_INSERT, name=name, size=size)
        assert sent == []
    assert len([each for each in sent if "INSERT" in each]) == 1
    async with database.transaction() as db:
        assert await _list(db) == {"a": 0, "b": 1, "c": 2, "d": 3}


async def test_a_row_written_again_has_its_last_values(database: Database) -> None:
    """Inserted, resized, resized once more: in one statement the last would not find the first."""
    async with database.transaction() as db:
        await db.write(_INSERT, name="a", size=1)
        await db.write(_RESIZE, name="a", size=2)
        await db.write(_RESIZE, name="a", size=3)
    async with database.transaction() as db:
        assert await _list(db) == {"a": 3}


async def test_few_rows_and_many(database: Database) -> None:
    for count in (0, 1, 4, 5, 100):
        names = [f"{count}-{number}" for number in range(count)]
        async with database.transaction() as db:
            await db.write_many(_INSERT, [{"name": name, "size": count} for name in names])
            for name in names[:3]:
                await db.write(_RESIZE, name=name, size=-1)
    async with database.transaction() as db:
        found = await _list(db)
    assert len(found) == 110
    assert sum(size == -1 for size in found.values()) == 1 + 3 + 3 + 3


async def test_what_fails_leaves_nothing(database: Database) -> None:
    async def write_twice() -> None:
        async with database.transaction() as db:
            await db.write(_INSERT, name="a", size=1)
            await db.write(_INSERT, name="a", size=2)

    with pytest.raises(asyncpg.UniqueViolationError):
        await write_twice()
    async with database.transaction() as db:
        await db.write(_INSERT, name="b", size=1)
        db.rollback_only = True
    async with database.transaction() as db:
        assert await _list(db) == {}


async def test_what_is_done_at_the_end_comes_with_the_rest(database: Database) -> None:
    async with database.transaction() as db:

        async def write_last() -> None:
            await db.write(_INSERT, name="last", size=2)

        db.at_end.append(write_last)
        await db.write(_INSERT, name="first", size=1)
        assert await _list(db) == {"first": 1}
    async with database.transaction() as db:
        assert await _list(db) == {"first": 1, "last": 2}
