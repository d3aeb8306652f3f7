"""What an order that ends before its time is worth: refunds, credits, and who paid what."""

from typing import Any

from tests.api.conftest import TUESDAY, Api, Clock


async def cancel(api: Api, account: str, order_id: str, refund: str, **options: Any) -> Any:
    body = {"refund": refund, "reason": "Closes its store", "actor": "ines"}
    reply = await api.post(f"{account}/purchases/{order_id}/cancellation", body, **options)
    assert reply.status_code == 200, reply.text
    return reply.json()["cancellation"]


async def quote_upgrade(api: Api, account: str, order_id: str, offer: str, **more: Any) -> Any:
    reply = await api.post(f"{account}/purchases/{order_id}/upgrade-quote", {"offer": offer} | more)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def buy_quote(
    api: Api, account: str, order_id: str, quote: Any, payment: Any = None, **more: Any
) -> Any:
    body = {"order_id": order_id, "quote_id": quote["quote_id"]} | more
    return await api.post(f"{account}/purchases", body | {"payment": payment or {"status": "paid"}})


async def test_ten_unused_incidents_are_worth_what_is_left_of_the_year(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    clock.advance(days=362)
    quote = await quote_upgrade(api, account, "SO-1", "livecart.express-1y")
    assert quote["lines"][-1]["amount"] == -81
    decided = await cancel(api, account, "SO-1", "unused")
    assert decided["refund_amount"] == {"amount": 81, "currency": "EUR"}
    assert decided["unused"] == {"by": "time", "left": 259_200, "whole": 31_536_000}
    assert "seconds" in decided["rule"]


async def test_used_units_are_not_paid_back_with_the_time(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    for number in range(4):
        await api.open(account, f"HD-{number}")
    clock.advance(days=30)
    decided = await cancel(api, account, "SO-1", "unused")
    assert (decided["unused"]["by"], decided["unused"]["left"]) == ("units", 6)
    assert decided["refund_amount"]["amount"] == 5_940


async def test_a_credit_is_measured_again_when_it_is_bought_and_when_it_is_paid(
    api: Api, clock: Clock
) -> None:
    """A year for 990.00, quoted for an upgrade on its first day and paid on day 364."""
    account = await api.make_account()
    site = "https://shop.example"
    catalog = (await api.get("/v1/catalogs/xcart-support")).json()["document"]
    catalog["plans"]["subscription"]["rank"] = 4
    catalog["plans"]["better"] = catalog["plans"]["subscription"] | {"rank": 1}
    catalog["offers"]["better-1y"] = catalog["offers"]["subscription-1y"] | {
        "plan": "better",
        "price": {"amount": 200_000, "currency": "USD"},
    }
    assert (await api.put("/v1/catalogs/xcart-support", catalog)).status_code == 201
    await api.buy(account, "xcart-support.subscription-1y", "SO-1", site=site)
    path = f"{account}/purchases/SO-1/upgrade-quote"
    better = {"offer": "xcart-support.better-1y"}
    for until in ("2099-01-01T00:00:00Z", "2026-12-02T08:00:00Z"):
        reply = await api.post(path, better | {"valid_until": until})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_validity")
    quote = await quote_upgrade(api, account, "SO-1", better["offer"])
    assert quote["total"]["amount"] == 101_000
    assert (await buy_quote(api, account, "SO-2", quote, {"status": "pending"})).status_code == 201
    late = await quote_upgrade(api, account, "SO-1", better["offer"])
    clock.advance(days=364)
    reply = await api.post(f"{account}/purchases/SO-2/payment", {"reference": "ch_1"})
    assert (reply.status_code, reply.json()["code"]) == (409, "quote_outdated")
    assert reply.json()["credit"] == {"amount": 271, "currency": "USD"}
    assert reply.json()["total"] == {"amount": 199_729, "currency": "USD"}
    # An expired quote stays expired, whenever it is said to have been bought.
    at = clock.now.replace(day=clock.now.day - 3).isoformat()
    for more in ({}, {"at": at}):
        reply = await buy_quote(api, account, "SO-3", late, **more)
        assert (reply.status_code, reply.json()["code"]) == (409, "quote_expired")
    now = await quote_upgrade(api, account, "SO-1", better["offer"])
    assert now["total"]["amount"] == 199_729
    assert (await buy_quote(api, account, "SO-4", now)).status_code == 201


async def test_the_days_that_a_quote_may_wait_do_not_outdate_it(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    quote = await quote_upgrade(api, account, "SO-1", "livecart.express-1y")
    clock.advance(days=6)
    bought = await buy_quote(api, account, "SO-2", quote)
    assert bought.status_code == 201
    assert bought.json()["total"] == {"amount": 30_000, "currency": "EUR"}


async def test_a_full_refund_is_split_by_the_payments_that_made_it_up(api: Api) -> None:
    account = await api.make_account()
    offers = ("livecart.standard-1y", "livecart.priority-1y", "livecart.express-1y")
    await api.buy(account, offers[0], "SO-0", payment={"status": "paid", "reference": "ch_0"})
    for number in (1, 2):
        quote = await quote_upgrade(api, account, f"SO-{number - 1}", offers[number])
        payment = {"status": "paid", "reference": f"ch_{number}"}
        assert (await buy_quote(api, account, f"SO-{number}", quote, payment)).status_code == 201
    decided = await cancel(api, account, "SO-2", "full")
    assert decided["refund_amount"]["amount"] == 39_900
    parts = [
        (each["order_id"], each["reference"], each["amount"]["amount"])
        for each in decided["payments"]
    ]
    assert parts == [("SO-2", "ch_2", 20_000), ("SO-1", "ch_1", 10_000), ("SO-0", "ch_0", 9_900)]


async def test_an_upgrade_keeps_the_quantity_unless_said_otherwise(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1", quantity=2)
    quote = await quote_upgrade(api, account, "SO-1", "livecart.express-1y")
    assert (quote["quantity"], quote["allowance"]["amount"]) == (2, 30)
    assert quote["total"]["amount"] == 2 * 39_900 - 2 * 9_900
    one = await quote_upgrade(api, account, "SO-1", "livecart.express-1y", quantity=1)
    assert one["quantity"] == 1


async def test_the_sellers_terms_say_what_is_paid_back(api: Api, clock: Clock) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    key = (await api.post("/v1/api-keys", {"name": "shop", "role": "storefront"})).json()
    shop = api.holding(key["secret"])
    paid_back = {"unused_units": 9_900, "unused_time": 4_950, "lesser": 4_950, "none": 0}
    for number, (policy, amount) in enumerate(paid_back.items()):
        document["policies"]["ending"] = {"refund": policy}
        assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
        clock.now = TUESDAY
        account = await api.make_account(f"c-{number}")
        await api.buy(account, "livecart.standard-1y", "SO-1")
        clock.advance(hours=365 * 12)
        path = f"{account}/purchases/SO-1/cancellation"
        body = {"refund": "full", "reason": "Moved", "actor": "ines"}
        assert (await shop.post(path, body)).status_code == 403
        body["refund"] = "none" if policy == "none" else "unused"
        reply = await shop.post(path, body)
        assert reply.json()["cancellation"]["refund_amount"]["amount"] == amount
