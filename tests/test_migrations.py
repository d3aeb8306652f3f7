import asyncio
import os
import subprocess
import sys

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from app.cli.migrations import MigrationError, configure, migrate
from app.db.engine.revisions import CODE_REVISION
from app.db.tables import metadata


async def test_they_lead_to_the_tables_of_the_code(database_url: str) -> None:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(database_url),
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []


def test_the_code_knows_its_revision() -> None:
    with configure("postgresql://unused") as config:
        assert ScriptDirectory.from_config(config).get_current_head() == CODE_REVISION


def test_up_down_and_up_again(blank_database_url: str) -> None:
    assert migrate(blank_database_url) is True
    with configure(blank_database_url) as config:
        command.downgrade(config, "base")
    assert migrate(blank_database_url) is True
    assert migrate(blank_database_url) is False


async def test_two_starts_at_once_migrate_once(blank_database_url: str) -> None:
    both = [asyncio.to_thread(_migrate_apart, blank_database_url) for _ in range(2)]
    assert await asyncio.gather(*both) == [0, 0]
    assert await asyncio.to_thread(migrate, blank_database_url) is False


async def test_a_newer_database_is_refused(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
    await connection.close()
    with pytest.raises(MigrationError, match=r"revision of-tomorrow, which a newer Surety made\."):
        await asyncio.to_thread(migrate, database_url)


MIXED = "INSERT INTO alembic_version VALUES ('of-another')"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "DROP TABLE alembic_version",
            "has accounts, agreements, .* and no revision: it was restored or copied in part",
        ),
        ("DELETE FROM alembic_version", "and no revision: it was restored or copied in part"),
        (MIXED, f"names several revisions ({CODE_REVISION}, of-another): two databases were mixed"),
        ("DROP TABLE relay", "says that it is migrated, and lacks relay"),
        ("ALTER TABLE accounts DROP COLUMN events", "is migrated, and lacks accounts.events"),
    ],
)
async def test_a_database_migrated_in_part_is_refused_with_the_remedy(
    database_url: str, damage: str, said: str
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(damage)
    await connection.close()
    remedy = r"\. Restore a backup of the whole of it, or use an empty database\."
    told = said.replace("(", r"\(").replace(")", r"\)") + remedy
    with pytest.raises(MigrationError, match=told):
        await asyncio.to_thread(migrate, database_url)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
async def test_nothing_starts_on_a_newer_database(database_url: str, command: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
    await connection.close()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", "from app.cli import main; main()", command],
        env=os.environ | {"SURETY_DATABASE_URL": database_url, "SURETY_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "surety: The database is at revision of-tomorrow, which a newer Surety made. "
        "Install that version or a later one, or use another database.\n"
    )


def test_no_server_is_one_line() -> None:
    with pytest.raises(MigrationError, match=r"^The database cannot be reached: .*") as raised:
        migrate("postgresql://nobody@127.0.0.1:1/nothing")
    assert "\n" not in str(raised.value)


def _migrate_apart(dsn: str) -> int:
    """Migrate in a process of its own, as another start would."""
    code = "import sys; from app.cli.migrations import migrate; migrate(sys.argv[1])"
    return subprocess.run([sys.executable, "-c", code, dsn], check=False).returncode


async def test_a_migration_that_is_in_the_way_of_writers_is_tried_again(
    database_url: str,
) -> None:
    """Others hold what it needs, and want what it has: Postgres ends it, and it begins again."""
    await asyncio.to_thread(_downgrade, database_url, "-1")
    others, clearing = await asyncpg.connect(database_url), asyncio.Event()

    async def hold() -> None:
        transaction = others.transaction()
        await transaction.start()
        await others.execute("LOCK TABLE accounts, entries, tickets, sessions, alembic_version")
        await clearing.wait()
        await asyncio.sleep(3)  # longer than a migration waits for a lock
        await transaction.rollback()

    holding = asyncio.create_task(hold())
    migrating = asyncio.create_task(asyncio.to_thread(migrate, database_url))
    clearing.set()
    await holding
    assert await migrating is True
    await others.close()


def _downgrade(url: str, to: str) -> None:
    with configure(url) as config:
        command.downgrade(config, to)
