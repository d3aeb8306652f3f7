"""Migrations on a distributed database, and what those of later versions may be written as."""

import ast
import asyncio
import re
from pathlib import Path

import asyncpg
import pytest
from alembic import command

from app.cli.distribution import complete, distribute, find_unset
from app.cli.migrations import configure, migrate
from app.db.tables import metadata
from tests.support import cluster

FOLDER = Path(__file__).parents[2] / "migrations" / "versions"
# The newest that a database which is in use may be at; what follows runs on clusters too.
LANDED = "2026_11_28_queue_counted"
_REWRITES = re.compile(
    r"\b(UPDATE\s+\w+|INSERT\s+INTO\s+\w+\s*[^V]*SELECT|DELETE\s+FROM)\b", re.IGNORECASE
)
on_a_cluster = pytest.mark.skipif(not cluster.PORTS, reason="SURETY_TEST_CITUS names no nodes")


def list_later() -> list[Path]:
    """Return the migrations after the landed one, in no order."""
    following: dict[str, Path] = {}
    for file in FOLDER.glob("2*.py"):
        source = file.read_text(encoding="utf-8")
        found = re.search(r'^down_revision.*= "(.+)"', source, re.MULTILINE)
        if found:
            following[found[1]] = file
    later: list[Path] = []
    revision = LANDED
    while revision in following:
        later.append(following[revision])
        revision = following[revision].stem
    return later


def find_rewrites(source: str) -> list[str]:
    """Return the statements that `op.execute` is given and that write rows anew."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "op.execute":
            texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
            sql = " ".join(str(each) for each in texts)
            if _REWRITES.search(sql) and "TRIGGER" not in sql and "FUNCTION" not in sql:
                found.append(sql)
    return found


def test_rows_are_rewritten_an_account_at_a_time() -> None:
    """Not by one statement over a whole table, which a cluster may refuse (`by_accounts`)."""
    later = list_later()
    assert later
    assert {file.stem: found for file in later if (found := find_rewrites(file.read_text()))} == {}


def test_a_rewrite_of_a_whole_table_shows() -> None:
    assert find_rewrites('op.execute("UPDATE tickets SET due_at = NULL")')
    assert not find_rewrites('rewrite_rows("SELECT 1", "UPDATE tickets SET due_at = :due_at")')


@on_a_cluster
async def test_a_distributed_database_of_the_landed_version_is_migrated(
    server: asyncpg.Connection,  # noqa: ARG001
) -> None:
    name = "surety_test_landed"
    await cluster.drop_distributed(name)
    await cluster.make_distributed(name, migrated=False)
    url = cluster.url_on(cluster.PORTS[0], name)
    with configure(url) as config:
        await asyncio.to_thread(command.upgrade, config, LANDED)
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO accounts (account_id, name, metadata, version, sequence, tallies, events,"
        " effective_at, created_at, updated_at)"
        " VALUES ('c-1', 'Nordwind', '{}', 1, 0, 0, 0, now(), now(), now())"
    )
    async for _ in distribute(connection):
        pass
    assert await asyncio.to_thread(migrate, url) is True
    await complete(url, migrated=True)
    placed = await connection.fetch("SELECT logicalrelid::text FROM pg_dist_partition")
    assert {row[0] for row in placed} >= set(metadata.tables)
    assert (
        await connection.fetchval("SELECT name FROM accounts WHERE account_id = 'c-1'")
        == "Nordwind"
    )
    assert await find_unset(connection) == []
    await connection.close()
    await cluster.drop_distributed(name)
