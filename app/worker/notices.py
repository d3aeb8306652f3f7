"""Notices: looked for every second, account by account, by whichever worker is there first."""

import asyncio
import logging
from contextlib import suppress

from opentelemetry import trace

from app.db.database import Database
from app.db.notices import Due
from app.services import notices

_log = logging.getLogger("surety.notices")
_tracer = trace.get_tracer("surety")
_LOOK_EVERY_S = 1.0
# Accounts at once.
_AT_ONCE = 4


async def tell_until_told(database: Database, stopping: asyncio.Event) -> None:
    """Tell what is due, every second, until `stopping` is set."""
    while not stopping.is_set():
        while await tell_notices(database, stopping) and not stopping.is_set():
            pass
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_S)


async def tell_notices(database: Database, stopping: asyncio.Event) -> int:
    """Look once for what is due, and tell it; return 0, or what was told where more may be due.

    Each account is a transaction of its own. One that cannot be had now, whatever the reason, is
    left for the next look, and keeps no other waiting.
    """
    async with database.transaction(read_only=True) as db:
        found = await notices.find_due(db)
    if not found:
        return 0
    turns = asyncio.Semaphore(_AT_ONCE)

    async def tell(due: Due) -> int:
        async with turns:
            return 0 if stopping.is_set() else await _tell_account(database, due)

    with _tracer.start_as_current_span("notices"):
        done = await asyncio.gather(*(tell(due) for due in found))
    return sum(done) if notices.may_be_more(found) else 0


async def _tell_account(database: Database, due: Due) -> int:
    """Tell what is due in one account, and return 1; 0 where it failed, and is to be retried."""
    try:
        async with database.transaction() as db:
            await notices.tell_due(db, due)
    except Exception as error:
        line = {"event": "notices_failed", "account_id": due.account_id, "error": repr(error)[:300]}
        _log.warning(line, exc_info=error)
        return 0
    return 1
