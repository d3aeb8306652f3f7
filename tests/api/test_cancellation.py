"""Cancellation and upgrades: what is left is taken back, and money adds up to what was paid."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.support.cancellation import quote_upgrade
from tests.support.verification import require_clean


async def cancel(api: Api, account: str, refund: str, order_id: str = "SO-1", **more: Any) -> Any:
    body = {"refund": refund, "reason": "The shop is closed", "actor": "ines"}
    return await api.post(f"{account}/purchases/{order_id}/cancellation", body, **more)


async def buy_quote(api: Api, account: str, quote: Any, order_id: str = "SO-2") -> Any:
    body = {"order_id": order_id, "quote_id": quote["quote_id"], "payment": {"status": "paid"}}
    return await api.post(f"{account}/purchases", body)


async def use(api: Api, account: str, *numbers: int, **more: Any) -> None:
    """Open tickets and settle them: an incident each."""
    for number in numbers:
        await api.open(account, f"HD-{number}", **more)
        reply = await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
        assert reply.status_code == 200, reply.text


async def test_unused_incidents_are_paid_back_pro_rata(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await use(api, account, 1, 2, 3)
    await api.open(account, "HD-4")
    clock.advance(days=90)
    reply = await cancel(api, account, "unused")
    assert reply.status_code == 200
    cancelled = reply.json()
    assert cancelled["status"] == "cancelled"
    # 3 used and 1 held of 15: 11/15 of €399.00 are €292.60; €106.40 are kept.
    assert cancelled["cancellation"] == {
        "refund": "unused",
        "refund_amount": {"amount": 29260, "currency": "EUR"},
        "kept_amount": {"amount": 10640, "currency": "EUR"},
        "rule": "11 of 15 incidents are unused: that share of what was paid, rounded half up.",
        "unused": {"by": "units", "left": 11, "whole": 15},
        "reason": "The shop is closed",
        "actor": "ines",
        "at": "2027-02-22T08:00:00Z",
        "replaced_by": None,
        "payments": [
            {
                "order_id": "SO-1",
                "reference": None,
                "amount": {"amount": 29260, "currency": "EUR"},
            }
        ],
    }
    assert cancelled["subscription"]["status"] == "ended"
    assert cancelled["subscription"]["ends_at"] == "2027-02-22T08:00:00Z"
    units = await api.units(account)
    assert units == {
        "granted": 15,
        "available": 0,
        "held": 1,
        "used": 3,
        "expired": 0,
        "revoked": 11,
        "upcoming": 0,
        "unlimited": False,
    }
    await require_clean(app)


@pytest.mark.parametrize(
    ("refund", "back", "kept"), [("none", 0, 39900), ("unused", 37240, 2660), ("full", 39900, 0)]
)
async def test_what_is_paid_back_and_kept_is_what_was_paid(
    api: Api, refund: str, back: int, kept: int
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await use(api, account, 1)
    cancellation = (await cancel(api, account, refund)).json()["cancellation"]
    # One of 15 is used: 14/15 of €399.00 are €372.40.
    assert cancellation["refund_amount"]["amount"] == back
    assert cancellation["kept_amount"]["amount"] == kept


async def test_without_a_count_the_time_left_is_paid_back(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    site = "https://shop.example"
    await api.buy(account, "xcart-support.subscription-1y", site=site)
    await use(api, account, 1, 2, site=site)
    clock.advance(days=73)
    cancelled = (await cancel(api, account, "unused")).json()
    # 292 of 365 days are left, four fifths: $792.00 of $990.00.
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 79200
    assert cancelled["cancellation"]["unused"] == {
        "by": "time",
        "left": 292 * 86_400,
        "whole": 365 * 86_400,
    }
    refused = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-3", "subject": "More", "site": site}
    )
    assert refused.status_code == 402
    assert refused.json()["trace"][0]["code"] == "term_ended"


async def test_months_to_come_are_paid_back_in_full_and_months_gone_are_not(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await use(api, account, 1, 2, severity=2)
    clock.move_to("2026-12-26T12:00:00Z")  # in the second month
    await use(api, account, 3, severity=2)
    cancelled = (await cancel(api, account, "unused")).json()
    # 3 of the second month's 4, and 10 months of 4: 43/48 of €17,988.00 are €16,114.25.
    assert cancelled["cancellation"]["unused"] == {"by": "units", "left": 43, "whole": 48}
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 1_611_425
    units = await api.units(account)
    # The first month's 2 unused ones were lost before; what was to come never comes.
    assert (units["used"], units["expired"], units["revoked"]) == (3, 2, 3)
    assert (units["available"], units["upcoming"]) == (0, 0)
    clock.move_to("2027-11-01T12:00:00Z")
    units = await api.units(account)
    assert (units["granted"], units["revoked"], units["available"]) == (48, 43, 0)


async def test_an_open_hold_can_still_be_settled(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    await cancel(api, account, "unused")
    settled = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert settled.json()["charge"]["status"] == "settled"
    units = await api.units(account)
    assert (units["held"], units["used"], units["revoked"]) == (0, 1, 14)
    await require_clean(app)


async def test_what_returns_after_a_cancellation_is_expired(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    clock.advance(days=1)
    await cancel(api, account, "unused")
    returned = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    (back,) = returned.json()["charge"]["returns"]
    assert (back["amount"], back["to"]) == (1, "expired")
    units = await api.units(account)
    assert (units["available"], units["expired"], units["revoked"]) == (0, 1, 14)
    refused = await api.post(f"{account}/tickets", {"ticket_id": "HD-2", "subject": "More"})
    assert refused.json()["trace"][0]["code"] == "term_ended"
    await require_clean(app)


async def test_a_defect_gives_units_again_unless_all_was_paid_back(api: Api, clock: Clock) -> None:
    for refund, to, available in (("unused", "grace", 1), ("full", "expired", 0)):
        account = await api.make_account(f"c-{refund}")
        await api.buy(account, "livecart.express-1y")
        await api.open(account, "HD-1")
        await cancel(api, account, refund)
        clock.advance(days=1)
        returned = await api.post(
            f"{account}/tickets/HD-1/resolution", {"outcome": "vendor_defect"}
        )
        assert returned.json()["charge"]["returns"][0]["to"] == to
        assert (await api.units(account))["available"] == available


async def test_a_purchase_is_cancelled_once(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    replies = await asyncio.gather(*(cancel(api, account, "unused") for _ in range(10)))
    assert sorted(reply.status_code for reply in replies) == [200] + 9 * [409]
    again = await cancel(api, account, "full")
    assert (again.status_code, again.json()["code"]) == (409, "purchase_cancelled")
    assert (await api.units(account))["revoked"] == 15
    renewal = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert renewal.json()["code"] == "purchase_cancelled"


async def test_of_an_order_that_was_not_paid_nothing_is_paid_back(api: Api) -> None:
    account = await api.make_account()
    body = {
        "order_id": "SO-1",
        "offer": "livecart.express-1y",
        "payment": {"status": "pending"},
    }
    await api.post(f"{account}/purchases", body)
    cancelled = (await cancel(api, account, "full")).json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 0
    late = await api.post(f"{account}/purchases/SO-1/payment", {"reference": "pay-1"})
    assert (late.status_code, late.json()["code"]) == (409, "purchase_cancelled")


async def test_a_term_to_come_never_begins(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    site = "https://shop.example"
    await api.buy(account, "xcart-support.subscription-1m", site=site)
    await api.buy(
        account,
        "xcart-support.subscription-1y",
        "SO-2",
        site=site,
        starts="after_current",
    )
    cancelled = (await cancel(api, account, "unused", "SO-2")).json()
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 99000
    assert cancelled["subscription"]["status"] == "ended"
    clock.move_to("2026-12-25T08:00:00Z")
    refused = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-1", "subject": "More", "site": site}
    )
    assert refused.status_code == 402
    assert [line["code"] for line in refused.json()["trace"]] == ["term_ended"]
    # The place is free again.
    again = await api.buy(
        account,
        "xcart-support.subscription-1y",
        "SO-3",
        site=site,
        starts="after_current",
    )
    assert again["subscription"]["starts_at"] == "2026-12-25T08:00:00Z"


async def test_a_term_that_is_over_cannot_be_cancelled(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    clock.advance(days=31)
    refused = await cancel(api, account, "full")
    assert (refused.status_code, refused.json()["code"]) == (409, "purchase_ended")


async def test_a_dry_run_tells_what_would_be_paid_back(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    told = await cancel(api, account, "unused", params={"dry_run": "true"})
    assert told.json()["cancellation"]["refund_amount"]["amount"] == 39900
    assert (await api.units(account))["available"] == 15


async def test_a_balance_of_before_stays_as_it_was(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    site = "https://shop.example"
    await api.buy(account, "livecart.express-1y")
    await api.buy(account, "xcart-support.subscription-1y", "SO-2", site=site)
    await api.buy(account, "corporate.gold", "SO-3")
    asked = [{"sequence": 14, "at": f"2027-{month:02}-20T00:00:00Z"} for month in range(1, 12)]
    before = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    clock.move_to("2027-02-01T00:00:00Z")
    for order_id in ("SO-1", "SO-2", "SO-3"):
        assert (await cancel(api, account, "unused", order_id)).status_code == 200
    after = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    assert after == before
    # What is known now is that the unlimited plan ended with the rest.
    now = (await api.get(f"{account}/balance")).json()
    assert now["units"]["incident"]["unlimited"] is False
    earlier = await api.get(f"{account}/balance", params={"at": "2027-01-20T00:00:00Z"})
    assert earlier.json()["units"]["incident"]["unlimited"] is True


async def test_an_upgrade_credits_what_is_unused(api: Api, app: FastAPI, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    await use(api, account, 1, 2)
    clock.advance(days=30)
    quote = await quote_upgrade(api, account, "livecart.express-1y")
    # 8 of 10 incidents are unused: €79.20 of €99.00 towards €399.00.
    assert quote["lines"][1]["amount"] == -7920
    assert quote["lines"][1]["text"].startswith("Credit for the order SO-1: 8 of 10 incidents")
    assert quote["total"] == {"amount": 31980, "currency": "EUR"}
    assert (quote["kind"], quote["upgrades"]) == ("upgrade", "SO-1")
    bought = (await buy_quote(api, account, quote)).json()
    assert bought["total"]["amount"] == 31980
    assert bought["subscription"]["plan"] == "express"
    old = (await api.get(f"{account}/purchases/SO-1")).json()
    assert old["status"] == "cancelled"
    assert old["cancellation"]["refund"] == "upgrade"
    assert old["cancellation"]["refund_amount"]["amount"] == 7920
    assert old["cancellation"]["kept_amount"]["amount"] == 1980
    assert old["cancellation"]["replaced_by"] == "SO-2"
    units = await api.units(account)
    assert (units["used"], units["revoked"], units["available"]) == (2, 8, 15)
    assert (await buy_quote(api, account, quote)).json() == bought
    await require_clean(app)


async def test_the_credit_of_an_upgrade_is_paid_back_too(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    quote = await quote_upgrade(api, account, "livecart.express-1y")
    # €99.00 of credit and €300.00 in money.
    assert (await buy_quote(api, account, quote)).json()["total"]["amount"] == 30000
    await use(api, account, 1, 2, 3)
    clock.advance(days=1)
    cancelled = (await cancel(api, account, "unused", "SO-2")).json()
    # 12 of 15 are unused: four fifths of €399.00 are €319.20.
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 31920
    assert cancelled["cancellation"]["kept_amount"]["amount"] == 7980


async def test_an_upgrade_quote_is_outdated_by_use(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    quote = await quote_upgrade(api, account, "livecart.express-1y")
    await use(api, account, 1)
    refused = await buy_quote(api, account, quote)
    assert refused.json() == {
        "type": "/problems/quote_outdated",
        "title": "The quote is outdated",
        "status": 409,
        "detail": "What is unused is worth EUR 89.10 now, and EUR 99.00 was quoted.",
        "instance": "/v1/accounts/c-1/purchases",
        "code": "quote_outdated",
        "quoted": 10,
        "unused": 9,
        "credit": {"amount": 8910, "currency": "EUR"},
        "total": {"amount": 30990, "currency": "EUR"},
    }
    assert (await api.units(account))["available"] == 9
    fresh = await quote_upgrade(api, account, "livecart.express-1y")
    assert (await buy_quote(api, account, fresh)).status_code == 201


async def test_an_upgrade_of_a_subscription_credits_its_time(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    site = "https://shop.example/eu"
    await api.buy(account, "xcart-support.subscription-1m", site=site)
    clock.advance(days=15)
    quote = await quote_upgrade(api, account, "xcart-support.subscription-1y")
    # 15 of 30 days are left: $74.50 of $149.00 towards $990.00.
    assert quote["total"]["amount"] == 99000 - 7450
    assert quote["site"] == "shop.example/eu"
    assert quote["valid_until"] == "2026-12-16T08:00:00Z"
    clock.advance(days=2)
    bought = await buy_quote(api, account, quote)
    # The credit is as it was quoted; the new term begins where the old one is ended.
    assert bought.status_code == 201, bought.text
    assert bought.json()["subscription"]["starts_at"] == "2026-12-11T08:00:00Z"
    old = (await api.get(f"{account}/purchases/SO-1")).json()
    assert old["subscription"]["ends_at"] == "2026-12-11T08:00:00Z"
    assert old["cancellation"]["refund_amount"]["amount"] == 7450


async def test_an_upgrade_that_is_paid_later_ends_the_order_then(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    quote = await quote_upgrade(api, account, "livecart.priority-1y")
    body = {
        "order_id": "SO-2",
        "quote_id": quote["quote_id"],
        "payment": {"status": "pending"},
    }
    assert (await api.post(f"{account}/purchases", body)).json()["status"] == "pending"
    assert (await api.get(f"{account}/purchases/SO-1")).json()["status"] == "active"
    clock.advance(days=5)
    paid = await api.post(f"{account}/purchases/SO-2/payment", {"reference": "pay-1"})
    assert paid.json()["status"] == "active"
    assert (await api.get(f"{account}/purchases/SO-1")).json()["status"] == "cancelled"
    units = await api.units(account)
    assert (units["revoked"], units["available"]) == (10, 10)


async def test_what_is_no_upgrade(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.priority-3y", "SO-1")
    await api.buy(account, "livecart.standard-1y", "SO-3")
    pending = {
        "order_id": "SO-2",
        "offer": "livecart.express-1y",
        "payment": {"status": "pending"},
    }
    await api.post(f"{account}/purchases", pending)
    for order_id, offer, status, code in (
        ("SO-1", "livecart.priority-3y", 422, "not_an_upgrade"),
        ("SO-1", "livecart.standard-3y", 422, "not_an_upgrade"),
        # €999.00 of credit towards €399.00: money would be lost.
        ("SO-1", "livecart.express-1y", 422, "not_an_upgrade"),
        ("SO-1", "xcart-points.300", 422, "not_an_upgrade"),
        # Another seller's plan, though a plan of its name is there too.
        ("SO-3", "agency.advanced", 422, "not_an_upgrade"),
        ("SO-1", "livecart.nothing", 422, "offer_unknown"),
        ("SO-2", "livecart.express-3y", 409, "purchase_pending"),
        ("SO-9", "livecart.express-3y", 404, "purchase_unknown"),
    ):
        refused = await api.post(f"{account}/purchases/{order_id}/upgrade-quote", {"offer": offer})
        assert (refused.status_code, refused.json()["code"]) == (status, code), offer


async def test_an_order_cannot_be_upgraded_twice(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    quotes = [
        await quote_upgrade(api, account, "livecart.express-1y"),
        await quote_upgrade(api, account, "livecart.priority-1y"),
    ]
    replies = await asyncio.gather(
        *(buy_quote(api, account, quote, f"SO-{n}") for n, quote in enumerate(quotes, start=2))
    )
    assert sorted(reply.status_code for reply in replies) == [201, 409]
    (refused,) = [reply for reply in replies if reply.status_code == 409]
    assert refused.json()["code"] == "purchase_cancelled"
    units = await api.units(account)
    assert (units["revoked"], units["granted"]) in ((10, 25), (10, 20))
