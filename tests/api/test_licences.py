"""Software licences: free points come with the first one, once."""

import asyncio
from typing import Any

from fastapi import FastAPI

from app.services.ledger.verification import verify_ledger
from tests.api.conftest import Api, Clock

LICENCE = {"license_id": "LIC-1", "catalog": "xcart-points", "product": "X-Cart Gold"}


async def register(api: Api, account: str, **given: Any) -> Any:
    return await api.post(f"{account}/licenses", LICENCE | given)


async def test_P3_the_first_licence_brings_free_points_for_two_years(api: Api) -> None:
    account = await api.make_account()
    reply = await register(api, account)
    assert reply.status_code == 201
    licence = reply.json()
    [lot] = licence["lots"]
    assert (lot["granted"], lot["unit"], lot["source"]) == (160, "point", "licence")
    assert lot["expires_at"] == "2028-11-24T21:00:00Z"
    assert (licence["subscription"]["source"], licence["subscription"]["plan"]) == (
        "licence",
        "points",
    )
    assert (licence["registered_at"], licence["sequence"]) == ("2026-11-24T08:00:00Z", 1)
    assert (await api.units(account, "point"))["available"] == 160
    opened = await api.open(account, category="level-2")
    assert opened["charge"]["allocations"][0]["lot_id"] == lot["id"]


async def test_P3_another_licence_brings_nothing(api: Api) -> None:
    account = await api.make_account()
    await register(api, account)
    second = await register(api, account, license_id="LIC-2")
    assert second.status_code == 201
    assert (second.json()["lots"], second.json()["subscription"]) == ([], None)
    assert (await api.units(account, "point"))["granted"] == 160


async def test_the_same_licence_again_is_what_it_is_now(api: Api) -> None:
    account = await api.make_account()
    first = await register(api, account)
    again = await register(api, account)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await register(api, account, product="X-Cart Platinum")
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert other.json()["differences"] == [
        {"pointer": "/product", "then": "X-Cart Gold", "now": "X-Cart Platinum"}
    ]


async def test_free_points_burn_before_bought_ones_that_end_with_them(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    licence = (await register(api, account)).json()
    opened = await api.open(account, category="level-1")
    [allocation] = opened["charge"]["allocations"]
    assert allocation["lot_id"] == licence["lots"][0]["id"]


async def test_a_catalogue_that_gives_nothing_still_takes_the_licence(api: Api) -> None:
    account = await api.make_account()
    reply = await register(api, account, catalog="livecart", product="LiveCart")
    assert (reply.status_code, reply.json()["lots"]) == (201, [])
    unknown = await register(api, account, license_id="LIC-2", catalog="nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "catalog_unknown")


async def test_P3_fifty_licences_at_once_bring_free_points_once(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    replies = await asyncio.gather(
        *(register(api, account, license_id=f"LIC-{number % 25}") for number in range(50))
    )
    assert sorted(reply.status_code for reply in replies) == [200] * 25 + [201] * 25
    giving = {reply.json()["license_id"] for reply in replies if reply.json()["lots"]}
    assert len(giving) == 1
    units = await api.units(account, "point")
    assert (units["granted"], units["available"]) == (160, 160)
    async with app.state.database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []


async def test_a_dry_run_registers_nothing(api: Api) -> None:
    account = await api.make_account()
    tried = await api.post(f"{account}/licenses?dry_run=true", LICENCE)
    assert (tried.status_code, len(tried.json()["lots"])) == (201, 1)
    assert (await api.get(f"{account}/licenses")).json()["data"] == []
    assert (await register(api, account)).json()["lots"][0]["granted"] == 160


async def test_licences_are_listed(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    for number in range(3):
        await register(api, account, license_id=f"LIC-{number}")
        clock.advance(days=1)
    page = (await api.get(f"{account}/licenses", params={"limit": 2, "order": "asc"})).json()
    assert [each["license_id"] for each in page["data"]] == ["LIC-0", "LIC-1"]
    assert [len(each["lots"]) for each in page["data"]] == [1, 0]
    rest = await api.get(
        f"{account}/licenses", params={"cursor": page["next_cursor"], "order": "asc"}
    )
    assert [each["license_id"] for each in rest.json()["data"]] == ["LIC-2"]
    assert rest.json()["next_cursor"] is None
