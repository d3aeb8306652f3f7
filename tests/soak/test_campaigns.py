"""Campaigns: workers killed in a loop, an upgrade under load, many events, many tickets.

`make test-campaigns` runs them, and prints their figures. SURETY_TEST_CAMPAIGN sets how large they
are: 1 is their full size. The upgrade begins at the code in SURETY_TEST_OLD_SOURCE, a folder.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.db.engine.database import Database
from app.main import create_app
from app.services.events import events
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api, _published, published_url
from tests.support.folders import open_folder
from tests.support.outage_load import Writer
from tests.support.serve import Service, run, serve
from tests.support.worker import work
from tests.webhooks.receivers import receive

__all__ = ["_published", "published_url"]

pytestmark = pytest.mark.soak

SIZE = float(os.environ.get("SURETY_TEST_CAMPAIGN", "0.02"))
OLD_SOURCE = os.environ.get("SURETY_TEST_OLD_SOURCE")
EVENTS = max(1_000, int(100_000 * SIZE))
TICKETS = max(1_000, int(200_000 * SIZE))
KILLS = max(3, int(100 * SIZE))
UPGRADE_WRITES = max(50, int(1_000 * SIZE))


@pytest.fixture
async def api(published_url: str) -> AsyncIterator[Api]:
    app = create_app(Settings(database_url=published_url, admin_key=ADMIN_KEY, pool_size=4))
    async with app.router.lifespan_context(app):
        yield Api(app)


async def test_one_reader_catches_up_with_many_events(
    api: Api,
    published_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each once, in order for each account, and none passed over."""
    await api.make_account()
    connection = await asyncpg.connect(published_url)
    await connection.execute(
        "INSERT INTO events (account_id, number, event_id, type, at, recorded_at, data, sandbox)"
        " SELECT 'c-' || n % 997, n / 997 + 1, gen_random_uuid(), 'ticket.opened', now(), now(),"
        " '{}', false FROM generate_series(0, $1 - 1) n",
        EVENTS,
    )
    await connection.close()
    database: Database = api.app.state.database
    began = time.monotonic()
    while True:
        async with database.transaction() as db:
            if not await events.sequence_events(db):
                break
    placed_s = time.monotonic() - began
    seen: dict[str, int] = {}
    asked: dict[str, str] = {"limit": "200"}
    count, began, slowest_s = 0, time.monotonic(), 0.0
    while True:
        asked_at = time.monotonic()
        reply = await api.get("/v1/events", params=asked)
        slowest_s = max(slowest_s, time.monotonic() - asked_at)
        assert reply.status_code == 200, reply.text
        page = reply.json()
        assert page.get("missed", 0) == 0
        for each in page["data"]:
            account = each["account_id"]
            assert each["sequence"] == seen.get(account, 0) + 1, each
            seen[account] = each["sequence"]
            count += 1
        if page["next_cursor"] is None or not page["data"]:
            break
        asked["after"] = page["next_cursor"]
    with capsys.disabled():
        took_s = time.monotonic() - began
        print(f"\n{count} events: placed in {placed_s:.1f} s, read in {took_s:.1f} s", end="")
        print(f" ({count / took_s:.0f} a second), the slowest page {slowest_s:.2f} s", end="")
    assert count == EVENTS


async def test_an_account_of_many_tickets_is_answered_as_one_of_few(
    api: Api,
    published_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD", category="bug")
    connection = await asyncpg.connect(published_url)
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'tickets' AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    names = [each["column_name"] for each in columns]
    told = {
        "ticket_id": "ticket_id || '-' || n",
        "opened_at": "opened_at - n * interval '1 second'",
        "resolved_at": "opened_at",
        "status": "CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'resolved' END",
        "outcome": "CASE WHEN n % 1000 = 0 THEN NULL ELSE 'solved' END",
    }
    chosen = ", ".join(told.get(each, each) for each in names)
    await connection.execute(
        f"INSERT INTO tickets ({', '.join(names)}) SELECT {chosen} FROM tickets,"  # noqa: S608
        f" generate_series(1, {TICKETS}) n WHERE ticket_id = 'HD'"
    )
    await connection.execute("ANALYZE")
    await connection.close()
    opening = {"subject": "One more", "catalog": "livecart"}
    taken: dict[str, float] = {}

    async def timed(name: str, method: str, path: str, **options: Any) -> httpx.Response:
        replies: list[httpx.Response] = []
        best = float("inf")
        for number in range(3):
            if name == "open":
                options["json"] = opening | {"ticket_id": f"NEW-{number}"}
            began = time.monotonic()
            replies.append(await api.http.request(method, path, **options))
            best = min(best, time.monotonic() - began)
            assert replies[-1].status_code in (200, 201), replies[-1].text
        taken[name] = best
        return replies[-1]

    await timed("open", "POST", f"{account}/tickets")
    first = await timed("list", "GET", f"{account}/tickets")
    cursor = first.json()["next_cursor"]
    await timed("next page", "GET", f"{account}/tickets", params={"cursor": cursor})
    for name in ("balance", "summary", "statement", "tickets/HD-1", "tickets/HD-1/deadlines"):
        await timed(name, "GET", f"{account}/{name}")
    await timed("coverage", "POST", f"{account}/coverage", json=opening)
    await timed("queue", "GET", "/v1/queue")
    with capsys.disabled():
        shown = ", ".join(f"{name} {each * 1000:.0f} ms" for name, each in taken.items())
        print(f"\n{TICKETS} tickets in one account: {shown}", end="")
    assert max(taken.values()) < 3, taken


async def test_workers_killed_in_a_loop_lose_nothing(
    published_url: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every event reaches the receiver, whoever was killed while it was sent."""
    settings = Settings(
        database_url=published_url, admin_key=ADMIN_KEY, webhook_allowed_networks="127.0.0.0/8"
    )
    app = create_app(settings)
    async with receive() as receiver, app.router.lifespan_context(app):
        api = Api(app)
        assert (await api.post("/v1/webhooks", {"url": receiver.url})).status_code == 201
        account = await api.make_account()
        made = 0
        for _ in range(KILLS):
            with work(published_url, SURETY_WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8") as worker:
                for _each in range(5):
                    await api.put(f"{account}/contacts/u-{made}", {"name": "U", "emails": []})
                    made += 1
                # While it starts, places events, sends them, or waits.
                await asyncio.sleep(random.uniform(0.5, 6))
                worker.process.kill()
        wanted = {f"u-{number}" for number in range(made)}

        def found() -> bool:
            return wanted <= {
                each["data"]["contact_id"]
                for each in receiver.events
                if each["type"] == "contact.changed"
            }

        with work(published_url, SURETY_WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8") as worker:
            await receiver.wait_for(found, seconds=120)
            worker.process.kill()
    ids = [each.headers["webhook-id"] for each in receiver.received]
    with capsys.disabled():
        print(f"\n{KILLS} workers killed: {made} events, {len(ids)} deliveries", end="")


@pytest.mark.skipif(OLD_SOURCE is None, reason="SURETY_TEST_OLD_SOURCE names no folder")
def test_an_upgrade_under_load_loses_nothing(
    blank_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The older version serves, the newer one migrates, and the older one refuses from then on."""
    assert OLD_SOURCE is not None
    settings = {"SURETY_DATABASE_URL": blank_database_url, "SURETY_ADMIN_KEY": ADMIN_KEY}
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        old = stack.enter_context(serve_old(folder, Path(OLD_SOURCE), settings))
        writers = [stack.enter_context(_writing(old.url, f"c-{number}")) for number in range(4)]
        _wait_for_answers(writers, UPGRADE_WRITES)
        began = time.monotonic()
        migrated = run(folder, "migrate", **settings)
        took_s = time.monotonic() - began
        assert migrated.returncode == 0, migrated.stdout + migrated.stderr
        ready = httpx.get(f"{old.url}/readyz", timeout=60)
        assert (ready.status_code, ready.json()["code"]) == (503, "not_migrated")
        new = stack.enter_context(serve(folder, **settings))
        assert httpx.get(f"{new.url}/readyz", timeout=60).status_code == 200
        others = [stack.enter_context(_writing(new.url, f"n-{number}")) for number in range(4)]
        # Both serve the one database: what the older one still answers is true.
        _wait_for_answers(others, UPGRADE_WRITES)
        for each in (*writers, *others):
            each.stop()
        statuses = {each.status for each in others[0].answers}
        lost: list[str] = []
        for number, each in enumerate(writers):
            lost += _find_lost(new.url, f"c-{number}", each.acknowledged)
        for each in others:
            lost += each.find_lost()
        acknowledged = sum(len(each.acknowledged) for each in writers)
        last = dict.fromkeys(sorted({a.status for w in writers for a in w.answers}), 0)
        for writer in writers:
            for answer in writer.answers:
                last[answer.status] += 1
        verified = run(folder, "ledger", "verify", **settings)
        slowest_s = max(each.took_s for writer in writers for each in writer.answers)
        with capsys.disabled():
            print(f"\nMigrated in {took_s:.1f} s beside {acknowledged} writes of the older", end="")
            print(f" version ({last}); {sum(len(w.acknowledged) for w in others)} writes", end="")
            print(
                f" of the newer ({statuses}); lost: {lost}; the slowest {slowest_s:.1f} s", end=""
            )
        assert lost == []
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert slowest_s < 10


@contextmanager
def serve_old(folder: Path, source: Path, settings: dict[str, str]) -> Iterator[Service]:
    """Run the older version, whose code is in a folder.

    It does not log what fails there, for nobody reads it: a full pipe would stop it.
    """
    older = {"PYTHONPATH": str(source), "SURETY_LOG_LEVEL": "critical"}
    with serve(folder, **settings | older) as service:
        yield service


@contextmanager
def _writing(url: str, account_id: str) -> Iterator[Writer]:
    writer = Writer(url, ADMIN_KEY, account_id)
    writer.start()
    try:
        yield writer
    finally:
        writer.close()


def _wait_for_answers(writers: list[Writer], count: int) -> None:
    for number in range(50, count + 50, 50):
        for writer in writers:
            writer.wait_for_answers(number)


def _find_lost(url: str, account_id: str, references: list[str]) -> list[str]:
    """Ask the newer version for what the older one had acknowledged."""
    asks = Writer(url, ADMIN_KEY, account_id)
    try:
        return [each for each in references if asks._grant(each) != 200]
    finally:
        asks.close()
