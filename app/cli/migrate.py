"""`surety migrate`."""

import typer

from app.cli.databases import open_dsn
from app.settings import load_settings


def migrate_database() -> None:
    """Bring the database to the shape that this version works with."""
    from app.cli.migrations import migrate

    with open_dsn(load_settings()) as dsn:
        moved = migrate(dsn)
    typer.echo("Migrated." if moved else "Nothing to migrate.")
