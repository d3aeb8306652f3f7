"""Prices that are a share of something else, or a least amount: the maintenance of a licence."""

import copy
from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api

LEAST = {"amount": 50_000, "currency": "EUR"}
SHARE = {"percent": 18, "of": "the licence's price", "least": LEAST}
PAID = {"payment": {"status": "paid"}}


async def publish(api: Api, **offer: Any) -> Any:
    """Publish livecart's terms with Standard, 1 year, at a share of a licence; the reply."""
    document = copy.deepcopy(packaged_documents()["livecart"])
    standard = document["offers"]["standard-1y"]
    for name in ("price", "seller_choice"):
        standard.pop(name, None)
    standard |= {"price_share": SHARE} | offer
    document["examples"] = [
        each
        for each in document["examples"]
        if each.get("bought", {}).get("offer") != "standard-1y"
    ]
    document["discounts"] = []
    return await api.put("/v1/catalogs/livecart", document)


def licence(amount: int, currency: str = "EUR") -> dict[str, Any]:
    return {"share_of": {"amount": amount, "currency": currency}}


async def order(api: Api, account: str, order_id: str = "SO-1", **more: Any) -> Any:
    body = {"order_id": order_id, "offer": "livecart.standard-1y"} | PAID | more
    return await api.post(f"{account}/purchases", body)


@pytest.mark.parametrize(
    ("amount", "quantity", "total"),
    [(1_000_000, 1, 180_000), (100_000, 1, 50_000), (277_777, 1, 50_000), (277_781, 2, 100_002)],
)
async def test_the_price_is_a_share_or_the_least_whichever_is_more(
    api: Api, amount: int, quantity: int, total: int
) -> None:
    published = await publish(api)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    more = licence(amount) | {"quantity": quantity}
    quote = await api.post(f"{account}/quotes", {"offer": "livecart.standard-1y"} | more)
    assert quote.status_code == 201, quote.text
    tried = await api.post(
        f"{account}/purchases?dry_run=true",
        {"order_id": "SO-1", "offer": "livecart.standard-1y"} | PAID | more,
    )
    bought = await order(api, account, **more)
    assert bought.status_code == 201, bought.text
    for found in (quote.json(), tried.json(), bought.json()):
        assert found["total"]["amount"] == total
        assert found["share_of"] == more["share_of"]
    again = await order(api, account, **more)
    assert again.status_code == 200
    assert (
        "18 percent of the licence's price, at least EUR 500.00"
        in bought.json()["lines"][0]["text"]
    )


async def test_a_renewal_is_of_the_same_amount_unless_it_says_another(api: Api) -> None:
    await publish(api)
    account = await api.make_account()
    assert (await order(api, account, **licence(1_000_000))).status_code == 201
    renewal = f"{account}/purchases/SO-1/renewal?dry_run=true"
    same = (await api.post(renewal, {"order_id": "SO-2"})).json()
    assert same["total"]["amount"] == 180_000
    more = (await api.post(renewal, {"order_id": "SO-2"} | licence(2_000_000))).json()
    assert more["total"]["amount"] == 360_000
    # By the list of a later day it has a price of its own.
    published = await api.put("/v1/catalogs/livecart", packaged_documents()["livecart"])
    assert published.status_code == 201, published.text
    listed = (await api.post(renewal, {"order_id": "SO-2"})).json()
    assert (listed["total"]["amount"], listed["share_of"]) == (9_900, None)


async def test_what_an_order_says_of_the_amount_has_to_fit(api: Api) -> None:
    await publish(api)
    account = await api.make_account()
    missing = await order(api, account)
    [fault] = missing.json()["errors"]
    assert (missing.status_code, fault["code"], fault["pointer"]) == (
        422,
        "share_not_named",
        "/share_of",
    )
    assert "18 percent of the licence's price" in fault["detail"]
    foreign = await order(api, account, **licence(1_000_000, "USD"))
    assert foreign.json()["errors"][0]["pointer"] == "/share_of/currency"
    other = {"offer": "livecart.express-1y"} | licence(1_000_000)
    needless = await order(api, account, **other)
    assert needless.json()["errors"][0]["code"] == "no_share_of_price"
    quote = {"offer": "livecart.standard-1y"} | licence(1_000_000)
    quoted = (await api.post(f"{account}/quotes", quote)).json()
    body = {"order_id": "SO-1", "quote_id": quoted["quote_id"]} | PAID
    differs = await api.post(f"{account}/purchases", body | licence(2_000_000))
    assert differs.json()["errors"][0]["code"] == "fixed_by_quote"
    assert (await api.post(f"{account}/purchases", body)).json()["total"]["amount"] == 180_000


async def test_an_offer_and_the_page_say_what_the_price_is_a_share_of(api: Api) -> None:
    await publish(api)
    offers = (await api.get("/v1/offers?catalog=livecart")).json()["data"]
    [offer] = [each for each in offers if each["offer"] == "livecart.standard-1y"]
    assert (offer["price"], offer["price_share"]) == (None, SHARE)
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "18% of the licence&#39;s price, €500 at least" in page.text


async def test_what_is_wrong_with_a_share_is_named(api: Api) -> None:
    price = {"amount": 9_900, "currency": "EUR"}
    for wrong, pointer, code in (
        ({"price": price}, "price_share", "conflicting_fields"),
        ({"price_share": SHARE | {"percent": 0}}, "price_share/percent", "out_of_range"),
        ({"price_share": {"percent": 18}}, "price_share/of", "required"),
        ({"sold": "quote"}, "price_share", "conflicting_fields"),
    ):
        refused = await publish(api, **wrong)
        assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
            (f"/offers/standard-1y/{pointer}", code)
        ]
