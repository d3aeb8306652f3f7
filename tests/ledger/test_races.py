"""What happens when much is asked at once: of one process, and of two on one database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from app.db.engine.clocks import Clock as ReadClock
from app.db.engine.clocks import read_clock
from app.main import create_app
from app.services.ledger.verification import verify_ledger
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, Api
from tests.ledger.hands import available, grant

CONNECTIONS = 20


@pytest.fixture
async def two(published_url: str) -> AsyncIterator[tuple[Api, Api]]:
    """Run two processes' worth of the service, by the real clock; verify the ledger in the end."""
    async with AsyncExitStack() as stack:
        first, second = [await _serve(stack, published_url, read_clock) for _ in range(2)]
        yield first, second
        async with first.app.state.database.transaction(read_only=True) as db:
            assert (await verify_ledger(db)).describe() == []


@pytest.fixture
def one(two: tuple[Api, Api]) -> Api:
    return two[0]


async def _serve(stack: AsyncExitStack, url: str, clock: ReadClock) -> Api:
    app = create_app(
        Settings(database_url=url, admin_key=ADMIN_KEY, pool_size=CONNECTIONS), clock=clock
    )
    await stack.enter_async_context(app.router.lifespan_context(app))
    client = Api(app)
    stack.push_async_callback(client.http.aclose)
    return client


async def at_once(requests: Iterable[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """Send everything at once, over as many connections as there are; the replies in order."""
    free = asyncio.Semaphore(CONNECTIONS)

    async def send(request: Awaitable[httpx.Response]) -> httpx.Response:
        async with free:
            return await request

    return await asyncio.gather(*(send(request) for request in requests))


def statuses(replies: Iterable[httpx.Response]) -> Counter[int]:
    return Counter(reply.status_code for reply in replies)


def ticket(ticket_id: str, amount: int = 1) -> dict[str, Any]:
    """Ask for a ticket of so many points."""
    return {
        "ticket_id": ticket_id,
        "subject": "All at once",
        "catalog": "shop",
        "plan": "wide",
        "category": "work",
        "amount": amount,
    }


async def test_two_tickets_at_once_on_the_last_incident(two: tuple[Api, Api]) -> None:
    one, other = two
    account = await one.make_account()
    await one.buy(account, "xcart-support.incident-normal")
    asked = {"subject": "Checkout fails", "plan": "incident-normal"}
    replies = await at_once(
        api.post(f"{account}/tickets", asked | {"ticket_id": f"HD-{number}"})
        for number, api in enumerate((one, other))
    )
    assert statuses(replies) == {201: 1, 402: 1}
    (refused,) = (reply.json() for reply in replies if reply.status_code == 402)
    assert (refused["code"], refused["shortfall"]) == ("insufficient_units", 1)
    assert [offer["offer"] for offer in refused["offers"]] == ["xcart-support.incident-normal"]
    assert [line["code"] for line in refused["trace"]] == ["exhausted"]


async def test_six_holds_of_1000_on_5000_are_five(one: Api) -> None:
    account = await one.make_account()
    await grant(one, account, 5000, None)
    replies = await at_once(
        one.post(f"{account}/tickets", ticket(f"HD-{number}", 1000)) for number in range(6)
    )
    assert statuses(replies) == {201: 5, 402: 1}
    units = await one.units(account, "point")
    assert (units["held"], units["available"]) == (5000, 0)


async def test_of_two_resolutions_at_once_one_wins(two: tuple[Api, Api]) -> None:
    """Law 4: a charge is settled or returned, never both."""
    one, other = two
    account = await one.make_account()
    await grant(one, account, 150, None)
    for number in range(10):
        await one.open(account, **ticket(f"HD-{number}", 8))
        path = f"{account}/tickets/HD-{number}/resolution"
        replies = await at_once(
            (
                one.post(path, {"outcome": "solved"}),
                other.post(path, {"outcome": "vendor_defect"}),
            )
        )
        assert statuses(replies) == {200: 1, 409: 1}
        settled = replies[0].status_code == 200
        charge = (await one.get(f"{account}/tickets/HD-{number}")).json()["charge"]
        assert charge["status"] == ("settled" if settled else "returned")
        assert (charge["held"], charge["used"]) == (0, 8 if settled else 0)
    units = await one.units(account, "point")
    assert units["available"] + units["used"] == 150


async def test_a_hundred_retries_of_one_purchase_are_one_purchase(two: tuple[Api, Api]) -> None:
    account = await two[0].make_account()
    order = {"order_id": "SO-1", "offer": "shop.wide-30d", "payment": {"status": "paid"}}
    replies = await at_once(
        two[number % 2].post(f"{account}/purchases", order) for number in range(100)
    )
    assert statuses(replies) == {201: 1, 200: 99}
    assert len({reply.json()["lots"][0]["id"] for reply in replies}) == 1
    assert await available(two[0], account) == [10]


async def test_one_key_at_once_has_one_effect(two: tuple[Api, Api]) -> None:
    account = await two[0].make_account()
    await grant(two[0], account, 100, None)
    await two[0].open(account, **ticket("HD-1", 10))
    for action, body in (
        ("charge/revision", {"amount": 20, "reason": "it grows"}),
        ("resolution", {"outcome": "solved"}),
        ("refund", {"amount": 5, "reason": "sorry", "actor": "Maria"}),
    ):
        before = (await two[0].get(f"{account}/balance")).json()["sequence"]
        replies = await at_once(
            two[number % 2].post(
                f"{account}/tickets/HD-1/{action}", body, headers={"Idempotency-Key": action}
            )
            for number in range(30)
        )
        assert statuses(replies) == {200: 30}
        assert len({reply.content for reply in replies}) == 1
        after = (await two[0].get(f"{account}/balance")).json()["sequence"]
        assert after == before + 1
    assert await available(two[0], account) == [85]  # 100 - 20 + 5


async def insist(api: Api, path: str, body: dict[str, Any]) -> Any:
    """Send until the account is free: who waited too long for it is told to come back."""
    while (reply := await api.post(path, body)).status_code == 503:
        assert reply.json()["retryable"] is True
    return reply


async def test_500_charges_refunded_twice_each_are_refunded_once(two: tuple[Api, Api]) -> None:
    account = await two[0].make_account()
    await grant(two[0], account, 700, "2099-01-01T00:00:00Z")
    await grant(two[0], account, 800, None)
    paths = [f"{account}/tickets/HD-{number}" for number in range(500)]
    opened = await at_once(
        insist(two[number % 2], f"{account}/tickets", ticket(f"HD-{number}", 1 + number % 3))
        for number in range(500)
    )
    assert statuses(opened) == {201: 500}
    settled = await at_once(
        insist(two[number % 2], f"{path}/resolution", {"outcome": "solved"})
        for number, path in enumerate(paths)
    )
    assert statuses(settled) == {200: 500}
    assert (await two[0].units(account, "point"))["used"] == 999  # 167 × 1 + 167 × 2 + 166 × 3
    refund = {"reason": "sorry", "actor": "Maria"}
    refunds = await at_once(
        insist(two[number % 2], f"{path}/refund", refund) for path in paths for number in range(2)
    )
    assert statuses(refunds) == {200: 500, 409: 500}
    assert {reply.json()["code"] for reply in refunds if reply.status_code == 409} == {
        "charge_not_settled"
    }
    assert await available(two[0], account) == [700, 800]


async def test_no_balance_is_ever_below_zero_while_refunds_and_charges_race(
    two: tuple[Api, Api],
) -> None:
    account = await two[0].make_account()
    await grant(two[0], account, 12, None)
    seen: list[dict[str, Any]] = []

    async def charge_and_refund(api: Api, name: str) -> None:
        for number in range(12):
            ticket_id = f"{name}-{number}"
            opened = await api.post(f"{account}/tickets", ticket(ticket_id, 5))
            if opened.status_code == 201:
                path = f"{account}/tickets/{ticket_id}"
                await api.post(f"{path}/resolution", {"outcome": "solved", "amount": 4})
                await api.post(f"{path}/refund", {"reason": "sorry", "actor": "Maria"})

    async def watch(api: Api) -> None:
        for _ in range(60):
            reply = await api.get(f"{account}/balance")
            seen.append(reply.json())

    await asyncio.gather(
        *(charge_and_refund(two[number % 2], f"T{number}") for number in range(6)),
        *(watch(api) for api in two),
    )
    entries = (await two[0].get(f"{account}/entries", params={"limit": 200})).json()["data"]
    instants = sorted({entry["effective_at"] for entry in entries})
    assert [entry["effective_at"] for entry in entries] == sorted(
        entry["effective_at"] for entry in entries
    )
    asked = await at_once(two[0].get(f"{account}/balance", params={"at": at}) for at in instants)
    for balance in (*seen, *(reply.json() for reply in asked)):
        units = balance["units"]["point"]
        assert min(units[name] for name in ("available", "held", "used")) >= 0
        assert units["available"] + units["held"] + units["used"] == 12
    # What was seen while it raced is what is still said of it.
    again = await at_once(
        two[1].get(
            f"{account}/balance",
            params={"at": balance["as_of"], "sequence": balance["sequence"]},
        )
        for balance in seen
    )
    assert [reply.json() for reply in again] == seen
