"""Additions: more of what a plan is sold by, in mid-term, for the rest of its term."""

import tomllib
from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

YEAR = "seller-2.standard"
PAID: dict[str, Any] = {"payment": {"status": "paid"}}


async def publish(api: Api, *, scales: bool = False) -> None:
    text = (FOLDER / "seller-2.toml").read_text().replace(" # each socket", "")
    if scales:
        text = text.replace("scales = false", "scales = true")
    reply = await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def add(api: Api, account: str, quantity: int, order_id: str = "SO-2") -> Any:
    """Quote so many more sockets and buy them; the purchase."""
    quote = await api.post(f"{account}/purchases/SO-1/addition-quote", {"quantity": quantity})
    assert quote.status_code == 201, quote.text
    assert quote.json()["adds_to"] == "SO-1"
    order = {"order_id": order_id, "quote_id": quote.json()["quote_id"]} | PAID
    bought = await api.post(f"{account}/purchases", order)
    assert bought.status_code == 201, bought.text
    return bought.json()


async def test_three_sockets_are_added_in_mid_term_for_the_rest_of_it(
    api: Api, clock: Clock
) -> None:
    await publish(api)
    account = await api.make_account()
    first = await api.buy(account, YEAR, quantity=2)
    assert (first["total"]["amount"], (await api.units(account))["granted"]) == (79600, 10)
    clock.advance(days=182.5)  # half of the year
    dry = await api.post(
        f"{account}/purchases/SO-1/addition-quote", {"quantity": 3}, params={"dry_run": "true"}
    )
    assert dry.json()["total"] == {"amount": 59700, "currency": "EUR"}
    added = await add(api, account, 3)
    assert added["total"] == {"amount": 59700, "currency": "EUR"}  # half of 3 x 398
    assert [each["amount"] for each in added["lines"]] == [119400, -59700]
    assert added["lines"][0]["text"] == "Standard, 1 year, for 3 sockets"
    assert added["adds_to"] == "SO-1"
    assert added["subscription"]["id"] == first["subscription"]["id"]
    assert added["subscription"]["ends_at"] == first["subscription"]["ends_at"]
    assert added["subscription"]["quantity"] == 5
    # The tickets are not multiplied by sockets.
    assert ((await api.units(account))["granted"], added["lots"]) == (10, [])
    summary = (await api.get(f"{account}/summary")).json()
    assert [plan["quantity"] for plan in summary["plans"]] == [5]
    # Renewed, all five go on.
    renewed = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-9"} | PAID)
    assert renewed.json()["total"]["amount"] == 5 * 39800
    refused = await api.post(f"{account}/purchases/SO-2/renewal", {"order_id": "SO-8"} | PAID)
    assert (refused.status_code, refused.json()["code"]) == (409, "raises_another")


async def test_where_they_scale_a_share_of_the_units_comes_with_them(
    api: Api, clock: Clock
) -> None:
    await publish(api, scales=True)
    account = await api.make_account()
    await api.buy(account, YEAR, quantity=2)
    assert (await api.units(account))["granted"] == 20
    await api.open(account)
    clock.advance(days=182.5)
    added = await add(api, account, 3)
    (lot,) = added["lots"]
    assert (lot["granted"], lot["expires_at"]) == (15, added["subscription"]["ends_at"])
    assert (await api.units(account))["granted"] == 35


async def test_an_addition_is_cancelled_by_itself_and_before_what_it_raised(
    api: Api, clock: Clock
) -> None:
    await publish(api, scales=True)
    account = await api.make_account()
    await api.buy(account, YEAR, quantity=2)
    clock.advance(days=182.5)
    await add(api, account, 3)
    body = {"refund": "none", "reason": "Fewer servers", "actor": "mara"}
    refused = await api.post(f"{account}/purchases/SO-1/cancellation", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "raised")
    assert refused.json()["raised_by"] == ["SO-2"]
    clock.advance(days=91.25)
    # This seller pays nothing back; by hand, what is left is: half of what the addition cost.
    ended = await api.post(f"{account}/purchases/SO-2/cancellation", body | {"refund": "unused"})
    assert ended.json()["status"] == "cancelled", ended.text
    assert ended.json()["subscription"]["quantity"] == 2
    assert ended.json()["subscription"]["status"] == "active"
    left = await api.units(account)
    assert (left["available"], left["revoked"]) == (20, 15)
    assert (await api.post(f"{account}/purchases/SO-1/cancellation", body)).status_code == 200


async def test_an_addition_that_is_paid_later_or_never(api: Api, clock: Clock) -> None:
    await publish(api, scales=True)
    account = await api.make_account()
    await api.buy(account, YEAR, quantity=2)
    quote = (await api.post(f"{account}/purchases/SO-1/addition-quote", {"quantity": 2})).json()
    assert quote["total"]["amount"] == 2 * 39800
    order = {"order_id": "SO-2", "quote_id": quote["quote_id"]}
    pending = {"payment": {"status": "pending"}}
    queued = await api.post(f"{account}/purchases", order | pending | {"starts": "after_current"})
    assert queued.json()["code"] == "fixed_by_quote"
    placed = await api.post(f"{account}/purchases", order | pending)
    assert (placed.json()["status"], placed.json()["lots"]) == ("pending", [])
    clock.advance(days=73)  # a fifth of the year
    paid = await api.post(f"{account}/purchases/SO-2/payment", {"reference": "ch-2"})
    # What was quoted and is paid for, whenever it is paid.
    assert (paid.json()["lots"][0]["granted"], paid.json()["subscription"]["quantity"]) == (20, 4)
    third = (await api.post(f"{account}/purchases/SO-1/addition-quote", {"quantity": 1})).json()
    clock.advance(days=300)
    late = {"order_id": "SO-3", "quote_id": third["quote_id"]} | PAID
    assert (await api.post(f"{account}/purchases", late)).json()["code"] == "quote_expired"
    over = await api.post(f"{account}/purchases/SO-1/addition-quote", {"quantity": 1})
    assert (over.status_code, over.json()["code"]) == (409, "purchase_ended")


async def test_only_what_is_sold_by_a_number_is_raised(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    refused = await api.post(f"{account}/purchases/SO-1/addition-quote", {"quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_raisable")


async def test_so_many_that_their_price_is_no_number_of_the_wire_are_refused(api: Api) -> None:
    dear = tomllib.loads((FOLDER / "seller-2.toml").read_text())
    dear.pop("examples", None)
    dear["offers"]["standard"]["price"]["amount"] = 10**12
    published = await api.put("/v1/catalogs/seller-2", dear)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    order = {"order_id": "SO-1", "offer": YEAR, "quantity": 1_001} | PAID
    refused = await api.post(f"{account}/purchases", order)
    assert (refused.status_code, refused.json()["code"]) == (422, "total_too_large")
    assert refused.json()["errors"][0]["pointer"] == "/quantity"
