"""Receivers of every kind at once, under load, while workers are killed and others take over."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from app.db.engine.clocks import read_clock
from tests.api.conftest import Clock
from tests.webhooks.conftest import Desk
from tests.webhooks.receivers import BROKEN, GONE, NOTHING, OK, Receiver, receive, redirect_to

WORKER = (sys.executable, "-c", "from app.cli import main; main()", "worker")
ACCOUNTS = ("c-1", "c-2", "c-3", "c-4", "c-5")
TICKETS = 16


class PresentClock(Clock):
    """The clock that the workers have too."""

    def __init__(self) -> None:
        super().__init__(read_clock())

    def __call__(self) -> Any:
        return read_clock()


@pytest.fixture
def clock() -> Clock:
    return PresentClock()


@dataclass
class Zoo:
    """The receivers, and the webhooks that lead to them."""

    in_order: Receiver
    at_once: Receiver
    broken: Receiver
    hanging: Receiver
    gone: Receiver
    turning: Receiver
    forbidden: Receiver
    webhooks: dict[str, dict[str, Any]]


@pytest.fixture
async def zoo(desk: Desk) -> AsyncIterator[Zoo]:
    async with AsyncExitStack() as running:

        async def start(answer: bytes, host: str = "127.0.0.1") -> Receiver:
            return await running.enter_async_context(receive(answer, host=host))

        # The workers may not reach it, although the service took its address.
        forbidden = await start(OK, host="127.0.0.9")
        forbidden_url = f"http://127.0.0.9:{forbidden.port}/"
        made = Zoo(
            in_order=await start(OK),
            at_once=await start(OK),
            broken=await start(BROKEN),
            hanging=await start(NOTHING),
            gone=await start(GONE),
            turning=await start(redirect_to(forbidden_url)),
            forbidden=forbidden,
            webhooks={},
        )
        for name in ("in_order", "at_once", "broken", "hanging", "gone", "turning"):
            made.webhooks[name] = await desk.make_webhook(
                getattr(made, name).url, types=["ticket.*"], ordered=name == "in_order"
            )
        made.webhooks["forbidden"] = await desk.make_webhook(forbidden_url)
        yield made


@contextmanager
def work(url: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        WORKER,
        env=os.environ
        | {
            "SURETY_DATABASE_URL": url,
            "SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32",
            "SURETY_WEBHOOK_TIMEOUT_S": "1",
            "SURETY_LOG_LEVEL": "error",
        },
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_the_good_ones_get_everything_whoever_fails_and_whatever_is_killed(
    desk: Desk, zoo: Zoo, published_url: str
) -> None:
    for account_id in ACCOUNTS:
        account = await desk.api.make_account(account_id)
        await desk.api.buy(account, "livecart.standard-1m")
    load = asyncio.create_task(_open_tickets(desk, range(TICKETS)))
    with work(published_url) as first, work(published_url) as second:
        await zoo.at_once.wait_for(lambda: len(zoo.at_once.received) >= 10, seconds=60)
        first.kill()
        await _take_all_for_dead(desk)
        await zoo.in_order.wait_for(lambda: len(zoo.in_order.received) >= 40, seconds=60)
        second.kill()
    with work(published_url), work(published_url) as third:
        # Also a worker that lives is taken for dead: what it is at, nobody else is given.
        await _take_all_for_dead(desk)
        await load
        load = asyncio.create_task(_open_tickets(desk, range(TICKETS, 2 * TICKETS)))
        await zoo.in_order.wait_for(lambda: len(zoo.in_order.received) >= 150, seconds=60)
        third.kill()
        await _take_all_for_dead(desk)
        await load
        told = await _read_events(desk)
        for good in (zoo.in_order, zoo.at_once):
            await good.wait_for(partial(_has_all, good, told), seconds=90)
        await _settle(desk, zoo)
    for name, good in (("in_order", zoo.in_order), ("at_once", zoo.at_once)):
        secret = zoo.webhooks[name]["secret"]
        assert {each.verify(secret)["id"]: each.event for each in good.received} == told
        await _check_repeats(desk, zoo.webhooks[name], good)
    for account_id in ACCOUNTS:
        came = [e["sequence"] for e in zoo.in_order.events if e["account_id"] == account_id]
        assert came == sorted(came)
    assert zoo.forbidden.connections == 0
    await _check_failures(desk, zoo)


async def _open_tickets(desk: Desk, numbers: range) -> None:
    """Have every customer ask about many things, one after the other, all at the same time."""

    async def ask(account: str) -> None:
        for number in numbers:
            await desk.api.open(account, f"HD-{number}")
            await desk.api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})

    await asyncio.gather(*(ask(f"/v1/accounts/{account_id}") for account_id in ACCOUNTS))


async def _take_all_for_dead(desk: Desk) -> None:
    """Let the jobs of every worker look as they do 15 seconds after its last sign of life."""
    async with desk.database.connection() as connection:
        await connection.execute(
            "UPDATE jobs.pgqueuer SET heartbeat = heartbeat - interval '1 minute'"
        )


async def _read_events(desk: Desk) -> dict[str, dict[str, Any]]:
    """Read what there was to tell of tickets, by the events' ids."""
    found: dict[str, dict[str, Any]] = {}
    after: str | None = None
    while True:
        asked = {"limit": 200} | ({} if after is None else {"after": after})
        page = (await desk.api.get("/v1/events", params=asked)).json()
        found |= {each["id"]: each for each in page["data"] if each["type"].startswith("ticket.")}
        if page["next_cursor"] is None:
            return found
        after = page["next_cursor"]


def _has_all(receiver: Receiver, told: dict[str, dict[str, Any]]) -> bool:
    return {each.headers["webhook-id"] for each in receiver.received} >= set(told)


async def _settle(desk: Desk, zoo: Zoo) -> None:
    """Wait until what the good ones got is written down too."""
    async with asyncio.timeout(30):
        for name in ("in_order", "at_once"):
            webhook = zoo.webhooks[name]
            while await desk.read_deliveries(webhook, status="pending"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def _read_all(desk: Desk, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    path, cursor = f"/v1/webhooks/{webhook['id']}/deliveries", None
    found: list[dict[str, Any]] = []
    while True:
        asked = {"limit": 200} | ({} if cursor is None else {"cursor": cursor})
        page = (await desk.api.get(path, params=asked)).json()
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def _check_repeats(desk: Desk, webhook: dict[str, Any], good: Receiver) -> None:
    """Only what a killed worker had under way came twice; and each event is one delivery."""
    made = await _read_all(desk, webhook)
    assert len({each["event_id"] for each in made}) == len(made)
    assert {each["status"] for each in made} == {"delivered"}
    cut_off = {
        each["event_id"]
        for each in made
        if any(attempt["result"] == "interrupted" for attempt in each["attempts"])
    }
    came = [each.headers["webhook-id"] for each in good.received]
    assert {id_ for id_ in came if came.count(id_) > 1} <= cut_off


async def _check_failures(desk: Desk, zoo: Zoo) -> None:
    results: dict[str, set[str]] = {}
    for name, webhook in zoo.webhooks.items():
        attempts = [
            attempt for each in await _read_all(desk, webhook) for attempt in each["attempts"]
        ]
        results[name] = {each["result"] for each in attempts} - {None, "interrupted"}
    assert results == {
        "in_order": {"delivered"},
        "at_once": {"delivered"},
        "broken": {"http_error"},
        "hanging": {"timed_out"},
        "gone": {"gone"},
        "turning": {"redirect_refused"},
        "forbidden": {"address_refused"},
    }
    assert (await desk.read_webhook(zoo.webhooks["gone"]))["disabled_reason"] == "gone"
