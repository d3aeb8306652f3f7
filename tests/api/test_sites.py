"""One subscription covers one store, by its URL; one store is not sold twice for one time."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

MONTH = "xcart-support.subscription-1m"
YEAR = "xcart-support.subscription-1y"
EU = "https://shop.example/eu"
US = "https://shop.example/us"


def order(offer: str, order_id: str, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "offer": offer, "payment": {"status": "paid"}} | more


async def ask(api: Api, account: str, ticket_id: str = "HD-1", **more: Any) -> Any:
    body = {"ticket_id": ticket_id, "subject": "Checkout fails"} | more
    return await api.post(f"{account}/tickets", body)


async def test_S2_a_subscription_is_for_one_store_and_needs_its_url(api: Api) -> None:
    account = await api.make_account()
    refused = await api.post(f"{account}/purchases", order(YEAR, "SO-1"))
    assert (refused.status_code, refused.json()["code"]) == (422, "site_required")
    invalid = await api.post(f"{account}/purchases", order(YEAR, "SO-1", site="nothing at all"))
    assert (invalid.status_code, invalid.json()["code"]) == (422, "invalid_site")
    bought = await api.buy(account, YEAR, site="HTTP://WWW.Shop.Example:80/eu/?ref=mail")
    assert bought["subscription"]["site"] == "shop.example/eu"
    assert (await ask(api, account, site="https://shop.example/eu/")).status_code == 201


async def test_S2_a_second_store_is_refused_with_what_to_buy_and_sold(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, YEAR, "SO-1", site=EU)
    refused = await ask(api, account, site=US)
    assert (refused.status_code, refused.json()["code"]) == (402, "not_covered")
    (line,) = refused.json()["trace"]
    assert (line["code"], line["site"]) == ("site_not_covered", "shop.example/eu")
    assert [offer["offer"] for offer in refused.json()["offers"]][:2] == [MONTH, YEAR]
    assert all(offer["site_bound"] for offer in refused.json()["offers"][:2])
    await api.buy(account, MONTH, "SO-2", site=US)
    opened = (await ask(api, account, site=US)).json()
    assert opened["coverage"]["plan"] == "subscription"
    assert opened["site"] == "shop.example/us"


async def test_a_request_about_no_store_is_for_the_only_one(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-normal", "SO-2")
    opened = (await ask(api, account)).json()
    assert opened["coverage"]["plan"] == "incident-normal"
    await api.buy(account, YEAR, "SO-1", site=EU)
    opened = (await ask(api, account, "HD-3")).json()
    assert opened["coverage"]["plan"] == "subscription"
    # With the store named, its own subscription goes first.
    about = (await ask(api, account, "HD-2", site=EU)).json()
    assert about["coverage"]["plan"] == "subscription"


async def test_a_store_is_not_sold_twice_unless_it_queues(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, MONTH, "SO-1", site=EU)
    clock.advance(days=10)
    refused = await api.post(
        f"{account}/purchases", order(YEAR, "SO-2", site="https://www.shop.example/eu")
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "site_already_covered")
    assert refused.json()["ends_at"] == "2026-12-24T08:00:00Z"
    queued = await api.buy(account, YEAR, "SO-2", site=EU, starts="after_current")
    assert queued["subscription"]["starts_at"] == "2026-12-24T08:00:00Z"
    # A month that would run into the year that is sold already.
    refused = await api.post(
        f"{account}/purchases",
        order(MONTH, "SO-3", site=EU, starts="2027-11-01T00:00:00Z"),
    )
    assert refused.json()["code"] == "site_already_covered"
    assert refused.json()["starts_at"] == "2026-12-24T08:00:00Z"
    later = await api.buy(account, MONTH, "SO-3", site=EU, starts="2027-12-24T08:00:00Z")
    assert later["subscription"]["starts_at"] == "2027-12-24T08:00:00Z"


async def test_a_month_fits_before_a_year_that_begins_later(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, YEAR, "SO-1", site=EU, starts="2027-01-01T00:00:00Z")
    await api.buy(account, MONTH, "SO-2", site=EU)
    refused = await api.post(
        f"{account}/purchases", order(MONTH, "SO-3", site=EU, starts="2026-12-15T00:00:00Z")
    )
    assert refused.json()["code"] == "site_already_covered"


async def test_of_twenty_purchases_of_one_store_one_is_sold(api: Api) -> None:
    account = await api.make_account()
    replies = await asyncio.gather(
        *(
            api.post(f"{account}/purchases", order(YEAR, f"SO-{number}", site=EU))
            for number in range(20)
        )
    )
    assert sorted(reply.status_code for reply in replies) == [201] + 19 * [409]
    held = (await api.get(f"{account}/subscriptions")).json()["data"]
    assert len(held) == 1


async def test_twenty_purchases_of_one_store_that_queue_follow_one_another(api: Api) -> None:
    account = await api.make_account()
    replies = await asyncio.gather(
        *(
            api.post(
                f"{account}/purchases",
                order(MONTH, f"SO-{number}", site=EU, starts="after_current"),
            )
            for number in range(20)
        )
    )
    assert {reply.status_code for reply in replies} == {201}
    terms = sorted(
        (reply.json()["subscription"]["starts_at"], reply.json()["subscription"]["ends_at"])
        for reply in replies
    )
    assert terms[0][0] == "2026-11-24T08:00:00Z"
    # A month after each other; counted from each order's own beginning.
    assert [ends for _, ends in terms[:-1]] == [starts for starts, _ in terms[1:]]


async def test_of_two_payments_for_one_store_one_begins(api: Api) -> None:
    account = await api.make_account()
    pending = {"payment": {"status": "pending"}, "site": EU}
    for order_id in ("SO-1", "SO-2"):
        placed = await api.post(f"{account}/purchases", order(YEAR, order_id) | pending)
        assert placed.status_code == 201
    replies = await asyncio.gather(
        *(
            api.post(f"{account}/purchases/{order_id}/payment", {"reference": order_id})
            for order_id in ("SO-1", "SO-2")
        )
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    third = await api.post(f"{account}/purchases", order(YEAR, "SO-3") | pending)
    assert (third.status_code, third.json()["code"]) == (409, "site_already_covered")


@pytest.mark.parametrize("ignored", [True, False])
async def test_www_is_the_same_store_or_not_as_the_seller_chooses(api: Api, ignored: bool) -> None:
    account = await api.make_account()
    document = (await api.get("/v1/catalogs/xcart-support")).json()["document"]
    document["policies"]["ignore_www"] = ignored
    await api.put("/v1/catalogs/xcart-support", document)
    await api.buy(account, YEAR, "SO-1", site="https://www.shop.example")
    other = await api.post(f"{account}/purchases", order(YEAR, "SO-2", site="https://shop.example"))
    assert other.status_code == (409 if ignored else 201)
    opened = (await ask(api, account, site="https://www.shop.example")).json()
    assert opened["site"] == ("shop.example" if ignored else "www.shop.example")
    asked = {"site": "http://WWW.shop.example/"}
    balance = (await api.get(f"{account}/balance", params=asked)).json()
    assert [lot["site"] for lot in balance["lots"]] == [opened["site"]]


async def test_a_cancelled_store_can_be_sold_again(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, YEAR, "SO-1", site=EU)
    clock.advance(days=1)
    body = {"refund": "unused", "reason": "Another period", "actor": "ines"}
    await api.post(f"{account}/purchases/SO-1/cancellation", body)
    again = await api.buy(account, MONTH, "SO-2", site=EU)
    assert again["subscription"]["starts_at"] == "2026-11-25T08:00:00Z"
    assert (await ask(api, account, site=EU)).status_code == 201
