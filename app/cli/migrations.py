"""Bringing a database to the shape that this version of the code works with."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from app.cli.errors import CommandError

_OLDEST_POSTGRES = 15


class MigrationError(CommandError):
    """The database cannot be brought to this version: what is wrong, with the remedy."""


def migrate(dsn: str) -> bool:
    """Run the migrations that are missing, in-process, and say whether there were any.

    Safe at the same time as another's; must not be called from a running event loop. Raises
    MigrationError when the database cannot be reached, or is newer than the code.
    """
    current = _read_revision(dsn)
    with configure(dsn) as config:
        scripts = ScriptDirectory.from_config(config)
        if current == scripts.get_current_head():
            return False
        if current not in {None, *(each.revision for each in scripts.walk_revisions())}:
            raise MigrationError(
                f"The database is at revision {current}, which a newer Surety made. "
                "Install that version or a later one, or use another database."
            )
        try:
            command.upgrade(config, "head")
        except (DBAPIError, asyncpg.PostgresError, OSError) as error:
            raise MigrationError(f"The database could not be migrated: {_one_line(error)}") from (
                error
            )
    return True


@contextmanager
def configure(dsn: str) -> Iterator[Config]:
    """Give Alembic's commands the packaged migrations and a database."""
    with as_file(files("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["dsn"] = dsn
        yield config


def _read_revision(dsn: str) -> str | None:
    try:
        return asyncio.run(_fetch_revision(dsn))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise MigrationError(f"The database cannot be reached: {_one_line(error)}") from error


async def _fetch_revision(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        version = connection.get_server_version()
        if version.major < _OLDEST_POSTGRES:
            raise MigrationError(
                f"The server is PostgreSQL {version.major}; Surety takes {_OLDEST_POSTGRES} and on."
            )
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return revision
    finally:
        await connection.close()


def _one_line(error: Exception) -> str:
    words = str(error.orig if isinstance(error, DBAPIError) else error).split()
    return " ".join(words) or type(error).__name__
