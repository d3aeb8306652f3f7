"""Notices: recorded every second, account by account, by whichever worker is there first."""

import asyncio
import logging
import time
from contextlib import suppress

import asyncpg
from opentelemetry import trace

from app.db.engine.database import Database, PoolExhausted
from app.db.events.due_accounts import DueAccount
from app.services.events import notices
from app.worker import figures

_log = logging.getLogger("surety.jobs")
_tracer = trace.get_tracer("surety")
_JOB = "announce_notices"
_LOOK_EVERY_S = 1.0
# Accounts at once.
_AT_ONCE = 4
# What the database says or how it is missed; of anything else, the log has the whole error.
_EXPECTED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, PoolExhausted)


async def run_timed_events(database: Database, stopping: asyncio.Event) -> None:
    """Record what is due, every second, until `stopping` is set."""
    while not stopping.is_set():
        while await record_due_notices(database, stopping) and not stopping.is_set():
            pass
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_S)


async def record_due_notices(database: Database, stopping: asyncio.Event) -> bool:
    """Find and record what is due, once; return whether there may be more at once.

    Each account is a transaction of its own. One that cannot be had now, whatever the reason, is
    left for the next look, and keeps no other waiting.
    """
    began = time.perf_counter()
    async with database.one_statement() as db:
        found = await notices.find_due(db)
    if not found:
        return False
    turns = asyncio.Semaphore(_AT_ONCE)

    async def run(due: DueAccount) -> int | None:
        async with turns:
            return None if stopping.is_set() else await _record_account(database, due)

    with _tracer.start_as_current_span(f"job {_JOB}"):
        counts = [each for each in await asyncio.gather(*map(run, found)) if each is not None]
    line = {"event": "job", "job": _JOB, "accounts": len(counts), "told": sum(counts)}
    _log.info(line | {"ms": round((time.perf_counter() - began) * 1000, 1)})
    return bool(counts) and notices.may_be_more(found)


async def _record_account(database: Database, due: DueAccount) -> int | None:
    """Record what is due in one account, and count the events; None where that failed."""
    try:
        with figures.counted(_JOB):
            async with database.transaction() as db:
                return await notices.record_due(db, due)
    except Exception as error:
        line = {"event": "job_failed", "job": _JOB, "account_id": due.account_id}
        said = repr(error)[:300]
        _log.error(line | {"error": said}, exc_info=None if isinstance(error, _EXPECTED) else error)
        return None
