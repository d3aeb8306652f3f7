"""Whether requests can be answered: the database is there, in the shape that this code knows."""

from app.db import revisions
from app.db.database import Db
from app.domain.refusals import Refusal


class NotMigrated(Refusal):
    """The database is not in the shape that this version of the service works with.

    Run `surety migrate` with this version, or run the version that the database is for.
    """

    kind = "unavailable"
    code = "not_migrated"
    title = "The database belongs to another version"


async def require_ready(db: Db) -> None:
    """Refuse with `not_migrated` unless the database is at this code's revision."""
    found = await revisions.find_revision(db)
    if found != revisions.CODE_REVISION:
        raise NotMigrated(
            f"The database is at revision {found or 'none'}; this version works with"
            f" {revisions.CODE_REVISION}.",
            database_revision=found,
            code_revision=revisions.CODE_REVISION,
        )
