"""Written by SQL: accounts with a long past, very many open tickets, and copies of accounts."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from rich.progress import Progress

from app.db.ledger.lot_ends import reach_days
from app.db.tables import metadata

ENTRIES_A_LOT = 100
_LOTS_AT_A_TIME = 250
_TICKETS_AT_A_TIME = 50_000
_OPEN_TICKETS = (Path(__file__).parent / "open_tickets.sql").read_text(encoding="utf-8")
_PAST = (Path(__file__).parent / "past.sql").read_text(encoding="utf-8")

_COPY = """
INSERT INTO {table} SELECT made.*
FROM {table} one, generate_series(0, $3 - 1) copies (copy),
    jsonb_populate_record(one, jsonb_build_object('account_id', $2 || copy)) made
WHERE one.account_id = $1
"""


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to an account: its lots, each `step` × 100 after the one before it.

    `entries_a_lot` is 100, or 1: nothing but grants.
    """

    account_id: str
    all_lots: int
    entries_a_lot: int
    begins_at: datetime
    step: timedelta
    term: timedelta


async def write_past(url: str, past: Past, progress: Progress) -> None:
    """Write an account with its past, as many lots at a time as do not take long."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    await connection.execute(
        "CREATE TEMPORARY TABLE seed (account_id text, all_lots bigint, entries_a_lot bigint,"
        " begins_at timestamptz, step interval, term interval, reach_days smallint,"
        " first_lot bigint, last_lot bigint)"
    )
    reach = reach_days(past.begins_at + past.term, since=past.begins_at)
    task = progress.add_task(f"writing {past.account_id}", total=past.all_lots)
    for first in range(1, past.all_lots + 1, _LOTS_AT_A_TIME):
        last = min(first + _LOTS_AT_A_TIME - 1, past.all_lots)
        async with connection.transaction():
            await connection.execute("TRUNCATE seed")
            await connection.execute(
                "INSERT INTO seed VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                *asdict(past).values(),
                reach,
                first,
                last,
            )
            await connection.execute(_PAST)
        progress.advance(task, last - first + 1)
    await connection.close()
    progress.remove_task(task)


async def write_open_tickets(url: str, tickets: int, progress: Progress, *, now: datetime) -> None:
    """Write so many open tickets, opened over the thirty days before `now`."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    task = progress.add_task(f"opening {tickets:,} tickets", total=tickets)
    for first in range(1, tickets + 1, _TICKETS_AT_A_TIME):
        last = min(first + _TICKETS_AT_A_TIME - 1, tickets)
        present = f"'{now.isoformat()}'::timestamptz"
        await connection.execute(
            _OPEN_TICKETS.format(tickets=tickets, first=first, last=last, now=present)
        )
        progress.advance(task, last - first + 1)
    await connection.close()
    progress.remove_task(task)


async def copy_account(url: str, account_id: str, *, prefix: str, count: int) -> None:
    """Make accounts `{prefix}0` … with all that one has, as often as is asked for."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for table in metadata.sorted_tables:
            if "account_id" in table.primary_key.columns:
                copy = _COPY.format(table=table.name)
                await connection.execute(copy, account_id, prefix, count)
    await connection.close()


async def tidy(url: str) -> None:
    """Do at once what Postgres would have done over the years: statistics and visibility."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
