"""Bringing a database to the shape that this version of the code works with."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.exc import DBAPIError

from app.cli.errors import CommandError
from app.db.engine.revisions import CODE_REVISION
from app.db.tables import metadata
from app.domain.values import Value

if TYPE_CHECKING:
    from alembic.config import Config

_OLDEST_POSTGRES = 15
# A table that others are writing to may not be had in time, or by none of both: nothing of that
# migration is done then, and it is tried again.
_IN_THE_WAY = ("55P03", "40P01")
# Longer than a transaction may be left open by who does nothing in it.
_TRIED_FOR_S = 120.0
_PAUSE_S = 0.5
_REMEDY = "Restore a backup of the whole of it, or use an empty database."
_COLUMNS = """
    SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    AND pg_table_is_visible(attrelid) AND relnamespace <> 'pg_catalog'::regnamespace
"""


class MigrationError(CommandError):
    """The database cannot be brought to this version: what is wrong, with the remedy."""


def migrate(dsn: str) -> bool:
    """Run the migrations that are missing, in-process, and say whether there were any.

    Safe at the same time as another's; must not be called from a running event loop. Raises
    MigrationError when the database cannot be reached, is newer than the code, or is migrated
    in part.
    """
    shape = _read_shape(dsn)
    current = shape.require_revision()
    if current == CODE_REVISION:
        shape.require_whole()
        return False
    _upgrade(dsn, current)
    _read_shape(dsn).require_whole()
    return True


def _upgrade(dsn: str, current: str | None) -> None:
    """Run the migrations after a revision; Alembic takes long to load, so only when there are."""
    from alembic import command
    from alembic.script import ScriptDirectory

    with configure(dsn) as config:
        scripts = ScriptDirectory.from_config(config)
        if current not in {None, *(each.revision for each in scripts.walk_revisions())}:
            raise MigrationError(
                f"The database is at revision {current}, which a newer Surety made. "
                "Install that version or a later one, or use another database."
            )
        tried_until = time.monotonic() + _TRIED_FOR_S
        while True:
            try:
                command.upgrade(config, "head")
                return
            except (DBAPIError, asyncpg.PostgresError, OSError) as error:
                if time.monotonic() < tried_until and _is_in_the_way(error):
                    time.sleep(_PAUSE_S)
                    continue
                raise MigrationError(
                    f"The database could not be migrated: {_one_line(error)}"
                ) from error


@contextmanager
def configure(dsn: str) -> Iterator["Config"]:
    """Give Alembic's commands the packaged migrations and a database."""
    from alembic.config import Config

    with as_file(files("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["dsn"] = dsn
        yield config


class _Shape(Value):
    """What a database says it is, and the columns that it has."""

    revisions: Sequence[str]
    columns: AbstractSet[tuple[str, str]]

    def require_revision(self) -> str | None:
        """Return its revision, or None where there is nothing yet; refuse what is in between."""
        if len(self.revisions) > 1:
            raise MigrationError(
                f"The database names several revisions ({', '.join(self.revisions)}): two "
                f"databases were mixed. {_REMEDY}"
            )
        there = {table for table, _ in self.columns} & set(metadata.tables)
        if there and not self.revisions:
            raise MigrationError(
                f"The database has {_list(there)} and no revision: it was restored or copied in "
                f"part. {_REMEDY}"
            )
        return next(iter(self.revisions), None)

    def require_whole(self) -> None:
        """Refuse a database that lacks something that its revision has."""
        needed = {
            (table.name, column.name)
            for table in metadata.tables.values()
            for column in table.columns
        }
        if missing := needed - self.columns:
            there = {table for table, _ in self.columns}
            named = {f"{table}.{each}" if table in there else table for table, each in missing}
            raise MigrationError(
                f"The database says that it is migrated, and lacks {_list(named)}. {_REMEDY}"
            )


def _list(names: AbstractSet[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more


def _read_shape(dsn: str) -> _Shape:
    try:
        return asyncio.run(_fetch_shape(dsn))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise MigrationError(f"The database cannot be reached: {_one_line(error)}") from error


async def _fetch_shape(dsn: str) -> _Shape:
    # Nothing is prepared for later: a pooler may be between, and the next words another's.
    connection = await asyncpg.connect(dsn, timeout=10, statement_cache_size=0)
    try:
        version = connection.get_server_version()
        if version.major < _OLDEST_POSTGRES:
            raise MigrationError(
                f"The server is PostgreSQL {version.major}; Surety takes {_OLDEST_POSTGRES} and on."
            )
        columns = {(row["relname"], row["attname"]) for row in await connection.fetch(_COLUMNS)}
        if ("alembic_version", "version_num") not in columns:
            return _Shape([], columns)
        rows = await connection.fetch("SELECT version_num FROM alembic_version ORDER BY 1")
        return _Shape([row["version_num"] for row in rows], columns)
    finally:
        await connection.close()


def _is_in_the_way(error: Exception) -> bool:
    """Say whether a lock was not had in time, or two waited for each other."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) in _IN_THE_WAY


def _one_line(error: Exception) -> str:
    words = str(error.orig if isinstance(error, DBAPIError) else error).split()
    return " ".join(words) or type(error).__name__
