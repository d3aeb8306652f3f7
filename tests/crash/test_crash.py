"""`kill -9` under load: every acknowledged write is there, nothing is there twice.

A few rounds every day, hundreds by `make test-crash`. The server, or its Postgres, is killed at a
random moment; every writer sends again what was not answered, with the same ids and keys, until
its ticket's story is told to the end. Then the totals are those of the stories told, and the
ledger is verified.
"""

import asyncio
import itertools
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import _published, published_url  # noqa: F401
from tests.crash.load import Writer, make_account, read_events, read_points
from tests.crash.service import ADMIN_KEY, Service
from tests.crash.starts import Starts
from tests.support.folders import open_folder
from tests.wire.proxy import database_wire

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
ACCOUNTS = ("c-1", "c-2")
WRITERS_EACH = 3
VERIFIED_EVERY = 5
# Of each story, once.
TOLD_OF_EACH = ("opened", "charged", "revised", "settled", "refunded")


@pytest.fixture
def service() -> Iterator[Service]:
    starts = Starts()
    try:
        with open_folder() as folder:
            service = Service(folder, starts)
            service.ensure_running()
            try:
                yield service
            finally:
                service.stop()
    finally:
        starts.close()


async def test_nothing_is_lost_and_nothing_is_there_twice(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    for account_id in ACCOUNTS:
        await make_account(service, account_id)
    writers = {
        account_id: [Writer(service, account_id, f"w{number}") for number in range(WRITERS_EACH)]
        for account_id in ACCOUNTS
    }
    everybody = [writer for several in writers.values() for writer in several]
    types = {account_id: Counter[str]() for account_id in ACCOUNTS}
    for number in range(ROUNDS):
        await crash_once(service, everybody, kill_postgres=number % 2 == 1)
        for account_id, several in writers.items():
            told = sum(writer.told for writer in several)
            points = await read_points(service, account_id)
            # Each story gives 5 points, and uses 4 of which 1 is refunded.
            assert points["granted"] == 5 * told
            assert (points["used"], points["held"], points["available"]) == (3 * told, 0, 2 * told)
            counted = types[account_id]
            await count_events(service, account_id, counted)
            assert {counted[f"ticket.{what}"] for what in TOLD_OF_EACH} == {told}
        if number % VERIFIED_EVERY == 0 or number == ROUNDS - 1:
            said = await asyncio.to_thread(service.verify)
            assert said.endswith("every balance is what its entries add up to.\n")
    assert sum(writer.sent_again for writer in everybody) >= ROUNDS
    for account_id, counted in types.items():
        again = Counter[str]()
        await count_events(service, account_id, again)
        assert again == counted
    with capsys.disabled():
        stories = sum(writer.told for writer in everybody)
        again_count = sum(writer.sent_again for writer in everybody)
        print(f"\n{ROUNDS} kills: {stories} stories, {again_count} requests sent again", end="")


async def count_events(service: Service, account_id: str, counted: Counter[str]) -> None:
    """Count those that came since, whose sequence goes on where it was."""
    begin = counted.total()
    events = await read_events(service, account_id, begin)
    sequences = [event["sequence"] for event in events]
    assert sequences == list(range(begin + 1, begin + len(events) + 1))
    counted.update(event["type"] for event in events)


async def crash_once(service: Service, writers: list[Writer], *, kill_postgres: bool) -> None:
    """Let everybody write, kill what serves them, bring it back, and let them finish."""
    stop = asyncio.Event()
    moment = asyncio.Event()
    countdown = itertools.count(-random.randint(1, 40))

    def hear_answer() -> None:
        if next(countdown) == 0:
            moment.set()

    writing = [asyncio.create_task(each.run_stories(stop, hear_answer)) for each in writers]
    await moment.wait()
    await asyncio.sleep(random.random() / 20)
    if kill_postgres:
        service.kill_postgres()
    else:
        service.kill_server()
    await asyncio.to_thread(service.ensure_running)
    stop.set()
    await asyncio.gather(*writing)


# How each of two writes of a ticket is answered when it is sent again.
OPENING = {"subject": "Load", "catalog": "xcart-points", "category": "other", "amount": 3}
WRITES: tuple[tuple[str, dict[str, object]], ...] = (
    ("tickets", OPENING | {"ticket_id": "HD-1"}),
    ("tickets/HD-1/resolution", {"outcome": "solved"}),
)


async def test_killed_between_sending_and_hearing_of_the_statement(published_url: str) -> None:  # noqa: F811
    """It was done, and nobody heard of it: sent again it is the reply that nobody got."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-")))
        url, wire = await stack.enter_async_context(database_wire(published_url, folder))
        starts = Starts()
        stack.callback(starts.close)
        service = Service(folder, starts, SURETY_DATABASE_URL=url, SURETY_OPTIMISTIC_WRITES="true")
        # Beside the loop, which serves its wire.
        stack.push_async_callback(asyncio.to_thread, service.stop)
        wire.at_done = service.kill_server
        await asyncio.to_thread(service.ensure_running)
        await make_account(service, "c-1")
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        http = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=20))
        path = "/v1/accounts/c-1"
        given = {"reference": "G", "catalog": "xcart-points", "unit": "point", "amount": 9}
        why = {"reason": "Load", "actor": "Maria"}
        assert (await http.post(f"{service.url}{path}/grants", json=given | why)).status_code == 201
        for place, body in WRITES:
            key = {"Idempotency-Key": place}
            wire.after = b"guard_0 AS (UPDATE accounts"
            with pytest.raises(httpx.TransportError):
                await http.post(f"{service.url}{path}/{place}", json=body, headers=key)
            wire.after = b""
            await asyncio.to_thread(service.ensure_running)
            again = await http.post(f"{service.url}{path}/{place}", json=body, headers=key)
            assert again.headers["Idempotent-Replayed"] == "true", again.text
        points = await read_points(service, "c-1")
        assert (points["used"], points["held"], points["available"]) == (3, 0, 6)
        events = await read_events(service, "c-1", after=0)
        types = Counter(event["type"] for event in events)
        assert (types["ticket.opened"], types["ticket.settled"]) == (1, 1)
