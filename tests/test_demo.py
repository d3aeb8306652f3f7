"""`surety demo`: a year of five sellers' customers, told once, however often it is run."""

import os
import subprocess
import sys

import asyncpg


def surety(database_url: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**os.environ, "SURETY_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def count(database_url: str) -> dict[str, int]:
    connection = await asyncpg.connect(database_url)
    try:
        return {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
            for table in ("accounts", "entries", "tickets", "ticket_events", "events", "deadlines")
        }
    finally:
        await connection.close()


async def test_a_year_is_told_once(database_url: str) -> None:
    assert "10 customers of five sellers" in surety(database_url, "demo")
    told = await count(database_url)
    assert told["tickets"] > 80
    assert told["events"] > told["tickets"]
    assert "nothing was added" in surety(database_url, "demo")
    assert await count(database_url) == told
    connection = await asyncpg.connect(database_url)
    sellers = await connection.fetchval("SELECT count(DISTINCT catalog) FROM tickets")
    real = await connection.fetchval("SELECT count(*) FROM accounts WHERE sandbox_at IS NULL")
    valid = await connection.fetchval("SELECT count(*) FROM api_keys WHERE revoked_at IS NULL")
    lapsed = await connection.fetchval(
        "SELECT count(*) FROM events WHERE type IN ('deadline.breached', 'deadline.missed')"
    )
    await connection.close()
    assert (sellers, real, valid) == (5, 1, 0)  # the one real account has no customer
    assert lapsed > 0
    assert "Verified" in surety(database_url, "ledger", "verify")
