"""When what is sold begins and ends: renewals, packs, days, and what is not sold twice."""

from typing import Any

from tests.api.conftest import Api, Clock

LIVECART_MONTH = "livecart.standard-1m"


async def renew(api: Api, account: str, order_id: str, by: str, **more: Any) -> Any:
    reply = await api.post(f"{account}/purchases/{order_id}/renewal", {"order_id": by} | more)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_twelve_renewed_months_from_the_31st_end_on_the_31st(api: Api, clock: Clock) -> None:
    clock.move_to("2027-01-31T08:00:00+00:00")
    account = await api.make_account()
    await api.buy(account, LIVECART_MONTH, "SO-1")
    ends = []
    for number in range(1, 12):
        order = await renew(api, account, f"SO-{number}", f"SO-{number + 1}")
        ends.append(order["subscription"]["ends_at"][:10])
    assert ends[:2] == ["2027-03-31", "2027-04-30"]
    assert ends[-1] == "2028-01-31"


async def test_a_renewal_of_a_year_keeps_the_day(api: Api, clock: Clock) -> None:
    clock.move_to("2028-02-29T08:00:00+00:00")
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", "SO-1")
    last: Any = None
    for number in range(1, 5):
        last = await renew(api, account, f"SO-{number}", f"SO-{number + 1}")
    assert last["subscription"]["ends_at"][:10] == "2033-02-28"
    fourth = (await api.get(f"{account}/purchases/SO-4")).json()
    assert fourth["subscription"]["ends_at"][:10] == "2032-02-29"


async def test_P2_points_end_with_the_day_of_purchase_two_years_on(api: Api, clock: Clock) -> None:
    """Bought at 13:30, used two years later at 15:00, and not on the day after."""
    clock.move_to("2024-03-05T13:30:00+03:00")
    account = await api.make_account()
    order = await api.buy(account, "xcart-points.60")
    assert order["subscription"]["ends_at"] == "2026-03-05T21:00:00Z"
    assert [lot["expires_at"] for lot in order["lots"]] == ["2026-03-05T21:00:00Z"]
    clock.move_to("2026-03-05T15:00:00+03:00")
    await api.open(account, catalog="xcart-points", category="level-1")
    clock.move_to("2026-03-06T00:00:00+03:00")
    body = {"ticket_id": "HD-2", "subject": "How?", "category": "level-1"}
    reply = await api.post(f"{account}/tickets", body | {"catalog": "xcart-points"})
    assert reply.status_code == 402


async def test_P2_a_pack_is_bought_again_and_never_queued(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60", "SO-1")
    for starts in ("after_current", "2027-01-01T00:00:00Z"):
        body = {"order_id": "SO-2", "offer": "xcart-points.60", "starts": starts}
        reply = await api.post(f"{account}/purchases", body | {"payment": {"status": "paid"}})
        assert (reply.status_code, reply.json()["code"]) == (422, "pack_starts_now")
    clock.advance(days=100)
    again = await renew(api, account, "SO-1", "SO-3")
    assert again["subscription"]["starts_at"] == clock.now.isoformat().replace("+00:00", "Z")
    assert (await api.units(account, "point"))["available"] == 120
    single = await api.buy(account, "xcart-support.incident-normal", "SO-4")
    again = await renew(api, account, "SO-4", "SO-5")
    assert again["subscription"]["starts_at"] == single["subscription"]["starts_at"]


async def test_an_unlimited_month_is_not_sold_twice_for_the_same_days(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, LIVECART_MONTH, "SO-1")
    body = {"offer": LIVECART_MONTH, "payment": {"status": "paid"}}
    for status in ("paid", "pending"):
        twice = body | {"order_id": "SO-2", "payment": {"status": status}}
        reply = await api.post(f"{account}/purchases", twice)
        assert (reply.status_code, reply.json()["code"]) == (409, "site_already_covered")
        assert "after_current" in reply.json()["detail"]
    # Ten incidents beside it are more than there was, and so is the month that follows.
    await api.buy(account, "livecart.standard-1y", "SO-3")
    await api.buy(account, "livecart.express-1y", "SO-4")
    clock.advance(days=40)
    await api.buy(account, LIVECART_MONTH, "SO-5")


async def test_after_current_is_after_all_cover_of_the_catalogue(api: Api) -> None:
    account = await api.make_account()
    express = await api.buy(account, "livecart.express-1y", "SO-1")
    lesser = await api.buy(account, "livecart.standard-1y", "SO-2", starts="after_current")
    assert lesser["subscription"]["starts_at"] == express["subscription"]["ends_at"]
    # Of another catalogue, and of another store, nothing is waited for.
    body = {"starts": "after_current", "site": "https://one.example"}
    first = await api.buy(account, "xcart-support.subscription-1y", "SO-3", **body)
    body["site"] = "https://two.example"
    second = await api.buy(account, "xcart-support.subscription-1y", "SO-4", **body)
    starts = [each["subscription"]["starts_at"] for each in (express, first, second)]
    assert len(set(starts)) == 1


async def test_a_renewal_reported_late_leaves_no_gap(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    first = await api.buy(account, "livecart.express-1y", "SO-1")
    ends_at = first["subscription"]["ends_at"]
    clock.move_to(ends_at.replace("Z", "+00:00"))
    clock.advance(hours=1)
    renewed = await renew(api, account, "SO-1", "SO-2", at=ends_at)
    assert renewed["subscription"]["starts_at"] == ends_at
    again = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-3"})
    assert (again.status_code, again.json()["code"]) == (409, "already_renewed")
    assert again.json()["renewed_by"] == "SO-2"
    same = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2", "at": ends_at})
    assert same.status_code == 200
    # A renewal that was cancelled does not stand in the way of another.
    cancel = {"refund": "full", "reason": "Wrong term", "actor": "ines"}
    await api.post(f"{account}/purchases/SO-2/cancellation", cancel)
    await renew(api, account, "SO-1", "SO-4")


async def test_what_was_agreed_by_quote_is_renewed_by_a_new_quote(api: Api) -> None:
    account = await api.make_account()
    asked = {
        "offer": "livecart.standard-1y",
        "price": {"amount": 5_000, "currency": "EUR"},
        "allowance": 8,
    }
    quote = (await api.post(f"{account}/quotes", asked)).json()
    await api.post(
        f"{account}/purchases",
        {"order_id": "SO-1", "quote_id": quote["quote_id"], "payment": {"status": "paid"}},
    )
    reply = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert (reply.status_code, reply.json()["code"]) == (422, "quote_required")
    assert "new quote" in reply.json()["detail"]
    # A quote of the list's own price changes nothing of what the list says.
    plain = (await api.post(f"{account}/quotes", {"offer": "livecart.priority-1y"})).json()
    await api.post(
        f"{account}/purchases",
        {"order_id": "SO-3", "quote_id": plain["quote_id"], "payment": {"status": "paid"}},
    )
    await renew(api, account, "SO-3", "SO-4")


async def test_a_payment_pays_one_order(api: Api) -> None:
    account = await api.make_account()
    payment = {"status": "paid", "reference": "ch_1"}
    await api.buy(account, "livecart.standard-1y", "SO-1", payment=payment)
    body = {"order_id": "SO-2", "offer": "livecart.express-1y", "payment": payment}
    reply = await api.post(f"{account}/purchases", body)
    assert (reply.status_code, reply.json()["code"]) == (409, "payment_used")
    assert reply.json()["order_id"] == "SO-1"
    body["payment"] = {"status": "pending"}
    assert (await api.post(f"{account}/purchases", body)).status_code == 201
    path = f"{account}/purchases/SO-2/payment"
    reply = await api.post(path, {"reference": "ch_1"})
    assert (reply.status_code, reply.json()["code"]) == (409, "payment_used")
    reply = await api.post(
        f"{account}/purchases/SO-1/renewal", {"order_id": "SO-3", "payment": payment}
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "payment_used")
    assert (await api.post(path, {"reference": "ch_2"})).status_code == 200
    # Elsewhere it may be another's number, and what costs nothing is proved, not paid.
    other = await api.make_account("c-2")
    await api.buy(other, "livecart.standard-1y", "SO-1", payment=payment)
    for number in (1, 2):
        proof = {"status": "paid", "reference": "product-1"}
        await api.buy(other, "corporate.professional", f"SO-C{number}", payment=proof)


async def test_purchases_are_listed_newest_first(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    for number in (8, 9, 10, 11):
        await api.buy(account, "livecart.express-1y", f"SO-{number}")
        clock.advance(minutes=number % 2)  # two of them at one instant
    newest = ["SO-11", "SO-10", "SO-9", "SO-8"]

    async def list_all(**asked: Any) -> list[str]:
        found, cursor = [], None
        while True:
            params: dict[str, Any] = (
                {"limit": 1} | asked | ({} if cursor is None else {"cursor": cursor})
            )
            page = (await api.get(f"{account}/purchases", params=params)).json()
            found += [each["order_id"] for each in page["data"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    assert sorted(await list_all()) == sorted(newest)
    assert (await list_all())[0] == "SO-11"
    assert (await list_all())[-1] == "SO-8"
    assert await list_all(order="asc") == list(reversed(await list_all()))
    assert await list_all(order="asc", limit=3) == list(reversed(await list_all()))


async def test_a_storefronts_quote_of_an_offer_by_quote_is_forbidden_at_once(api: Api) -> None:
    key = (await api.post("/v1/api-keys", {"name": "shop", "role": "storefront"})).json()
    account = await api.make_account()
    shop = api.holding(key["secret"])
    for body in ({"offer": "agency.starter"}, {"offer": "corporate.extended-cover"}):
        reply = await shop.post(f"{account}/quotes", body)
        assert reply.status_code == 403, reply.text
        assert "ledger:write" in reply.json()["detail"]
    await api.buy(account, "corporate.enterprise", "SO-1")
    path = f"{account}/purchases/SO-1/upgrade-quote"
    assert (await shop.post(path, {"offer": "agency.starter"})).status_code == 403
    assert (await shop.post(f"{account}/quotes", {"offer": "agency.none"})).status_code == 422
