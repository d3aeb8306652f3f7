"""`surety account repair-clock`: an account that a machine's wrong clock has put in the future."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import cli
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import (  # noqa: F401
    ADMIN_KEY,
    Api,
    Clock,
    _published,
    published_url,
)
from tests.conftest import Connection

A = "/v1/accounts/c-1"
WHY = ("--reason", "NTP was off.", "--actor", "m.ozols")
GRANT = {
    "catalog": "xcart-points",
    "unit": "point",
    "amount": 5,
    "reason": "Goodwill",
    "actor": "m.ozols",
}


@pytest.fixture(autouse=True)
def _settings(published_url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("SURETY_DATABASE_URL", published_url)


@asynccontextmanager
async def serving(url: str, **ahead: float) -> AsyncIterator[Api]:
    """Serve with a clock so far ahead, which nobody compares with the database's."""
    clock = Clock(datetime.now(UTC) + timedelta(**ahead))
    app = create_app(Settings(database_url=url, admin_key=ADMIN_KEY), clock=clock)
    async with app.router.lifespan_context(app):
        yield Api(app)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


async def poison(url: str) -> None:
    """Give points until in 100 days; 400 days ahead give more, of which a ticket takes some."""
    async with serving(url) as api:
        await api.make_account()
        await grant(api, "g-1", expires_at=in_days(100))
    async with serving(url, days=400) as api:
        await grant(api, "g-2", expires_at=in_days(800))
        await api.open(A, catalog="xcart-points", category="other", amount=3)


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def grant(api: Api, reference: str, **more: Any) -> None:
    reply = await api.post(f"{A}/grants", GRANT | {"reference": reference} | more)
    assert reply.status_code == 201, reply.text


async def test_a_poisoned_account_is_brought_back_to_the_present(published_url: str) -> None:  # noqa: F811
    await poison(published_url)
    soon = in_days(0.01)
    async with serving(published_url) as api:
        before = (await api.get(f"{A}/balance")).json()
        assert before["as_of"] > soon
        assert before["units"]["point"]["expired"] == 5
        tried = await run("account", "repair-clock", "c-1", *WHY, "--dry-run")
        assert "2 entries were stamped ahead" in tried.stdout
        assert (await api.get(f"{A}/balance")).json() == before
    done = await run("account", "repair-clock", "c-1", *WHY)
    assert done.exit_code == 0, done.output
    assert "Tickets dated ahead, which stay as they are: HD-1" in done.stdout
    async with serving(published_url) as api:
        after = (await api.get(f"{A}/balance")).json()
        assert (after["as_of"] < soon, after["sequence"]) == (True, 3)
        points = after["units"]["point"]
        assert (points["granted"], points["held"], points["available"]) == (10, 3, 7)
        later = (await api.get(f"{A}/balance", params={"at": soon})).json()
        assert later["units"] == after["units"]
        # It goes on: units are drawn, and a statement adds up.
        await api.open(A, "HD-2", catalog="xcart-points", category="other", amount=7)
        statement = (await api.get(f"{A}/statement")).json()
        assert statement["closing"]["point"]["held"] == 10
        events = (await api.get("/v1/events", params={"account_id": "c-1"})).json()["data"]
        (told,) = [e["data"] for e in events if e["type"] == "account.clock_repaired"]
        assert (told["entries"], told["sequence"]) == (2, 3)
    verified = await run("ledger", "verify")
    assert verified.exit_code == 0, verified.output


async def test_a_repair_is_on_the_record(published_url: str) -> None:  # noqa: F811
    await poison(published_url)
    async with connected(published_url) as database:
        stamped = await database.fetch("SELECT sequence, clock_at FROM entries ORDER BY sequence")
        assert (await run("account", "repair-clock", "c-1", *WHY)).exit_code == 0
        repair = await database.fetchrow("SELECT * FROM clock_repairs")
        assert repair is not None
        stamps = json.loads(repair["stamps"])
        assert [(each["sequence"], each["clock_at"]) for each in stamps] == [
            (each["sequence"], each["clock_at"].isoformat()) for each in stamped[1:]
        ]
        assert (repair["reason"], repair["actor"]) == ("NTP was off.", "m.ozols")
        with pytest.raises(asyncpg.RestrictViolationError, match="clock_repairs is append-only"):
            await database.execute("DELETE FROM clock_repairs")


@pytest.mark.parametrize("sandbox", [False, True])
async def test_a_clock_that_is_right_is_not_repaired(published_url: str, sandbox: bool) -> None:  # noqa: F811
    async with serving(published_url) as api:
        await api.put(A, {"name": "Nordwind", "sandbox": sandbox})
        await grant(api, "g-1")
        if sandbox:
            to = (datetime.now(UTC) + timedelta(days=40)).isoformat()
            assert (await api.post(f"{A}/clock", {"to": to})).status_code == 200
            await grant(api, "g-2")
    refused = await run("account", "repair-clock", "c-1", *WHY)
    assert refused.exit_code == 1
    assert ("its clock is its own" if sandbox else "is not ahead") in str(refused.exception)
    unknown = await run("account", "repair-clock", "c-2", *WHY)
    assert "There is no account 'c-2'" in str(unknown.exception)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET clock_at = now(), effective_at = now(), amount = 6 WHERE sequence = 2",
        "UPDATE entries SET clock_at = now() + interval '1 s' WHERE sequence = 2",
    ],
)
async def test_nothing_else_changes_an_entry(published_url: str, change: str) -> None:  # noqa: F811
    """Not even one of the future: it takes a repair, and then its stamps alone."""
    await poison(published_url)
    async with connected(published_url) as database:
        with pytest.raises(asyncpg.RestrictViolationError, match="entries is append-only"):
            await database.execute(change)
        await database.execute(
            "INSERT INTO clock_repairs VALUES"
            " ('c-1', date_trunc('hour', now()), now() + interval '500 days', '[]', 'none', 'none')"
        )
        with pytest.raises(asyncpg.RestrictViolationError, match="entries is append-only"):
            await database.execute(change.replace("now()", "date_trunc('hour', now())"))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
