"""`surety distribute`: a migrated database, laid over the nodes of its cluster."""

import asyncio

import asyncpg
import typer

from app.cli.databases import open_direct_dsn
from app.cli.distribution import NotDistributableError, distribute
from app.cli.errors import CommandError
from app.db.engine.revisions import CODE_REVISION
from app.settings import load_settings


def distribute_database() -> None:
    """Lay the database over the nodes of its Citus cluster. Safe to run again."""
    with open_direct_dsn(load_settings()) as dsn:
        try:
            asyncio.run(_distribute(dsn))
        except (asyncpg.PostgresError, OSError) as error:
            raise CommandError(f"The database could not be distributed: {error}") from error


async def _distribute(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10, statement_cache_size=0)
    try:
        await _require_migrated(connection)
        async for step in distribute(connection):
            typer.echo(step)
    except NotDistributableError as error:
        raise CommandError(str(error)) from error
    finally:
        await connection.close()


async def _require_migrated(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        revision = None
    if revision != CODE_REVISION:
        raise CommandError("The database is not migrated to this version; run `surety migrate`.")
