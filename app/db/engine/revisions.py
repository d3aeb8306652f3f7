"""Revisions: the shape that the database is in, and the one that this code works with."""

from typing import Any

import asyncpg

from app.domain.access.refusals import Refusal

# The newest migration's: a test says when this is not it.
CODE_REVISION = "2026_11_30_webhook_places"


class NotMigrated(Refusal):
    """The database is not in the shape that this version of the service works with.

    Nothing was done. Run `surety migrate` with this version, or run the version that the
    database is for.
    """

    kind = "unavailable"
    code = "not_migrated"
    title = "The database belongs to another version"


async def find_revision(connection: Any) -> str | None:
    """Return the database's revision, or None where nothing was ever migrated."""
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return revision


def require_revision(found: str | None) -> None:
    """Refuse unless the database's revision is this code's."""
    if found != CODE_REVISION:
        raise NotMigrated(
            f"The database is at revision {found or 'none'}; this version works with"
            f" {CODE_REVISION}.",
            database_revision=found,
            code_revision=CODE_REVISION,
        )
