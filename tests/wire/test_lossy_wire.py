"""Every acknowledged write is there once, and every retry answers as it should, on a lossy wire.

Connections are cut at every step of what is sent, in each way that a connection ends: before it
is sent, halfway, after it was done and before that was heard, halfway through the answer.
`make test-wire` cuts at random besides, for longer.
"""

import asyncio
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.db.engine.database import Database
from app.main import create_app
from app.services.ledger import verification
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY
from tests.wire.proxy import CUTS, Cut, Wire, client_wire, database_wire

LONG = "SURETY_TEST_WIRE_SECONDS" in os.environ
SECONDS = float(os.environ.get("SURETY_TEST_WIRE_SECONDS", "3"))
MOST_TRIES = 200
A = "/v1/accounts/c-1"
WHY = {"reason": "Goodwill", "actor": "m.ozols"}
GRANT = {"catalog": "xcart-points", "unit": "point", "amount": 5} | WHY
OPENING = {"subject": "Checkout fails", "catalog": "xcart-points", "category": "other", "amount": 3}


@dataclass(slots=True)
class Story:
    """One kind of write: how it is sent, and what a retry after it was done is answered."""

    path: Callable[[int], str]
    body: Callable[[int], dict[str, Any]]
    repeated: int
    keyed: bool = False
    # What has to be there before it.
    before: tuple[str, ...] = ()


STORIES = {
    "grant": Story(lambda _: "grants", lambda n: GRANT | {"reference": f"g-{n}"}, 200),
    "sale": Story(
        lambda _: "purchases",
        lambda n: {
            "order_id": f"SO-{n}",
            "offer": "xcart-points.60",
            "payment": {"status": "paid", "reference": f"P-{n}"},
        },
        200,
    ),
    "opening": Story(lambda _: "tickets", lambda n: OPENING | {"ticket_id": f"HD-{n}"}, 200),
    "opening by key": Story(
        lambda _: "tickets", lambda n: OPENING | {"ticket_id": f"HD-{n}"}, 201, keyed=True
    ),
    "revision": Story(
        lambda n: f"tickets/HD-{n}/charge/revision",
        lambda n: {"amount": 4, "reason": "It grows", "reference": f"r-{n}"},
        200,
        before=("opening",),
    ),
    "resolution": Story(
        lambda n: f"tickets/HD-{n}/resolution",
        lambda _: {"outcome": "solved"},
        200,
        keyed=True,
        before=("opening",),
    ),
    "refund": Story(
        lambda n: f"tickets/HD-{n}/refund",
        lambda n: WHY | {"amount": 1, "reference": f"f-{n}"},
        200,
        before=("opening", "resolution"),
    ),
}


@dataclass(slots=True)
class Caller:
    """A client that sends a write again until it is answered, as every client should."""

    http: httpx.AsyncClient
    sent: int = 0
    statuses: list[int | None] = field(default_factory=list)

    async def send(self, name: str, number: int) -> httpx.Response:
        """Send one write until it is answered; each unanswered one is a None of the statuses."""
        story, self.statuses = STORIES[name], []
        headers = {"Idempotency-Key": f"{name} {number}"} if story.keyed else {}
        while len(self.statuses) < MOST_TRIES:
            try:
                reply = await self.http.post(
                    f"{A}/{story.path(number)}", json=story.body(number), headers=headers
                )
            except httpx.TransportError:
                self.statuses.append(None)
                continue
            self.statuses.append(reply.status_code)
            if reply.status_code != 503:
                return reply
            assert reply.json()["retryable"], reply.text
            await asyncio.sleep(0.01)
        raise AssertionError(f"{name} {number} was not answered: {self.statuses}")


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[str]:
    """Run the service in a thread, while the wires are served here; its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


@dataclass(slots=True)
class Served:
    """A service between two wires, and a caller of it."""

    caller: Caller
    database: Wire
    client: Wire


@dataclass(frozen=True, slots=True)
class Way:
    """Whether writes are decided without a lock, and over how many connections.

    Of four connections an account's requests have one, so that the steps follow each other.
    """

    optimistic: bool
    connections: int = 4

    def __str__(self) -> str:
        return f"{'compared' if self.optimistic else 'locked'} {self.connections}"


COMPARED, LOCKED, CROWDED = Way(optimistic=True), Way(optimistic=False), Way(True, connections=16)


@pytest.fixture(params=[COMPARED], ids=str)
async def served(published_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """Serve over a wire to the database, and another to the client; nothing is cut yet."""
    way: Way = request.param
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-"))
        url, database = await stack.enter_async_context(database_wire(published_url, Path(folder)))
        settings = Settings(
            database_url=url,
            admin_key=ADMIN_KEY,
            pool_size=way.connections,
            optimistic_writes=way.optimistic,
        )
        app = create_app(settings)
        address = await stack.enter_async_context(running(app))
        address, client = await stack.enter_async_context(client_wire(address))
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=address, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=20
            )
        )
        made = await http.put(A, json={"name": "Nordwind"})
        assert made.status_code == 201, made.text
        stocked = await http.post(
            f"{A}/grants", json=GRANT | {"amount": 1_000_000, "reference": "g"}
        )
        assert stocked.status_code == 201, stocked.text
        yield Served(Caller(http), database, client)


async def read_points(caller: Caller) -> dict[str, Any]:
    reply = await caller.http.get(f"{A}/balance")
    assert reply.status_code == 200, reply.text
    points: dict[str, Any] = reply.json()["units"]["point"]
    return points | {"sequence": reply.json()["sequence"]}


# Every kind of write over each wire, or a few of them every day.
EVERY = [
    (between, name, way)
    for between in ("database", "client")
    for name in STORIES
    for way in (COMPARED, LOCKED)
]
FEW = [
    ("database", "grant", COMPARED),
    ("database", "opening by key", COMPARED),
    ("database", "resolution", COMPARED),
    ("database", "resolution", LOCKED),
    ("client", "sale", COMPARED),
]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("between", "name", "served"), EVERY if LONG else FEW, indirect=["served"])
async def test_a_write_cut_at_any_step_happens_once(
    served: Served, published_url: str, between: str, name: str, cut: Cut
) -> None:
    caller = served.caller
    wire: Wire = getattr(served, between)
    story, step = STORIES[name], 0
    # What one such write does to the account when nothing is cut; the first warms everything.
    before = after = await read_points(caller)
    for number in (1_001, 1_002):
        for each in story.before:
            await caller.send(each, number)
        before = await read_points(caller)
        assert (await caller.send(name, number)).status_code in (200, 201)
        after = await read_points(caller)
    once = {key: after[key] - before[key] for key in after if key != "unlimited"}
    while True:
        for each in story.before:
            await caller.send(each, step)
        before = await read_points(caller)
        wire.arm(step, cut)
        done = await caller.send(name, step)
        was_cut = wire.disarm()
        assert done.status_code in (200, 201), (step, caller.statuses, done.text)
        if was_cut and between == "client":
            assert None in caller.statuses, (step, caller.statuses)
        after = await read_points(caller)
        told = {key: after[key] - before[key] for key in once}
        assert told == once, (step, caller.statuses)
        again = await caller.send(name, step)
        assert again.status_code == story.repeated, (step, again.text)
        assert story.keyed == ("Idempotent-Replayed" in again.headers)
        assert await read_points(caller) == after
        if not was_cut:
            break
        step += 1
    # What is read, and the one statement that writes.
    assert step >= (2 if between == "database" else 1)
    await verify(published_url)


@pytest.mark.parametrize("cut", CUTS if LONG else CUTS[-1:])
async def test_a_sandbox_whose_clock_is_cut_off_on_its_way_has_all_of_it_once(
    served: Served, published_url: str, cut: Cut
) -> None:
    """As it would be if the service were killed during an advance: nothing of it, or all."""
    http, step = served.caller.http, 0
    expected: list[str] = []
    while True:
        path = f"/v1/accounts/s-{step}"
        made = await http.put(path, json={"name": "Nordwind", "sandbox": True})
        began = datetime.fromisoformat(made.json()["clock"])
        order = {"order_id": "SO-1", "offer": "livecart.express-1y"}
        await http.post(f"{path}/purchases", json=order | {"payment": {"status": "paid"}})
        await http.post(f"{path}/tickets", json={"ticket_id": "HD-1", "subject": "It fails"})
        to = {"to": (began + timedelta(days=334)).isoformat()}
        if expected:
            served.database.arm(step - 1, cut)
        reply = await http.post(f"{path}/clock", json=to)
        while reply.status_code == 503:  # cut off: it may be done, or nothing of it is
            assert reply.json()["retryable"]
            reply = await http.post(f"{path}/clock", json=to)
        was_cut = served.database.disarm()
        assert reply.status_code == 200, reply.text
        events = (await http.get("/v1/events", params={"account_id": path[13:]})).json()["data"]
        told = [each["type"] for each in events if each["type"].startswith("deadline.")]
        if not expected:
            expected = told
            assert expected == ["deadline.at_risk", "deadline.breached"]
        elif not was_cut:
            break
        assert told == expected, step
        clock = (await http.get(path)).json()["clock"]
        assert datetime.fromisoformat(clock) == began + timedelta(days=334)
        step += 1
    assert step >= 5
    await verify(published_url)


@pytest.mark.parametrize("served", [COMPARED, LOCKED, CROWDED], indirect=True, ids=str)
async def test_many_writers_on_wires_cut_at_random(served: Served, published_url: str) -> None:
    """Both wires at once, slow besides; as long as SURETY_TEST_WIRE_SECONDS says."""
    seed = Random().randrange(2**32) if LONG else 1
    before = await read_points(served.caller)
    for number, wire in enumerate((served.database, served.client)):
        wire.random, wire.one_in, wire.delay_s = Random(seed + number), 25, 0.005
    ends_at = time.monotonic() + SECONDS
    numbers = iter(range(1_000_000))
    told = [0]

    async def write() -> None:
        caller = Caller(served.caller.http)
        while time.monotonic() < ends_at:
            number = next(numbers)
            for name in ("grant", "opening by key", "revision", "resolution", "refund"):
                reply = await caller.send(name, number)
                assert reply.status_code in (200, 201), (seed, name, reply.text)
            told[0] += 1

    await asyncio.gather(*(write() for _ in range(4)))
    cuts = served.database.cuts, served.client.cuts
    for wire in (served.database, served.client):
        wire.disarm()
        wire.delay_s = 0.0
    print(f"{told[0]} stories of five writes, {cuts[0]} and {cuts[1]} cuts, seed {seed}")
    after = await read_points(served.caller)
    assert told[0] > 0
    assert min(cuts) > 0
    assert after["granted"] - before["granted"] == 5 * told[0]
    assert (after["held"], after["used"] - before["used"]) == (0, 3 * told[0])
    await verify(published_url)


@pytest.mark.parametrize("served", [CROWDED], indirect=True, ids=str)
async def test_openings_behind_each_other_on_wires_cut_at_random(
    served: Served, published_url: str
) -> None:
    """Each decides by what the one before was going to leave, which may have been cut off."""
    seed = Random().randrange(2**32) if LONG else 1
    served.database.random, served.database.one_in = Random(seed), 12
    ends_at = time.monotonic() + SECONDS
    numbers = iter(range(1_000_000))
    opened: set[int] = set()

    async def write(name: str) -> None:
        caller = Caller(served.caller.http)
        while time.monotonic() < ends_at:
            number = next(numbers)
            reply = await caller.send(name, number)
            assert reply.status_code in (200, 201), (seed, name, reply.text)
            assert reply.json()["charge"]["amount"] == 3
            opened.add(number)

    await asyncio.gather(*(write(each) for each in ("opening", "opening by key") * 4))
    cuts = served.database.cuts
    served.database.disarm()
    print(f"{len(opened)} openings, {cuts} cuts, seed {seed}")
    assert opened
    assert cuts
    after = await read_points(served.caller)
    assert (after["held"], after["used"]) == (3 * len(opened), 0)
    await verify(published_url)


async def verify(url: str) -> None:
    """Verify the ledger over a wire of its own, which nobody cuts."""
    database = Database(url, pool_size=1)
    await database.open()
    try:
        async with database.transaction(read_only=True) as db:
            found = await verification.verify_ledger(db)
    finally:
        await database.close()
    assert found.is_clean, found.describe()
