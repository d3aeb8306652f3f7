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
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.crash.load import Writer, make_account, read_events, read_points
from tests.crash.service import Service
from tests.support.folders import open_folder

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))
ACCOUNTS = ("c-1", "c-2")
WRITERS_EACH = 3
# Of each story, once.
TOLD_OF_EACH = ("opened", "charged", "revised", "settled", "refunded")


@pytest.fixture
def service() -> Iterator[Service]:
    with open_folder() as folder:
        service = Service(folder)
        service.ensure_running()
        try:
            yield service
        finally:
            service.stop()


async def test_nothing_is_lost_and_nothing_is_there_twice(service: Service) -> None:
    for account_id in ACCOUNTS:
        await make_account(service, account_id)
    writers = {
        account_id: [Writer(service, account_id, f"w{number}") for number in range(WRITERS_EACH)]
        for account_id in ACCOUNTS
    }
    everybody = [writer for several in writers.values() for writer in several]
    for number in range(ROUNDS):
        await crash_once(service, everybody, kill_postgres=number % 2 == 1)
        for account_id, several in writers.items():
            told = sum(writer.told for writer in several)
            points = await read_points(service, account_id)
            # Each story gives 5 points, and uses 4 of which 1 is refunded.
            assert points["granted"] == 5 * told
            assert (points["used"], points["held"], points["available"]) == (3 * told, 0, 2 * told)
            events = await read_events(service, account_id)
            assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
            types = Counter(event["type"] for event in events)
            assert [types[f"ticket.{what}"] for what in TOLD_OF_EACH] == [told] * len(TOLD_OF_EACH)
        said = await asyncio.to_thread(service.verify)
        assert said.endswith("every balance is what its entries add up to.\n")
    assert sum(writer.sent_again for writer in everybody) >= ROUNDS


async def crash_once(service: Service, writers: list[Writer], *, kill_postgres: bool) -> None:
    """Let everybody write, kill what serves them, bring it back, and let them finish."""
    stop = asyncio.Event()
    moment = asyncio.Event()
    countdown = itertools.count(-random.randint(1, 100))

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
