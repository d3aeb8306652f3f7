"""What is left of a pool is told when it becomes little, and when it becomes nothing: once each."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.support.brief_reads import statements_of
from tests.support.notices import GRANT, told, types


async def give(api: Api, account: str, amount: int, reference: str = "G-1", **more: Any) -> Any:
    reply = await api.post(
        f"{account}/grants", GRANT | {"amount": amount, "reference": reference} | more
    )
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_a_pool_is_low_at_a_fifth_and_then_exhausted(api: Api) -> None:
    account = await api.make_account()
    grant = await give(api, account, 10)
    for number in range(10):
        await api.open(account, f"HD-{number}", catalog="livecart")
    about = {
        "timestamp": "2026-11-24T08:00:00Z",
        "catalog": "livecart",
        "plan": "express",
        "site": None,
        "subscription_id": grant["lots"][0]["subscription_id"],
        "unit": "incident",
        "granted": 10,
    }
    # The grant was the first entry, so the eighth ticket's is the ninth.
    assert await told(api, "units") == [
        about | {"type": "units.low", "available": 2, "sequence": 9},
        about | {"type": "units.exhausted", "available": 0, "sequence": 11},
    ]


@pytest.mark.parametrize(
    ("granted", "opened", "said"),
    [
        (15, 11, []),
        (15, 12, ["units.low"]),
        # A fifth of nine is one, rounded down.
        (9, 7, []),
        (9, 8, ["units.low"]),
        (4, 3, []),
        # Both at once is only said as what is more.
        (4, 4, ["units.exhausted"]),
        (1, 1, ["units.exhausted"]),
    ],
)
async def test_a_fifth_is_rounded_down(
    api: Api, granted: int, opened: int, said: list[str]
) -> None:
    account = await api.make_account()
    await give(api, account, granted)
    for number in range(opened):
        await api.open(account, f"HD-{number}", catalog="livecart")
    assert await types(api, "units") == said


async def test_all_lots_of_a_pool_count_together(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 1, "G-1", expires_at="2026-12-01T00:00:00Z")
    await give(api, account, 4, "G-2")
    await api.open(account, "HD-1", catalog="livecart")
    assert await types(api, "units") == []
    for number in (2, 3, 4):
        await api.open(account, f"HD-{number}", catalog="livecart")
    assert [(each["type"], each["granted"]) for each in await told(api, "units")] == [
        ("units.low", 5)
    ]


async def test_pools_of_other_plans_are_others(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 5, "G-1", plan="priority")
    await give(api, account, 1, "G-2")
    await api.open(account, plan="express", catalog="livecart")
    (said,) = await told(api, "units")
    assert (said["type"], said["plan"]) == ("units.exhausted", "express")


async def test_an_opening_reads_nothing_more_to_know_what_is_left(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    await give(api, account, 10)
    counts = []
    for number in range(10):
        async with statements_of(app) as ran:
            await api.open(account, f"HD-{number}", catalog="livecart")
        counts.append([each.split()[0] for each in ran])
    assert await types(api, "units") == ["units.low", "units.exhausted"]
    assert counts[2:] == [counts[2]] * 8


async def test_what_comes_back_can_run_out_again(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 1)
    await api.open(account, catalog="livecart")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    await api.open(account, "HD-2", catalog="livecart")
    # To settle what was held leaves no less than before.
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    assert await types(api, "units") == ["units.exhausted"] * 2


async def test_parts_of_a_split_are_told_of_together(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 5)
    await api.open(account, catalog="livecart")
    parts = [{"ticket_id": f"HD-1{each}", "subject": "And"} for each in "abcd"]
    reply = await api.post(f"{account}/tickets/HD-1/split", {"tickets": parts})
    assert reply.status_code == 200, reply.text
    assert await types(api, "units") == ["units.exhausted"]


async def test_a_revision_and_a_resolution_draw_too(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 10, catalog="xcart-points", plan="points", unit="point")
    await api.open(account, catalog="xcart-points", category="other", amount=7)
    assert await types(api, "units") == []
    revised = await api.post(
        f"{account}/tickets/HD-1/charge/revision", {"amount": 8, "reason": "it grows"}
    )
    assert revised.status_code == 200, revised.text
    assert await types(api, "units") == ["units.low"]
    resolved = await api.post(
        f"{account}/tickets/HD-1/resolution", {"outcome": "solved", "amount": 10}
    )
    assert resolved.status_code == 200, resolved.text
    assert await types(api, "units") == ["units.low", "units.exhausted"]


async def test_what_a_cancellation_leaves_of_a_pool_may_be_little(api: Api) -> None:
    account = await api.make_account()
    await give(api, account, 5, "G-1", expires_at="2026-12-01T00:00:00Z")
    await api.buy(account, "livecart.express-1y")
    for number in range(4):
        await api.open(account, f"HD-{number}", catalog="livecart")
    assert await types(api, "units") == []
    cancelled = {"refund": "none", "reason": "regret", "actor": "Maria"}
    await api.post(f"{account}/purchases/SO-1/cancellation", cancelled)
    (said,) = await told(api, "units")
    assert (said["type"], said["available"], said["granted"]) == ("units.low", 1, 5)


async def test_a_pool_that_ends_is_not_exhausted(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    cancelled = {"refund": "none", "reason": "regret", "actor": "Maria"}
    await api.post(f"{account}/purchases/SO-1/cancellation", cancelled)
    assert await types(api, "units") == []


async def test_a_pool_without_a_count_is_never_low(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.subscription-1y", site="https://shop.example")
    for number in range(3):
        await api.open(
            account, f"HD-{number}", catalog="xcart-support", site="https://shop.example"
        )
    assert await told(api, "units") == []


async def test_S3_fair_use_is_told_once_a_month_of_the_term(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    site = "https://shop.example"
    order = await api.buy(account, "xcart-support.subscription-1y", site=site)

    async def open_tickets(*numbers: int) -> None:
        for number in numbers:
            await api.open(account, f"HD-{number}", catalog="xcart-support", site=site)

    await open_tickets(*range(1, 100))
    assert await types(api, "fair_use") == []
    # What was withdrawn was no use.
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    await open_tickets(100)
    assert await types(api, "fair_use") == []
    await open_tickets(101, 102)
    (lot,) = order["lots"]
    (said,) = await told(api, "fair_use")
    assert said == {
        "type": "fair_use.passed",
        "timestamp": "2026-11-24T08:00:00Z",
        "catalog": "xcart-support",
        "plan": "subscription",
        "site": lot["site"],
        "subscription_id": order["subscription"]["id"],
        "unit": "incident",
        "lot_id": lot["id"],
        "used": 100,
        "fair_use": 100,
        "from": "2026-11-24T08:00:00Z",
        "until": "2026-12-24T08:00:00Z",
        "sequence": said["sequence"],
    }
    clock.move_to("2026-12-24T08:00:00Z")
    await open_tickets(103)
    assert len(await told(api, "fair_use")) == 1


async def test_fair_use_is_that_of_the_terms_that_the_pool_is_used_under(
    api: Api, clock: Clock
) -> None:
    """A ticket keeps its own version's price and promises; what a month may use is the pool's."""
    account = await api.make_account()
    address = "/v1/catalogs/xcart-support"
    document = (await api.get(address)).json()["document"]
    site = "https://shop.example"
    offer = "xcart-support.subscription-1y"
    for order_id, fair_use, starts in (("SO-1", 2, "now"), ("SO-2", 3, "after_current")):
        document["plans"]["subscription"]["fair_use"] = fair_use
        assert (await api.put(address, document)).status_code == 201
        await api.buy(account, offer, order_id, site=site, starts=starts)
        if order_id == "SO-1":
            await api.open(account, "HD-1", catalog="xcart-support", site=site)
    clock.advance(days=366)
    for amount, said in ((3, []), (4, [3])):
        revised = await api.post(
            f"{account}/tickets/HD-1/charge/revision", {"amount": amount, "reason": "It grows"}
        )
        assert revised.status_code == 200, revised.text
        assert [each["fair_use"] for each in await told(api, "fair_use")] == said
