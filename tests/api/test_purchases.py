"""Purchases: every offer of the five sellers, paid at once or later, begun when it is asked."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

# Offer, price in minor units, term, units (None: unlimited) and the lots it gives.
SOLD = [
    ("livecart.standard-1m", 9900, "2026-12-24", None, 1),
    ("livecart.standard-1y", 9900, "2027-11-24", 10, 1),
    ("livecart.standard-2y", 19900, "2028-11-24", 25, 1),
    ("livecart.standard-3y", 59900, "2029-11-24", 100, 1),
    ("livecart.priority-1y", 19900, "2027-11-24", 10, 1),
    ("livecart.priority-2y", 39900, "2028-11-24", 30, 1),
    ("livecart.priority-3y", 99900, "2029-11-24", 100, 1),
    ("livecart.express-1y", 39900, "2027-11-24", 15, 1),
    ("livecart.express-2y", 79900, "2028-11-24", 35, 1),
    ("livecart.express-3y", 199900, "2029-11-24", 120, 1),
    ("xcart-points.60", 3450, "2028-11-24", 60, 1),
    ("xcart-points.120", 6850, "2028-11-24", 120, 1),
    ("xcart-points.300", 16950, "2028-11-24", 300, 1),
    ("xcart-points.1200", 67333, "2028-11-24", 1200, 1),
    ("xcart-support.subscription-1m", 14900, "2026-12-24", None, 1),
    ("xcart-support.subscription-1y", 99000, "2027-11-24", None, 1),
    ("xcart-support.incident-normal", 9900, "2027-11-24", 1, 1),
    ("xcart-support.incident-urgent", 13900, "2027-11-24", 1, 1),
    ("corporate.professional", 0, "2027-11-24", 1, 12),
    ("corporate.enterprise", 0, "2027-11-24", 2, 12),
    ("corporate.gold", 1798800, "2027-11-24", 4, 12),
]


def order(offer: str, order_id: str = "SO-1", **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "offer": offer, "payment": {"status": "paid"}} | more


def pending(offer: str, order_id: str = "SO-1", **more: Any) -> dict[str, Any]:
    return order(offer, order_id, payment={"status": "pending"}, **more)


async def place(api: Api, account: str, body: dict[str, Any]) -> Any:
    reply = await api.post(f"{account}/purchases", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def pay(api: Api, account: str, order_id: str = "SO-1", reference: str = "pay-1") -> Any:
    return await api.post(f"{account}/purchases/{order_id}/payment", {"reference": reference})


@pytest.mark.parametrize("sold", SOLD, ids=lambda sold: sold[0])
async def test_L1_P1_P2_S1_S4_E1_E2_what_is_sold(
    api: Api, sold: tuple[str, int, str, int | None, int]
) -> None:
    offer, price, ends, units, lots = sold
    account = await api.make_account()
    paid = {"status": "paid", "reference": "product subscription PS-9"}
    bought = await place(api, account, order(offer, site="https://shop.example", payment=paid))
    assert bought["total"]["amount"] == price
    assert bought["subscription"]["starts_at"] == "2026-11-24T08:00:00Z"
    at_the_days_end = offer.startswith("xcart-points")  # in the seller's zone
    ends_at = f"{ends}T21:00:00Z" if at_the_days_end else f"{ends}T08:00:00Z"
    assert bought["subscription"]["ends_at"] == ends_at
    assert [lot["granted"] for lot in bought["lots"]] == [units] * lots
    assert bought["lots"][0]["valid_from"] == "2026-11-24T08:00:00Z"
    assert bought["lots"][-1]["expires_at"] == ends_at
    site_bound = offer.startswith("xcart-support.subscription")
    assert bought["site"] == ("shop.example" if site_bound else None)


async def test_P2_points_expire_two_years_after_the_purchase(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.300")
    clock.move_to("2028-11-24T20:59:59Z")
    assert (await api.units(account, "point"))["available"] == 300
    clock.move_to("2028-11-24T21:00:00Z")
    units = await api.units(account, "point")
    assert (units["available"], units["expired"]) == (0, 300)


async def test_E2_the_month_turns_at_the_anchor_of_31_january(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    clock.move_to("2027-01-31T09:00:00Z")  # 10:00 in Berlin
    bought = await place(api, account, order("corporate.gold"))
    # At 10:00 in Berlin each time: in summer time that is 8:00 in UTC.
    assert [lot["valid_from"] for lot in bought["lots"]] == [
        "2027-01-31T09:00:00Z",
        "2027-02-28T09:00:00Z",
        "2027-03-31T08:00:00Z",
        "2027-04-30T08:00:00Z",
        "2027-05-31T08:00:00Z",
        "2027-06-30T08:00:00Z",
        "2027-07-31T08:00:00Z",
        "2027-08-31T08:00:00Z",
        "2027-09-30T08:00:00Z",
        "2027-10-31T09:00:00Z",
        "2027-11-30T09:00:00Z",
        "2027-12-31T09:00:00Z",
    ]
    assert bought["lots"][-1]["expires_at"] == "2028-01-31T09:00:00Z"
    for number in range(1, 5):
        await api.open(account, f"HD-{number}", severity=2)
    fifth = {"ticket_id": "HD-5", "subject": "Down", "severity": 2}
    refused = await api.post(f"{account}/tickets", fifth)
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_units")
    assert (refused.json()["required"], refused.json()["available"]) == (1, 0)
    assert [offer["offer"] for offer in refused.json()["offers"]] == [
        "corporate.professional",
        "corporate.enterprise",
        "corporate.gold",
    ]
    clock.move_to("2027-02-28T08:59:59Z")
    assert (await api.post(f"{account}/tickets", fifth)).status_code == 402
    clock.move_to("2027-02-28T09:00:00Z")
    await api.open(account, "HD-5", severity=2)
    units = await api.units(account)
    # Two months of 4 have begun; the first month's are held, one of the second's is.
    assert (units["granted"], units["held"], units["available"]) == (8, 5, 3)
    assert units["upcoming"] == 40


async def test_what_is_not_paid_gives_nothing_until_it_is(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    placed = await place(api, account, pending("livecart.priority-1y"))
    assert (placed["status"], placed["subscription"], placed["lots"]) == ("pending", None, [])
    assert (await api.get(f"{account}/balance")).json()["units"] == {}
    clock.advance(days=3)
    paid = await pay(api, account)
    assert paid.status_code == 200
    assert paid.json()["status"] == "active"
    assert paid.json()["subscription"]["starts_at"] == "2026-11-27T08:00:00Z"
    assert paid.json()["lots"][0]["expires_at"] == "2027-11-27T08:00:00Z"


async def test_a_payment_counts_once_however_often_it_is_reported(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, pending("livecart.priority-1y"))
    first = await pay(api, account)
    assert (await pay(api, account)).json() == first.json()
    other = await pay(api, account, reference="pay-2")
    assert (other.status_code, other.json()["code"]) == (409, "payment_already_reported")
    assert (await api.units(account))["granted"] == 10


async def test_a_payment_of_what_was_sold_paid_without_a_reference_is_another(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, order("livecart.express-1y"))
    other = await pay(api, account, reference="pay-2")
    assert other.json() == {
        "type": "/problems/payment_already_reported",
        "title": "The order is paid already",
        "status": 409,
        "detail": "The order 'SO-1' was paid without a reference.",
        "instance": "/v1/accounts/c-1/purchases/SO-1/payment",
        "code": "payment_already_reported",
    }


async def test_a_reference_of_an_order_that_waits_pays_nothing(api: Api) -> None:
    account = await api.make_account()
    waiting = {"status": "pending", "reference": "pay-1"}
    placed = await place(api, account, order("livecart.express-1y", payment=waiting))
    assert (placed["status"], placed["payment_reference"]) == ("pending", None)
    paid = await pay(api, account, reference="pay-1")
    assert paid.json()["payment_reference"] == "pay-1"


async def test_of_two_payments_for_one_order_one_counts(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, pending("livecart.priority-1y"))
    same = await asyncio.gather(*(pay(api, account) for _ in range(10)))
    assert {reply.status_code for reply in same} == {200}
    await place(api, account, pending("livecart.priority-1y", "SO-2"))
    different = await asyncio.gather(
        *(pay(api, account, "SO-2", f"pay-{number}") for number in range(10))
    )
    assert sorted(reply.status_code for reply in different) == [200] + 9 * [409]
    assert (await api.units(account))["granted"] == 20


async def test_L7_a_plan_can_be_bought_again_before_its_term_ends(api: Api, clock: Clock) -> None:
    """Priority: 10 incidents used in 5 months, bought again, the rest of two terms burning."""
    account = await api.make_account()
    await api.buy(account, "livecart.priority-1y", "SO-1")
    for number in range(1, 11):
        clock.advance(days=14)
        await api.open(account, f"HD-{number}")
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
    clock.advance(days=10)  # 150 days in all
    eleventh = {"ticket_id": "HD-11", "subject": "Once more"}
    refused = await api.post(f"{account}/tickets", eleventh)
    assert (refused.status_code, refused.json()["code"]) == (402, "insufficient_units")
    assert "livecart.priority-1y" in [each["offer"] for each in refused.json()["offers"]]
    await api.buy(account, "livecart.priority-1y", "SO-2")
    await api.open(account, "HD-11")
    units = await api.units(account)
    assert (units["granted"], units["used"], units["held"], units["available"]) == (20, 10, 1, 9)


async def test_L7_two_lots_burn_in_order_and_unused_ones_end_with_their_term(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    first = await api.buy(account, "livecart.priority-1y", "SO-1")
    clock.advance(days=150)
    second = await api.buy(account, "livecart.priority-1y", "SO-2")
    for number in range(1, 4):
        opened = await api.open(account, f"HD-{number}")
        # The one that ends sooner burns first.
        (allocation,) = opened["charge"]["allocations"]
        assert allocation["lot_id"] == first["lots"][0]["id"]
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
    clock.move_to("2027-11-24T08:00:00Z")
    units = await api.units(account)
    # 7 of the first 10 are lost with their term; nothing carries over.
    assert (units["used"], units["expired"], units["available"]) == (3, 7, 10)
    opened = await api.open(account, "HD-4")
    assert opened["charge"]["allocations"][0]["lot_id"] == second["lots"][0]["id"]


async def test_a_term_may_begin_after_the_present_one(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", "SO-1")
    await api.buy(account, "livecart.priority-3y", "SO-2")
    queued = await place(api, account, order("livecart.express-2y", "SO-3", starts="after_current"))
    # After all cover that there is, whatever its plan.
    assert queued["subscription"]["starts_at"] == "2029-11-24T08:00:00Z"
    assert queued["subscription"]["status"] == "upcoming"
    last = await place(api, account, order("livecart.express-1y", "SO-4", starts="after_current"))
    assert last["subscription"]["starts_at"] == "2031-11-24T08:00:00Z"
    units = await api.units(account)
    assert (units["available"], units["upcoming"]) == (15 + 100, 35 + 15)


async def test_a_term_may_begin_at_an_instant(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    starts = "2027-01-01T00:00:00+02:00"
    bought = await place(api, account, order("livecart.express-1y", starts=starts))
    assert bought["subscription"]["starts_at"] == "2026-12-31T22:00:00Z"
    refused = await api.post(f"{account}/tickets", {"ticket_id": "HD-1", "subject": "Early"})
    assert refused.json()["trace"][0]["code"] == "not_started"
    clock.move_to("2026-12-31T22:00:00Z")
    await api.open(account)


async def test_a_pending_order_begins_no_sooner_than_it_is_paid(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await place(api, account, pending("livecart.express-1y", starts="2026-12-01T00:00:00Z"))
    clock.move_to("2026-12-05T00:00:00Z")
    paid = (await pay(api, account)).json()
    assert paid["subscription"]["starts_at"] == "2026-12-05T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"starts": "2026-11-24T07:59:59Z"}, "starts_in_past"),
        ({"starts": "9999-06-01T00:00:00Z"}, "instant_out_of_range"),
        ({"offer": "livecart.nothing"}, "offer_unknown"),
        ({"offer": "livecart.standard-1m", "quantity": 2}, "quantity_not_one"),
        ({"contract_months": 18}, "invalid_contract_months"),
        ({"quantity": 0}, "invalid_request"),
        ({"at": "2026-11-24T08:02:00Z"}, "at_in_future"),
    ],
)
async def test_what_cannot_be_sold(api: Api, change: dict[str, Any], code: str) -> None:
    account = await api.make_account()
    body = order("livecart.express-1y") | change
    refused = await api.post(f"{account}/purchases", body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await api.get(f"{account}/purchases")).json()["data"] == []


async def test_another_total_than_the_shop_showed(api: Api) -> None:
    account = await api.make_account()
    body = order("livecart.express-1y", expected_total={"amount": 39800, "currency": "EUR"})
    refused = await api.post(f"{account}/purchases", body)
    assert refused.json() == {
        "type": "/problems/total_differs",
        "title": "The total is another than expected",
        "status": 409,
        "detail": "The total is EUR 399.00, and EUR 398.00 was expected.",
        "instance": "/v1/accounts/c-1/purchases",
        "code": "total_differs",
        "expected": {"amount": 39800, "currency": "EUR"},
        "total": {"amount": 39900, "currency": "EUR"},
    }


async def test_quantity_multiplies_the_lot(api: Api) -> None:
    account = await api.make_account()
    bought = await place(api, account, order("xcart-points.60", quantity=3))
    # 3 × 60 points for 3 × $34.50.
    assert bought["total"]["amount"] == 10350
    assert [lot["granted"] for lot in bought["lots"]] == [180]


async def test_a_contract_repeats_the_offer_in_each_of_its_terms(api: Api) -> None:
    account = await api.make_account()
    bought = await place(api, account, order("livecart.express-1y", contract_months=24))
    assert bought["total"]["amount"] == 79800
    assert [(lot["granted"], lot["expires_at"]) for lot in bought["lots"]] == [
        (15, "2027-11-24T08:00:00Z"),
        (15, "2028-11-24T08:00:00Z"),
    ]


@pytest.mark.parametrize("offer", ["corporate.professional", "corporate.enterprise"])
async def test_E1_what_comes_with_the_product_keeps_the_proof_of_it(api: Api, offer: str) -> None:
    account = await api.make_account()
    proof = {"status": "paid", "reference": "product subscription PS-9"}
    bought = await place(api, account, order(offer, payment=proof))
    assert bought["total"] == {"amount": 0, "currency": "EUR"}
    assert bought["payment_reference"] == "product subscription PS-9"


async def test_an_order_sent_again_is_sold_once(api: Api) -> None:
    account = await api.make_account()
    body = order("livecart.express-1y")
    replies = await asyncio.gather(*(api.post(f"{account}/purchases", body) for _ in range(10)))
    assert sorted(reply.status_code for reply in replies) == 9 * [200] + [201]
    filled_in = body | {"quantity": 1, "starts": "now", "site": None}
    assert (await api.post(f"{account}/purchases", filled_in)).status_code == 200
    other = await api.post(f"{account}/purchases", body | {"quantity": 2})
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert other.json()["differences"] == [{"pointer": "/quantity", "then": 1, "now": 2}]
    assert (await api.units(account))["granted"] == 15


async def test_a_sale_is_renewed_for_the_term_after_it(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    first = await place(api, account, order("livecart.express-1y", quantity=2))
    clock.advance(days=300)
    renewed = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert renewed.status_code == 201
    again = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert (again.status_code, again.json()) == (200, renewed.json())
    second = renewed.json()
    assert second["subscription"]["starts_at"] == first["subscription"]["ends_at"]
    assert (second["quantity"], second["lots"][0]["granted"]) == (2, 30)
    third = await api.post(f"{account}/purchases/SO-2/renewal", {"order_id": "SO-3"})
    assert third.json()["subscription"]["starts_at"] == second["subscription"]["ends_at"]


async def test_what_both_leave_out_is_no_difference(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, order("livecart.express-1y"))
    await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    other = await api.post(f"{account}/purchases", order("livecart.express-1y", "SO-2"))
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert other.json()["differences"] == [
        {"pointer": "/offer", "then": None, "now": "livecart.express-1y"},
        {"pointer": "/quantity", "then": None, "now": 1},
        {"pointer": "/renews", "then": "SO-1", "now": None},
        {"pointer": "/starts", "then": "after_current", "now": "now"},
    ]


async def test_a_renewal_may_be_paid_later_and_has_todays_price(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, order("livecart.express-1y"))
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["offers"]["express-1y"]["price"]["amount"] = 44900
    await api.put("/v1/catalogs/livecart", document)
    body = {"order_id": "SO-2", "payment": {"status": "pending"}}
    refused = await api.post(
        f"{account}/purchases/SO-1/renewal",
        body | {"expected_total": {"amount": 39900, "currency": "EUR"}},
    )
    assert refused.json()["code"] == "total_differs"
    renewed = (await api.post(f"{account}/purchases/SO-1/renewal", body)).json()
    assert (renewed["status"], renewed["total"]["amount"]) == ("pending", 44900)
    paid = (await pay(api, account, "SO-2")).json()
    assert paid["subscription"]["starts_at"] == "2027-11-24T08:00:00Z"
    assert paid["catalog_version"] == 2


async def test_what_cannot_be_renewed(api: Api) -> None:
    account = await api.make_account()
    await place(api, account, pending("livecart.express-1y", "SO-1"))
    price = {"amount": 200000, "currency": "EUR"}
    quoted = await api.post(f"{account}/quotes", {"offer": "agency.starter", "price": price})
    body = {"order_id": "SO-3", "quote_id": quoted.json()["quote_id"]}
    await place(api, account, body | {"payment": {"status": "paid"}})
    for order_id, status, code in (
        ("SO-1", 409, "purchase_pending"),
        ("SO-3", 422, "quote_required"),
        ("SO-9", 404, "purchase_unknown"),
    ):
        refused = await api.post(f"{account}/purchases/{order_id}/renewal", {"order_id": "SO-10"})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    taken = await api.post(f"{account}/purchases/SO-3/renewal", {"order_id": "SO-3"})
    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")


async def test_an_order_ends_with_its_term(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await place(api, account, order("livecart.standard-1m"))
    clock.move_to(datetime(2026, 12, 24, 8, 0, tzinfo=UTC))
    found = (await api.get(f"{account}/purchases/SO-1")).json()
    assert (found["status"], found["subscription"]["status"]) == ("ended", "ended")


async def test_a_dry_run_sells_nothing(api: Api) -> None:
    account = await api.make_account()
    reply = await api.post(
        f"{account}/purchases", order("livecart.express-1y"), params={"dry_run": "true"}
    )
    assert (reply.status_code, reply.headers["Dry-Run"]) == (201, "true")
    assert reply.json()["lots"][0]["granted"] == 15
    assert (await api.get(f"{account}/purchases")).json()["data"] == []
    assert (await api.get(f"{account}/balance")).json()["units"] == {}
