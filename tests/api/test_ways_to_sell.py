"""What a catalogue may say of what it sells: by sockets, in tiers, late, once, to whom."""

from typing import Any

from tests.api.conftest import Api, Clock


async def publish(api: Api, change: Any) -> None:
    """Publish LiveCart's terms with other offers or policies."""
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    change(document)
    reply = await api.put("/v1/catalogs/livecart", document)
    assert reply.status_code == 201, reply.text


async def post(api: Api, path: str, body: Any, status: int = 201) -> Any:
    reply = await api.post(path, body)
    assert reply.status_code == status, reply.text
    return reply.json()


SOCKET = {"name": "socket", "plural": "sockets"}
PAID = {"status": "paid"}


async def test_two_sockets_share_ten_tickets_at_twice_the_price(api: Api) -> None:
    def by_sockets(document: Any) -> None:
        offers = document["offers"]
        offers["standard-1y"]["sold_by"] = SOCKET
        offers["standard-1m"]["sold_by"] = SOCKET
        offers["priority-1y"]["sold_by"] = SOCKET | {"scales": True}

    await publish(api, by_sockets)
    account = await api.make_account()
    shared = await api.buy(account, "livecart.standard-1y", "SO-1", quantity=2)
    assert (shared["total"]["amount"], shared["lots"][0]["granted"]) == (19_800, 10)
    assert shared["subscription"]["quantity"] == 2
    each = await api.buy(account, "livecart.priority-1y", "SO-2", quantity=2)
    assert (each["total"]["amount"], each["lots"][0]["granted"]) == (39_800, 20)
    unlimited = await api.buy(account, "livecart.standard-1m", "SO-3", quantity=2)
    assert (unlimited["total"]["amount"], unlimited["lots"][0]["granted"]) == (19_800, None)
    quote = await post(api, f"{account}/quotes", {"offer": "livecart.standard-1y", "quantity": 3})
    assert (quote["total"]["amount"], quote["allowance"]["amount"]) == (29_700, 10)
    [offer] = [
        each
        for each in (await api.get("/v1/offers?catalog=livecart")).json()["data"]
        if each["offer"] == "livecart.standard-1y"
    ]
    assert offer["sold_by"] == SOCKET | {"scales": False}


async def test_many_at_once_cost_less_each(api: Api) -> None:
    def in_tiers(document: Any) -> None:
        document["discounts"] = [
            {"from_quantity": 5, "percent": 10},
            {"from_quantity": 20, "percent": 20},
            {"contract_months": 24, "from_quantity": 2, "percent": 15},
        ]

    await publish(api, in_tiers)
    account = await api.make_account()
    totals = {}
    for quantity, months in ((4, None), (5, None), (19, None), (20, None), (2, 24)):
        body = {"offer": "livecart.standard-1y", "quantity": quantity, "contract_months": months}
        totals[quantity] = (await post(api, f"{account}/quotes", body))["total"]["amount"]
    assert totals == {
        4: 4 * 9_900,
        5: 5 * 9_900 * 9 // 10,
        19: 19 * 9_900 * 9 // 10,
        20: 20 * 9_900 * 8 // 10,
        2: 2 * 2 * 9_900 * 85 // 100,
    }
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "from 20 bought at once" in page.text


async def test_an_offer_is_sold_to_those_who_have_its_plan(api: Api, clock: Clock) -> None:
    def needing(document: Any) -> None:
        document["offers"]["express-1y"]["needs"] = ["standard", "priority"]

    await publish(api, needing)
    account = await api.make_account()
    body = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": PAID}
    for payment in (PAID, {"status": "pending"}):
        refused = await post(api, f"{account}/purchases", body | {"payment": payment}, 409)
        assert (refused["code"], refused["needs"]) == ("plan_needed", ["standard", "priority"])
    ticket = {"ticket_id": "HD-1", "subject": "How?", "catalog": "livecart", "plan": "express"}
    none = await post(api, f"{account}/tickets", ticket, 402)
    assert "livecart.express-1y" not in [each["offer"] for each in none["offers"]]
    await api.buy(account, "livecart.standard-1m", "SO-0")
    await post(api, f"{account}/purchases", body)
    clock.advance(days=40)
    renewal = {"order_id": "SO-2"}
    refused = await post(api, f"{account}/purchases/SO-1/renewal", renewal, 409)
    assert refused["code"] == "plan_needed"


async def test_a_fee_is_paid_once_and_some_offers_only_open_others(api: Api) -> None:
    def with_fee(document: Any) -> None:
        document["offers"]["standard-1y"]["fee"] = {"amount": 5_000, "currency": "EUR"}
        access = document["offers"]["priority-1y"]
        del access["allowance"]
        access["opens_only"] = True
        document["offers"]["express-1y"]["needs"] = ["priority"]

    await publish(api, with_fee)
    account = await api.make_account()
    order = await api.buy(account, "livecart.standard-1y", "SO-1", quantity=2)
    assert [line["amount"] for line in order["lines"]] == [19_800, 5_000]
    renewed = await post(api, f"{account}/purchases/SO-1/renewal", {"order_id": "SO-1-again"}, 201)
    assert [line["amount"] for line in renewed["lines"]] == [19_800]
    access = await api.buy(account, "livecart.priority-1y", "SO-2")
    assert (access["lots"], access["subscription"]["status"]) == ([], "active")
    await api.buy(account, "livecart.express-1y", "SO-3")


async def test_a_fee_may_be_for_each_that_is_bought(api: Api) -> None:
    def with_fee(document: Any) -> None:
        fee = {"amount": 5_000, "currency": "EUR", "each": True}
        document["offers"]["standard-1y"] |= {"fee": fee, "sold_by": SOCKET}
        document["offers"]["priority-1y"]["fee"] = fee

    await publish(api, with_fee)
    account = await api.make_account()
    quote = await post(api, f"{account}/quotes", {"offer": "livecart.standard-1y", "quantity": 3})
    once = quote["lines"][-1]
    assert (once["quantity"], once["unit_amount"], once["amount"]) == (3, 5_000, 15_000)
    order = await api.buy(account, "livecart.standard-1y", "SO-1", quantity=3)
    assert order["total"] == quote["total"]
    renewed = await post(api, f"{account}/purchases/SO-1/renewal", {"order_id": "SO-1-again"}, 201)
    assert renewed["total"]["amount"] == order["total"]["amount"] - 15_000
    # More of them are set up, too, and that is no share of a term.
    more = await post(api, f"{account}/purchases/SO-1/addition-quote", {"quantity": 2})
    assert [line["amount"] for line in more["lines"]][-1] == 10_000
    [offer] = [
        each
        for each in (await api.get("/v1/offers?catalog=livecart")).json()["data"]
        if each["offer"] == "livecart.standard-1y"
    ]
    assert (offer["fee"]["amount"], offer["fee_for_each"]) == (5_000, True)
    page = await api.get("/v1/catalogs/livecart/comparison", headers={"Accept": "text/html"})
    assert "and €50 for each socket once" in page.text
    assert "and €50 each once" in page.text


async def test_each_licence_may_bring_free_units(api: Api) -> None:
    document = (await api.get("/v1/catalogs/xcart-points")).json()["document"]
    document["first_licence"]["each"] = True
    assert (await api.put("/v1/catalogs/xcart-points", document)).status_code == 201
    account = await api.make_account()
    for number in (1, 2, 2):
        licence = {"license_id": f"LIC-{number}", "catalog": "xcart-points", "product": "Gold"}
        reply = await api.post(f"{account}/licenses", licence)
        assert reply.status_code in (200, 201)
    assert (await api.units(account, "point"))["granted"] == 320


async def test_a_late_renewal_runs_from_the_old_end_and_costs_more(api: Api, clock: Clock) -> None:
    def late(document: Any) -> None:
        document["policies"]["ending"] = {"late": {"within": "P30D", "fee_percent": 10}}

    await publish(api, late)
    ends = {}
    for days, pending in ((20, False), (29, True), (31, False)):
        clock.move_to("2026-11-24T08:00:00+00:00")
        account = await api.make_account(f"c-{days}")
        first = await api.buy(account, "livecart.express-1y", "SO-1")
        clock.advance(days=365 + days)
        body: dict[str, Any] = {"order_id": "SO-2"}
        if pending:
            body["payment"] = {"status": "pending"}
        renewed = await post(api, f"{account}/purchases/SO-1/renewal", body)
        if pending:
            path = f"{account}/purchases/SO-2/payment"
            renewed = await post(api, path, {"reference": "ch_2"}, 200)
        gap = renewed["subscription"]["starts_at"] != first["subscription"]["ends_at"]
        ends[days] = (renewed["total"]["amount"], gap, renewed["subscription"]["ends_at"][:10])
    assert ends[20] == (43_890, False, "2028-11-24")
    assert ends[29] == (43_890, False, "2028-11-24")
    assert ends[31] == (39_900, True, "2028-12-25")
