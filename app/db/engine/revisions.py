"""Revisions: the shape that the database is in, and the one that this code works with."""

import asyncpg
from sqlalchemy import text

from app.db.engine.compiled import Statement
from app.db.engine.database import Db

# The newest migration's: a test says when this is not it.
CODE_REVISION = "2026_11_28_table_names"

_FIND = Statement(text("SELECT version_num FROM alembic_version"))


async def find_revision(db: Db) -> str | None:
    """Return the database's revision, or None where nothing was ever migrated."""
    try:
        revision: str | None = await db.value(_FIND)
    except asyncpg.UndefinedTableError:
        return None
    return revision
