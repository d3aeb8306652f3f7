"""Quotes: prices promised until a date, with discounts and terms frozen, bought once."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

EUR = "EUR"


async def quote(api: Api, account: str, offer: str, **more: Any) -> Any:
    reply = await api.post(f"{account}/quotes", {"offer": offer} | more)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def buy_quote(api: Api, account: str, quote_id: str, order_id: str = "SO-1") -> Any:
    body = {"order_id": order_id, "quote_id": quote_id, "payment": {"status": "paid"}}
    return await api.post(f"{account}/purchases", body)


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": EUR}


async def make_storefront(api: Api) -> Api:
    reply = await api.post("/v1/api-keys", {"name": "shop", "role": "storefront"})
    return api.holding(reply.json()["secret"])


async def test_A4_a_contract_of_a_year_has_10_percent_off(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "agency.starter", contract_months=12, price=euros(2000))
    # 12 months at €2,000 are €24,000; 10 percent of that are €2,400.
    assert [(line["quantity"], line["amount"]) for line in quoted["lines"]] == [
        (12, 2_400_000),
        (1, -240_000),
    ]
    assert quoted["lines"][1]["text"] == "10 percent off for a contract of 12 months"
    assert quoted["total"] == {"amount": 2_160_000, "currency": EUR}
    half = await quote(api, account, "agency.starter", contract_months=6, price=euros(2000))
    assert half["total"] == {"amount": 1_200_000, "currency": EUR}


async def test_a_discount_is_rounded_half_up(api: Api) -> None:
    account = await api.make_account()
    price = {"amount": 100_005, "currency": EUR}
    quoted = await quote(api, account, "agency.starter", contract_months=12, price=price)
    # 12 × 1,000.05 = 12,000.60; 10 percent are 1,200.06 exactly.
    assert quoted["total"]["amount"] == 1_200_060 - 120_006
    price = {"amount": 33_333, "currency": EUR}
    quoted = await quote(
        api, account, "agency.standard", contract_months=15, price=price, allowance=60
    )
    # 15 × 333.33 = 4,999.95; 10 percent are 499.995: 500.00 half up.
    assert quoted["lines"][1]["amount"] == -50_000
    assert quoted["total"]["amount"] == 499_995 - 50_000


async def test_A1_a_package_bought_by_quote_gives_its_hours_each_month(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "agency.starter", contract_months=3, price=euros(2000))
    assert quoted["allowance"] == {"amount": 2400, "unlimited": False, "per": "month"}
    bought = (await buy_quote(api, account, quoted["quote_id"])).json()
    assert bought["status"] == "active"
    assert bought["total"] == euros(6000)
    assert bought["quote_id"] == quoted["quote_id"]
    # 40 hours are 2,400 minutes, anew on the 24th of each month.
    assert [(lot["granted"], lot["valid_from"], lot["expires_at"]) for lot in bought["lots"]] == [
        (2400, "2026-11-24T08:00:00Z", "2026-12-24T08:00:00Z"),
        (2400, "2026-12-24T08:00:00Z", "2027-01-24T08:00:00Z"),
        (2400, "2027-01-24T08:00:00Z", "2027-02-24T08:00:00Z"),
    ]
    units = await api.units(account, "minute")
    assert (units["available"], units["upcoming"]) == (2400, 4800)


async def test_A1_hours_that_are_not_published_are_agreed(api: Api) -> None:
    account = await api.make_account()
    for offer in ("agency.standard", "agency.advanced", "agency.flexible"):
        refused = await api.post(f"{account}/quotes", {"offer": offer})
        assert refused.status_code == 422
        problem = refused.json()
        assert problem["code"] == "quote_incomplete"
        assert [each["pointer"] for each in problem["errors"]] == ["/price", "/allowance"]
        quoted = await quote(api, account, offer, price=euros(3000), allowance=4800, quantity=2)
        assert quoted["allowance"]["amount"] == 9600
        assert quoted["total"] == euros(6000)


async def test_what_is_sold_by_quote_is_sold_no_other_way(api: Api) -> None:
    account = await api.make_account()
    for offer in ("agency.starter", "agency.flexible", "corporate.extended-cover"):
        body = {"order_id": "SO-1", "offer": offer, "payment": {"status": "paid"}}
        refused = await api.post(f"{account}/purchases", body)
        assert (refused.status_code, refused.json()["code"]) == (422, "quote_required")


async def test_a_price_off_the_list_needs_ledger_write(api: Api) -> None:
    account = await api.make_account()
    shop = await make_storefront(api)
    for own in ({"price": euros(1)}, {"allowance": 100}):
        refused = await shop.post(f"{account}/quotes", {"offer": "livecart.express-1y"} | own)
        assert (refused.status_code, refused.json()["required"]) == (403, "ledger:write")
    listed = await quote(shop, account, "livecart.express-1y", quantity=2)
    # 2 × €399.
    assert listed["total"] == euros(798)
    special = await quote(api, account, "livecart.express-1y", price=euros(300), allowance=20)
    bought = await buy_quote(shop, account, special["quote_id"])
    assert bought.json()["total"] == euros(300)
    assert bought.json()["lots"][0]["granted"] == 20


async def test_a_quote_keeps_the_terms_it_was_made_on(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y")
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["offers"]["express-1y"]["price"]["amount"] = 49900
    document["offers"]["express-1y"]["allowance"]["amount"] = 12
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    assert (await api.get(f"{account}/quotes/{quoted['quote_id']}")).json() == quoted
    bought = (await buy_quote(api, account, quoted["quote_id"])).json()
    assert bought["total"] == euros(399)
    assert bought["catalog_version"] == 1
    assert bought["lots"][0]["granted"] == 15


async def test_a_quote_is_valid_for_30_days_unless_it_says_otherwise(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y")
    assert quoted["valid_until"] == "2026-12-24T08:00:00Z"
    until = "2026-11-30T00:00:00+01:00"
    shorter = await quote(api, account, "livecart.express-1y", valid_until=until)
    assert shorter["valid_until"] == "2026-11-29T23:00:00Z"
    clock.move_to("2026-11-29T22:59:59Z")
    path = f"{account}/quotes/{shorter['quote_id']}"
    assert (await api.get(path)).json()["status"] == "open"
    clock.move_to("2026-11-29T23:00:00Z")
    assert (await api.get(path)).json()["status"] == "expired"
    refused = await buy_quote(api, account, shorter["quote_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "quote_expired")
    assert (await buy_quote(api, account, quoted["quote_id"])).status_code == 201


@pytest.mark.parametrize("until", ["2026-11-24T08:00:00Z", "2028-01-01T00:00:00Z"])
async def test_an_end_that_is_not_possible(api: Api, until: str) -> None:
    account = await api.make_account()
    refused = await api.post(
        f"{account}/quotes", {"offer": "livecart.express-1y", "valid_until": until}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_validity")


async def test_a_quote_is_bought_once(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y")
    first = await buy_quote(api, account, quoted["quote_id"])
    again = await buy_quote(api, account, quoted["quote_id"])
    assert (first.status_code, again.status_code) == (201, 200)
    other = await buy_quote(api, account, quoted["quote_id"], "SO-2")
    assert (other.status_code, other.json()["code"]) == (409, "quote_already_bought")
    assert other.json()["order_id"] == "SO-1"
    found = (await api.get(f"{account}/quotes/{quoted['quote_id']}")).json()
    assert (found["status"], found["order_id"]) == ("bought", "SO-1")


async def test_of_twenty_orders_of_one_quote_one_buys_it(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y")
    replies = await asyncio.gather(
        *(buy_quote(api, account, quoted["quote_id"], f"SO-{n}") for n in range(20))
    )
    assert sorted(reply.status_code for reply in replies) == [201] + 19 * [409]
    assert (await api.units(account))["available"] == 15


async def test_an_order_names_an_offer_or_a_quote(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y")
    paid = {"order_id": "SO-1", "payment": {"status": "paid"}}
    neither = await api.post(f"{account}/purchases", paid)
    both = await api.post(
        f"{account}/purchases",
        paid | {"offer": "livecart.express-1y", "quote_id": quoted["quote_id"]},
    )
    assert (neither.status_code, both.status_code) == (422, 422)
    unknown = await buy_quote(api, account, "01a20056-9b40-774b-a543-5ba6776fcd4a")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "quote_unknown")
    other = await api.make_account("c-2")
    elsewhere = await buy_quote(api, other, quoted["quote_id"])
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "quote_unknown")


async def test_an_order_cannot_change_what_was_quoted(api: Api) -> None:
    account = await api.make_account()
    quoted = await quote(api, account, "livecart.express-1y", quantity=2)
    body = {"order_id": "SO-1", "quote_id": quoted["quote_id"], "payment": {"status": "paid"}}
    for change in ({"quantity": 3}, {"contract_months": 24}, {"site": "https://shop.example"}):
        refused = await api.post(f"{account}/purchases", body | change)
        assert (refused.status_code, refused.json()["code"]) == (422, "fixed_by_quote")
    bought = await api.post(f"{account}/purchases", body | {"quantity": 2})
    assert bought.json()["lots"][0]["granted"] == 30


async def test_a_quote_for_one_site(api: Api) -> None:
    account = await api.make_account()
    offer = "xcart-support.subscription-1y"
    refused = await api.post(f"{account}/quotes", {"offer": offer})
    assert (refused.status_code, refused.json()["code"]) == (422, "site_required")
    quoted = await quote(
        api,
        account,
        offer,
        site="HTTPS://www.Shop.example:443/eu/",
        price={"amount": 80000, "currency": "USD"},
    )
    assert quoted["site"] == "shop.example/eu"
    bought = (await buy_quote(api, account, quoted["quote_id"])).json()
    assert (bought["site"], bought["total"]["amount"]) == ("shop.example/eu", 80000)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"offer": "livecart.nothing"}, "offer_unknown", "/offer"),
        ({"offer": "nobody.nothing"}, "offer_unknown", "/offer"),
        (
            {"offer": "livecart.express-1y", "price": {"amount": 1, "currency": "USD"}},
            "currency_differs",
            "/price/currency",
        ),
        (
            {"offer": "livecart.standard-1m", "allowance": 5},
            "allowance_not_counted",
            "/allowance",
        ),
        ({"offer": "livecart.standard-1m", "quantity": 2}, "quantity_not_one", "/quantity"),
        (
            {"offer": "livecart.express-1y", "contract_months": 18},
            "invalid_contract_months",
            "/contract_months",
        ),
        (
            {"offer": "corporate.extended-cover", "price": euros(1), "allowance": 5},
            "allowance_not_counted",
            "/allowance",
        ),
    ],
)
async def test_what_cannot_be_quoted(
    api: Api, body: dict[str, Any], code: str, pointer: str
) -> None:
    account = await api.make_account()
    refused = await api.post(f"{account}/quotes", body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_negative_price_is_refused(api: Api) -> None:
    account = await api.make_account()
    price = {"amount": -1, "currency": EUR}
    refused = await api.post(f"{account}/quotes", {"offer": "livecart.express-1y", "price": price})
    assert refused.status_code == 422


async def test_a_dry_run_keeps_no_quote(api: Api) -> None:
    account = await api.make_account()
    reply = await api.post(
        f"{account}/quotes", {"offer": "livecart.express-1y"}, params={"dry_run": "true"}
    )
    assert (reply.status_code, reply.headers["Dry-Run"]) == (201, "true")
    assert (await api.get(f"{account}/quotes")).json()["data"] == []
