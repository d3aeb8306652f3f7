"""Replicas, and the reads they answer: those that need not follow what was just written.

A replica is a moment behind. Who names a state that they know of (`?sequence=`, an ETag) is
answered by the database that has it, and so is whoever asks for what the replica has not got.
"""

import logging

import asyncpg
from fastapi import Request

from app.api.http.access import Access
from app.api.http.notes import notes_of
from app.api.http.refusals.problem_handlers import DATABASE_AWAY
from app.db.engine.database import Database, PoolExhausted

_log = logging.getLogger("surety.database")
_NAMING_A_STATE = ("If-Match", "If-None-Match")
# A replica also gives up a read that stands in the way of what it has to catch up with.
REPLICA_AWAY: tuple[type[Exception], ...] = (
    *DATABASE_AWAY,
    PoolExhausted,
    asyncpg.SerializationError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
)


def find_replica(request: Request, access: Access) -> Database | None:
    """Return the replica that may answer a request, where there is one and it may."""
    replica: Database | None = getattr(request.app.state, "replica", None)
    if replica is None or request.method != "GET" or access.writes or access.sequences:
        return None
    if not request.url.path.startswith("/v1/") or "sequence" in request.query_params:
        return None
    # A key is looked up where it was made; one that is cached is not looked up.
    if not notes_of(request).get("key_counted", False):
        return None
    if any(name in request.headers for name in _NAMING_A_STATE):
        return None
    return replica


def record_absence(error: Exception) -> None:
    """Log that the replica did not answer, so that the database itself does."""
    _log.warning({"event": "replica_away", "error": type(error).__name__})
