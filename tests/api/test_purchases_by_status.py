"""Orders chosen by their status: at every instant those that show it, whatever kind they are of."""

from typing import Any, get_args

import pytest

from app.domain.selling.purchases import PurchaseStatus
from tests.api.conftest import Api, Clock
from tests.support.agreements import euros
from tests.support.cancellation import quote_upgrade
from tests.support.other_sellers import FOLDER, TOML

COVER = "corporate.extended-cover"
PENDING: dict[str, Any] = {"payment": {"status": "pending"}}
PAID: dict[str, Any] = {"payment": {"status": "paid"}}
# Days to wait after the story: terms of a month, of cover and of a year end in between.
DAYS = (0, 10, 19, 1, 1, 20, 9, 300, 40)


async def buy_cover(api: Api, account: str, order_id: str, **order: Any) -> Any:
    """Buy cover for the term of its offer, by quote; the order."""
    asked = {"offer": COVER, "price": euros(600)}
    quote = (await api.post(f"{account}/quotes", asked)).json()
    body = {"order_id": order_id, "quote_id": quote["quote_id"]} | PAID | order
    reply = await api.post(f"{account}/purchases", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def do(api: Api, account: str, order_id: str, change: str, body: dict[str, Any]) -> Any:
    """Do something to an order; what it is answered."""
    reply = await api.post(f"{account}/purchases/{order_id}/{change}", body)
    assert reply.is_success, reply.text
    return reply.json()


async def cancel(api: Api, account: str, order_id: str) -> None:
    """Cancel an order."""
    body = {"refund": "none", "reason": "Not needed", "actor": "ines"}
    await do(api, account, order_id, "cancellation", body)


async def tell_story(api: Api, account: str) -> None:
    """Order something of every kind, in every way that it can stand."""
    text = (FOLDER / "seller-2.toml").read_text()
    await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    # A year, with cover for a while: bought, to come, cancelled, unpaid, paid late, never paid.
    await api.buy(account, "corporate.gold", "gold")
    await buy_cover(api, account, "cover")
    await buy_cover(api, account, "cover-next", starts="after_current")
    await buy_cover(api, account, "cover-cancelled")
    await cancel(api, account, "cover-cancelled")
    await buy_cover(api, account, "cover-pending", **PENDING)
    await buy_cover(api, account, "cover-late", **PENDING)
    await do(api, account, "cover-late", "payment", {"reference": "P-1"})
    await buy_cover(api, account, "cover-never", **PENDING)
    await cancel(api, account, "cover-never")
    # A month: upgraded to a year, cancelled, renewed, renewed but not paid, never paid.
    await api.buy(account, "livecart.standard-1m", "upgraded")
    quote = await quote_upgrade(api, account, "livecart.express-1y", "upgraded")
    bought = {"order_id": "upgrade", "quote_id": quote["quote_id"]} | PAID
    assert (await api.post(f"{account}/purchases", bought)).status_code == 201
    await api.buy(account, "livecart.standard-1m", "cancelled")
    await cancel(api, account, "cancelled")
    await api.buy(account, "livecart.standard-1m", "month")
    await do(api, account, "month", "renewal", {"order_id": "month-again"})
    await do(api, account, "month-again", "renewal", {"order_id": "month-unpaid"} | PENDING)
    await api.buy(account, "livecart.standard-1m", "pending", starts="after_current", **PENDING)
    # More of a year that goes on, and of it one that is cancelled.
    await api.buy(account, "seller-2.standard", "sockets", quantity=2)
    for order_id in ("sockets-more", "sockets-cancelled"):
        quote = await do(api, account, "sockets", "addition-quote", {"quantity": 1})
        bought = {"order_id": order_id, "quote_id": quote["quote_id"]} | PAID
        assert (await api.post(f"{account}/purchases", bought)).status_code == 201
    await cancel(api, account, "sockets-cancelled")
    # What does not end, and what no order gave.
    await api.buy(account, "xcart-points.60", "pack")
    granted = {"catalog": "livecart", "plan": "standard", "amount": 1, "unit": "incident"}
    asked = granted | {"reference": "G-1", "reason": "Goodwill", "actor": "ines"}
    assert (await api.post(f"{account}/grants", asked)).status_code == 201


async def list_orders(api: Api, account: str, **asked: str) -> list[Any]:
    """Return all orders that are asked for."""
    reply = await api.get(f"{account}/purchases", params={"limit": "100"} | asked)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["data"])


@pytest.mark.parametrize("sandbox", [False, True])
async def test_a_status_chooses_the_orders_that_show_it(
    api: Api, clock: Clock, *, sandbox: bool
) -> None:
    account = "/v1/accounts/c-1"
    made = await api.put(account, {"name": "Nordwind Handel GmbH", "sandbox": sandbox})
    assert made.status_code == 201, made.text
    await tell_story(api, account)
    met = set()
    for days in DAYS:
        clock.advance(days=days)
        if sandbox:
            moved = await api.post(f"{account}/clock", {"to": clock.now.isoformat()})
            assert moved.status_code == 200, moved.text
        shown = await list_orders(api, account)
        assert len(shown) >= 18  # what renews by itself among them
        for status in get_args(PurchaseStatus):
            wanted = [each for each in shown if each["status"] == status]
            assert await list_orders(api, account, status=status) == wanted, (days, status)
        for each in shown:
            read = (await api.get(f"{account}/purchases/{each['order_id']}")).json()
            assert read == each
        met |= {(each["order_id"], each["status"]) for each in shown}
    assert {("cover", "active"), ("cover", "ended"), ("gold", "ended")} <= met
    assert {("cover-late", "ended"), ("cover-pending", "pending")} <= met
    assert {status for _, status in met} == set(get_args(PurchaseStatus))
