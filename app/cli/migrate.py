"""`surety migrate`."""

import typer

from app.cli.databases import open_direct_dsn
from app.settings import load_settings


def migrate_database() -> None:
    """Bring the database, and the worker's queue in it, to the shape that this version needs."""
    import asyncio

    from app.cli.distribution import complete
    from app.cli.migrations import migrate
    from app.worker.queue import install_queue

    with open_direct_dsn(load_settings()) as dsn:
        moved = migrate(dsn)
        moved |= asyncio.run(install_queue(dsn))
        asyncio.run(complete(dsn, migrated=moved))
    typer.echo("Migrated." if moved else "Nothing to migrate.")
