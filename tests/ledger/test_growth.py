"""An account with a long past costs what one without costs: in rows and pages, not in time.

The past is the benchmark's: lots granted one after the other over five years, ten of them live,
a hundred entries in each. Beside it are many small accounts, as in life.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.progress import Progress

from app.api.tickets.opening_shapes import TicketOpening
from app.db.engine.database import Database
from app.db.engine.kept_values import KeptValues
from app.db.engine.unit_of_work import Db
from app.domain.access.callers import Caller
from app.services.ledger.balances import read_balance
from app.services.ledger.verification import verify_ledger
from app.services.reports.summaries import read_summary
from app.services.tickets.openings import open_ticket
from app.services.tickets.settlements import resolve_ticket
from app.services.tickets.tickets import take_ticket
from bench.seeding import ENTRIES_A_LOT, Past, tidy, write_past
from tests.conftest import Connection, clone_database, url_of
from tests.support import cluster

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
LOTS = 600
STEP = 5 * YEAR / (LOTS * ENTRIES_A_LOT)
GROWN = Past("grown", LOTS, ENTRIES_A_LOT, NOW - 5 * YEAR, STEP, STEP * 1_050)
SMALL = 40
on_one_server = pytest.mark.skipif(
    bool(cluster.PORTS), reason="what another node reads is not counted on this one"
)
MAYA = Caller("Maya", frozenset({"admin"}))

Work = Callable[[Db, str], Awaitable[object]]


@pytest.fixture(scope="module")
async def grown_url(server: Connection, postgres: str, _published: str) -> AsyncIterator[str]:
    """Write the past of all these accounts, once; the database's URL."""
    async with clone_database(server, _published) as name:
        url = url_of(postgres, name)
        with Progress(disable=True) as progress:
            await write_past(url, GROWN, progress)
            for number in range(SMALL):
                small = Past(
                    f"small-{number}", 10, 1, NOW - 3 * YEAR, timedelta(minutes=30), 5 * YEAR
                )
                await write_past(url, small, progress)
        await tidy(url)
        yield url


@pytest.fixture
async def database(grown_url: str) -> AsyncIterator[Database]:
    """Open the database with one connection, so that its plans become the general ones."""
    database = Database(grown_url, pool_size=1, clock=lambda: NOW)
    await database.open()
    yield database
    await database.close()


def balance(at: datetime | None = None, sequence: int | None = None) -> Work:
    async def work(db: Db, account_id: str) -> object:
        return await read_balance(
            db, account_id=account_id, at=at, sequence=sequence, catalog=None, site=None
        )

    return work


async def open_and_settle(db: Db, account_id: str) -> object:
    order = TicketOpening(ticket_id="new", subject="Checkout fails").as_order()
    await open_ticket(db, account_id=account_id, order=order, caller=MAYA)
    change = await take_ticket(db, account_id=account_id, ticket_id="new", caller=MAYA)
    return await resolve_ticket(db, change, outcome="solved", amount=None, reason=None)


async def summary(db: Db, account_id: str) -> object:
    return await read_summary(db, account_id=account_id, at=None)


CASES: dict[str, Work] = {
    "summary": summary,
    "balance now": balance(),
    "balance two years ago": balance(at=NOW - 2 * YEAR),
    "balance in a year": balance(at=NOW + YEAR),
    "balance at an old sequence": balance(sequence=9),
    "balance two years ago, as known then": balance(at=NOW - 2 * YEAR, sequence=10),
    "open a ticket and settle it": open_and_settle,
}


async def test_the_past_is_one_that_the_ledger_could_have_written(database: Database) -> None:
    async with database.transaction(read_only=True) as db:
        assert (await verify_ledger(db, account_id="grown")).describe() == []


@on_one_server
@pytest.mark.parametrize("case", list(CASES))
async def test_a_long_past_costs_no_more_rows(database: Database, case: str) -> None:
    small = await count_rows(database, CASES[case], "small-7")
    grown = await count_rows(database, CASES[case], "grown")
    # The lots of a month before and after, at most: with 600 in five years, 10 begin in one.
    assert sum(grown.values()) <= sum(small.values()) + 100, (grown, small)


@on_one_server
@pytest.mark.parametrize("case", list(CASES))
async def test_a_long_past_costs_no_more_pages(database: Database, case: str) -> None:
    small = await count_pages(database, CASES[case], "small-7")
    grown = await count_pages(database, CASES[case], "grown")
    assert grown <= small + 150, (grown, small)


@on_one_server
async def test_a_ticket_left_open_for_years_costs_no_more_rows(database: Database) -> None:
    async with database.transaction() as db:
        db.rollback_only = True
        asked = {"ticket_id": "old", "subject": "For ever", "at": NOW - 5 * YEAR + 150 * STEP}
        order = TicketOpening.model_validate(asked).as_order()
        await open_ticket(db, account_id="grown", order=order, caller=MAYA)
        for at in (NOW, NOW - 2 * YEAR):
            before = await _read_so_far(db)
            view: Any = await balance(at=at)(db, "grown")
            after = await _read_so_far(db)
            assert [lot.held for lot in view.lots if lot.has_ended(at)] == [1]
            assert sum(after.values()) - sum(before.values()) < 200


async def count_rows(database: Database, work: Work, account_id: str) -> dict[str, int]:
    """Count the rows that are read of each table, once the connection knows the statements."""
    for _ in range(8):
        await _do(database, work, account_id)
    async with database.transaction() as db:
        db.rollback_only = True
        before = await _read_so_far(db)
        await work(db, account_id)
        after = await _read_so_far(db)
    return {table: after[table] - before[table] for table in after if after[table] > before[table]}


async def _read_so_far(db: Db) -> dict[str, int]:
    found = await db.connection.fetch(
        "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS read"
        " FROM pg_stat_xact_user_tables"
    )
    return {row["relname"]: row["read"] for row in found}


async def count_pages(database: Database, work: Work, account_id: str) -> int:
    """Count the pages that the work's queries touch."""
    pages = 0
    async with database.transaction() as db:
        db.rollback_only = True
        recorder = _Recorder(db.connection)
        await work(Db(recorder, lambda: NOW, KeptValues(), db.health), account_id)
        for sql, arguments in recorder.queries:
            explained = await db.connection.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *arguments
            )
            plan = explained[0]["Plan"]
            pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


async def _do(database: Database, work: Work, account_id: str) -> None:
    async with database.transaction() as db:
        db.rollback_only = True
        await work(db, account_id)


class _Recorder:
    """A connection that remembers what it was asked to read."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.queries: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.connection, name)

        def run(sql: str, *arguments: Any) -> Any:
            if sql.startswith("SELECT") and "FOR UPDATE" not in sql:
                self.queries.append((sql, arguments))
            return function(sql, *arguments)

        return run
