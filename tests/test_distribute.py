"""`surety distribute`: how tables are laid out, and what is refused where there is no cluster."""

from pathlib import Path

import asyncpg
import pytest

from app.cli.distribution import find_unset, list_placements
from app.db.tables import metadata
from tests.support import cluster
from tests.support.serve import run


def test_N10_every_table_is_laid_out_once_and_what_is_an_accounts_by_it() -> None:
    placed = list_placements()
    assert sorted(each.table for each in placed) == sorted([*metadata.tables, "alembic_version"])
    for each in placed:
        if each.key == "account_id":
            key = [column.name for column in metadata.tables[each.table].primary_key]
            assert key[0] == "account_id", each
            assert each.beside == (None if each.table == "accounts" else "accounts")


@pytest.mark.skipif(bool(cluster.PORTS), reason="there the extension is")
async def test_without_the_extension_it_refuses_and_says_what_is_missing(
    tmp_path: Path, database_url: str
) -> None:
    done = run(tmp_path, "distribute", SURETY_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert "has no extension citus" in done.stderr
    connection = await asyncpg.connect(database_url)
    assert await find_unset(connection) == []
    await connection.close()


async def test_a_database_that_is_not_migrated_is_refused(
    tmp_path: Path, blank_database_url: str
) -> None:
    done = run(tmp_path, "distribute", SURETY_DATABASE_URL=blank_database_url)
    assert done.returncode == 1
    assert "run `surety migrate`" in done.stderr


async def test_what_is_append_only_is_named_by_its_table_in_each_part_of_it(
    database_url: str,
) -> None:
    """A part of a distributed table has the table's name and a number."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TEMPORARY TABLE entries_102172 (n int)")
    await connection.execute(
        "CREATE TRIGGER t BEFORE DELETE ON entries_102172 EXECUTE FUNCTION surety_refuse_change()"
    )
    with pytest.raises(asyncpg.RestrictViolationError, match=r"^entries is append-only: DELETE"):
        await connection.execute("DELETE FROM entries_102172")
    await connection.close()


@pytest.mark.skipif(not cluster.PORTS, reason="SURETY_TEST_CITUS names no nodes")
async def test_it_is_safe_to_run_again_and_its_settings_reach_every_node(
    tmp_path: Path, database_url: str
) -> None:
    done = run(tmp_path, "distribute", SURETY_DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    assert "accounts is by account_id already." in done.stdout
    connection = await asyncpg.connect(database_url)
    assert await find_unset(connection) == []
    await connection.close()


@pytest.mark.skipif(not cluster.PORTS, reason="SURETY_TEST_CITUS names no nodes")
async def test_on_a_worker_node_it_is_refused(tmp_path: Path, database_url: str) -> None:
    name = database_url.rpartition("/")[2]
    url = cluster.url_on(cluster.PORTS[1], name)
    done = run(tmp_path, "distribute", SURETY_DATABASE_URL=url)
    assert done.returncode == 1
    assert "run it on the coordinator" in done.stderr
