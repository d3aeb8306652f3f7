"""What ours is compared with in opening a ticket: it writes what ours writes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.db.engine.database import Database
from app.services.ledger.verification import verify_ledger
from bench.floors import create_app
from bench.same_rows import count_rows
from tests.api.conftest import Api

TICKET = {"ticket_id": "HD-1", "subject": "Checkout fails"}


@pytest.fixture
async def floors(
    api: Api, published_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the floors on the service's database, where four accounts have bought; a client."""
    for name in ("surety", "two", "orm", "model"):
        account = await api.make_account(name)
        await api.buy(account, "livecart.express-1y", quantity=10)
        await api.open(account, "before")
    reply = await api.open("/v1/accounts/model")
    replies = tmp_path / "replies.json"
    replies.write_text(json.dumps({"open_ticket": ("POST", json.dumps(reply))}))
    monkeypatch.setenv("BENCH_DATABASE_URL", published_url)
    monkeypatch.setenv("BENCH_REPLIES", str(replies))
    app = create_app()
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://floors.test") as client,
    ):
        yield client


async def test_they_write_the_rows_that_ours_writes(
    api: Api, floors: httpx.AsyncClient, published_url: str
) -> None:
    async def list_written(
        account: str, ask: Callable[[], Awaitable[httpx.Response]]
    ) -> tuple[dict[str, int], dict[str, set[str]]]:
        """Open a ticket; how many rows more each table has, and the new rows' filled columns."""
        before = await count_rows(published_url)
        reply = await ask()
        assert reply.status_code == 201, reply.text
        after = await count_rows(published_url)
        more = {table: after[table] - before[table] for table in after}
        return more, await _list_filled(published_url, account)

    ours, filled = await list_written(
        "surety", lambda: api.post("/v1/accounts/surety/tickets", TICKET)
    )
    assert (ours["tickets"], ours["entries"], ours["events"]) == (1, 1, 3)
    for who in ("two", "orm"):
        path = f"/{who}/open_ticket/{who}"
        written = await list_written(who, lambda path=path: floors.post(path, json=TICKET))  # type: ignore[misc]
        assert written == (ours, filled)


async def test_the_ledger_is_as_true_afterwards(
    floors: httpx.AsyncClient, published_url: str
) -> None:
    for who in ("two", "orm"):
        for number in range(3):
            path = f"/{who}/open_ticket/{who}"
            reply = await floors.post(path, json=TICKET | {"ticket_id": f"HD-{number}"})
            assert reply.status_code == 201, reply.text
    database = Database(published_url, pool_size=1)
    await database.open()
    async with database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
    await database.close()


async def _list_filled(url: str, account_id: str) -> dict[str, set[str]]:
    """Return the columns that are not null in what the ticket has in each table."""
    connection = await asyncpg.connect(url)
    filled = {}
    for table in ("tickets", "entries", "deadlines"):
        rows = await connection.fetch(
            f"SELECT jsonb_object_keys(jsonb_strip_nulls(to_jsonb(one))) FROM {table} one"  # noqa: S608
            " WHERE account_id = $1 AND ticket_id = 'HD-1'",
            account_id,
        )
        filled[table] = {row[0] for row in rows}
    await connection.close()
    return filled
