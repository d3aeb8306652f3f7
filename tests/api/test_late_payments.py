"""Orders that wait to be paid: a payment that comes too late is on the record, and goes back."""

from typing import Any

from fastapi import FastAPI

from tests.api.conftest import Api
from tests.support.cancellation import quote_upgrade
from tests.support.verification import require_clean

YEAR = "xcart-support.subscription-1y"
SITE = "https://shop.example"
CANCELLED = {"reason": "Left behind", "actor": "shop"}


async def place(api: Api, account: str, order_id: str, offer: str = YEAR, **more: Any) -> Any:
    body = {"order_id": order_id, "payment": {"status": "pending"}} | more
    if "quote_id" not in more:
        body |= {"offer": offer, "site": SITE} | more
    return await api.post(f"{account}/purchases", body)


async def pay(api: Api, account: str, order_id: str, reference: str) -> Any:
    return await api.post(f"{account}/purchases/{order_id}/payment", {"reference": reference})


async def cancel(api: Api, account: str, order_id: str, refund: str = "full", **more: Any) -> Any:
    body = {"refund": refund} | CANCELLED | more
    return await api.post(f"{account}/purchases/{order_id}/cancellation", body)


async def test_of_two_upgrades_that_wait_the_one_paid_first_is_done(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    quotes = [
        await quote_upgrade(api, account, offer)
        for offer in ("livecart.express-1y", "livecart.priority-1y")
    ]
    for order_id, quote in zip(("SO-2", "SO-3"), quotes, strict=True):
        assert (await place(api, account, order_id, quote_id=quote["quote_id"])).status_code == 201
    assert (await pay(api, account, "SO-2", "pi-2")).json()["status"] == "active"
    late = await pay(api, account, "SO-3", "pi-3")
    assert (late.status_code, late.json()["code"]) == (409, "purchase_cancelled")
    # A refusal names the orders that it is of.
    assert late.json()["detail"] == (
        "The order 'SO-3' upgrades the order 'SO-1', which was upgraded to the order 'SO-2'"
        " already."
    )
    assert (late.json()["order_id"], late.json()["replaced_by"]) == ("SO-1", "SO-2")


async def test_a_payment_that_came_too_late_is_on_the_record_and_paid_back(
    api: Api, app: FastAPI
) -> None:
    account = await api.make_account()
    await place(api, account, "SO-1")
    await place(api, account, "SO-2")
    assert (await pay(api, account, "SO-2", "pi-2")).status_code == 200
    late = await pay(api, account, "SO-1", "pi-1")
    assert (late.status_code, late.json()["code"]) == (409, "site_already_covered")
    used = await cancel(api, account, "SO-1", payment_reference="pi-2")
    assert (used.status_code, used.json()["code"]) == (409, "payment_used")
    back = (await cancel(api, account, "SO-1", payment_reference="pi-1")).json()
    assert (back["status"], back["payment_reference"]) == ("cancelled", "pi-1")
    whole = {"amount": 99000, "currency": "USD"}
    assert back["cancellation"] | {"at": None} == {
        "refund": "full",
        "refund_amount": whole,
        "kept_amount": {"amount": 0, "currency": "USD"},
        "rule": "The order gave nothing: all that was paid is paid back.",
        "unused": None,
        **CANCELLED,
        "at": None,
        "replaced_by": None,
        "payments": [{"order_id": "SO-1", "reference": "pi-1", "amount": whole}],
    }
    # Heard of again, it is the same payment; another one is another.
    for again in (
        await cancel(api, account, "SO-1", payment_reference="pi-1"),
        await pay(api, account, "SO-1", "pi-1"),
    ):
        assert (again.status_code, again.json()) == (200, back)
    other = await cancel(api, account, "SO-1", payment_reference="pi-9")
    assert (other.status_code, other.json()["code"]) == (409, "payment_already_reported")
    await require_clean(app)


async def test_a_payment_of_an_order_that_was_cancelled_is_paid_back_too(
    api: Api, app: FastAPI
) -> None:
    account = await api.make_account()
    await place(api, account, "SO-1")
    await cancel(api, account, "SO-1")
    late = await pay(api, account, "SO-1", "pi-1")
    assert late.json()["detail"] == "The order 'SO-1' is cancelled."
    assert (late.json()["code"], late.json()["order_id"]) == ("purchase_cancelled", "SO-1")
    back = (await cancel(api, account, "SO-1", payment_reference="pi-1")).json()
    assert back["cancellation"]["refund_amount"]["amount"] == 99000
    told = (await api.get("/v1/events", params={"account_id": "c-1"})).json()["data"]
    refunds = [
        each["data"]["refund"]["amount"] for each in told if each["type"] == "purchase.cancelled"
    ]
    assert refunds == [0, 99000]
    await require_clean(app)


async def test_a_payment_heard_of_again_is_the_same_after_the_order_is_cancelled(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, "SO-1")
    await pay(api, account, "SO-1", "pi-1")
    cancelled = (await cancel(api, account, "SO-1", payment_reference="pi-1")).json()
    assert cancelled["cancellation"]["unused"] is not None
    again = await pay(api, account, "SO-1", "pi-1")
    assert (again.status_code, again.json()) == (200, cancelled)
    other = await pay(api, account, "SO-1", "pi-2")
    assert (other.status_code, other.json()["code"]) == (409, "purchase_cancelled")
