"""Renewals that come by themselves: told of before the end, and placed, unpaid, at it."""

from typing import Any

from tests.api.conftest import Api, Clock
from tests.support.notices import look, told, types
from tests.support.other_sellers import FOLDER, TOML

YEAR = "seller-2.standard"


async def publish(api: Api, ending: str = 'renews = { notice = "P30D" }') -> None:
    text = (FOLDER / "seller-2.toml").read_text()
    assert 'renews = { notice = "P30D" }' in text
    text = text.replace('renews = { notice = "P30D" }', ending)
    reply = await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def orders(api: Api, account: str) -> dict[str, Any]:
    found = (await api.get(f"{account}/purchases")).json()["data"]
    return {each["order_id"]: each for each in found}


async def test_a_year_renews_itself_and_is_told_of_thirty_days_before(
    api: Api, clock: Clock
) -> None:
    await publish(api)
    account = await api.make_account()
    bought = await api.buy(account, YEAR, quantity=2)
    ends_at = bought["subscription"]["ends_at"]
    assert ends_at == "2027-11-24T08:00:00Z"
    clock.move_to("2027-10-25T06:59:00+00:00")
    await look(api)
    assert await told(api, "purchase.ending") == []
    clock.move_to("2027-10-25T08:00:00+00:00")
    for _ in range(2):
        await look(api)
    (ending,) = await told(api, "purchase.ending")
    assert (ending["timestamp"], ending["order_id"]) == ("2027-10-25T07:00:00Z", "SO-1")
    assert (ending["ends_at"], ending["renews"]) == (ends_at, True)
    assert list(await orders(api, account)) == ["SO-1"]

    clock.move_to("2027-11-24T08:00:01+00:00")
    for _ in range(2):
        await look(api)
    placed = (await orders(api, account))["SO-1:2"]
    assert (placed["status"], placed["quantity"], placed["lots"]) == ("pending", 2, [])
    assert placed["total"] == {"amount": 79600, "currency": "EUR"}
    # Two events on the way that say so, each once.
    assert await types(api, "purchase") == [
        "purchase.activated",
        "purchase.ending",
        "purchase.ended",
        "purchase.pending",
    ]
    again = await api.post(f"{account}/purchases/SO-1/renewal", {"order_id": "SO-2"})
    assert (again.status_code, again.json()["code"]) == (409, "already_renewed")
    assert again.json()["renewed_by"] == "SO-1:2"
    # It is never paid by itself; once it is, its year follows the one before.
    clock.move_to("2027-12-10T08:00:00+00:00")
    await look(api)
    assert (await orders(api, account))["SO-1:2"]["status"] == "pending"
    paid = await api.post(f"{account}/purchases/SO-1:2/payment", {"reference": "ch-2"})
    assert paid.json()["subscription"]["starts_at"] == ends_at
    assert paid.json()["subscription"]["ends_at"] == "2028-11-24T08:00:00Z"
    clock.move_to("2028-11-24T09:00:00+00:00")
    await look(api)
    assert (await orders(api, account))["SO-1:3"]["status"] == "pending"


async def test_what_is_renewed_by_hand_or_cancelled_is_not_renewed_by_itself(
    api: Api, clock: Clock
) -> None:
    await publish(api)
    account = await api.make_account()
    await api.buy(account, YEAR)
    renewal = {"order_id": "SO-2", "payment": {"status": "pending"}}
    assert (await api.post(f"{account}/purchases/SO-1/renewal", renewal)).status_code == 201
    other = await api.make_account("c-2")
    await api.buy(other, YEAR, "SO-9")
    cancelled = {"refund": "none", "reason": "Gone", "actor": "mara"}
    await api.post(f"{other}/purchases/SO-9/cancellation", cancelled)
    # A pack of tickets is good for a year, and is bought again by who wants it.
    third = await api.make_account("c-3")
    await api.buy(third, YEAR, "SO-5")
    await api.buy(third, "seller-2.tickets-3", "SO-6")
    for day in ("2027-11-01", "2027-11-25"):
        clock.move_to(f"{day}T08:00:00+00:00")
        await look(api)
    assert list(await orders(api, account)) == ["SO-2", "SO-1"]
    assert list(await orders(api, other)) == ["SO-9"]
    assert set(await orders(api, third)) == {"SO-5", "SO-6", "SO-5:2"}
    ending = [each["order_id"] for each in await told(api, "purchase.ending", "c-3")]
    assert ending == ["SO-5"]


async def test_an_end_can_be_told_of_without_a_renewal(api: Api, clock: Clock) -> None:
    await publish(api, 'renews = { automatic = false, notice = "P2W" }')
    account = await api.make_account()
    await api.buy(account, YEAR)
    clock.move_to("2027-11-24T08:00:00+00:00")  # as late as the end itself
    await look(api)
    (ending,) = await told(api, "purchase.ending")
    assert (ending["timestamp"], ending["renews"]) == ("2027-11-10T08:00:00Z", False)
    assert list(await orders(api, account)) == ["SO-1"]


async def test_what_is_sold_no_longer_is_not_renewed(api: Api, clock: Clock) -> None:
    await publish(api)
    account = await api.make_account()
    await api.buy(account, YEAR)
    document = (await api.get("/v1/catalogs/seller-2")).json()["document"]
    document["examples"] = []
    del document["offers"]["standard"]
    assert (await api.put("/v1/catalogs/seller-2", document)).status_code == 201
    clock.move_to("2027-11-25T08:00:00+00:00")
    await look(api)
    assert list(await orders(api, account)) == ["SO-1"]
    assert len(await told(api, "purchase.ended")) == 1


async def test_a_sandbox_renews_itself_on_the_way(api: Api) -> None:
    await publish(api)
    await api.put("/v1/accounts/c-7", {"name": "Trial", "sandbox": True})
    account = "/v1/accounts/c-7"
    await api.buy(account, YEAR)
    moved = await api.post(f"{account}/clock", {"to": "2028-06-01T00:00:00Z"})
    assert moved.status_code == 200, moved.text
    placed = (await orders(api, account))["SO-1:2"]
    assert (placed["status"], placed["order_id"]) == ("pending", "SO-1:2")
    events = (await api.get("/v1/events", params={"account_id": "c-7"})).json()["data"]
    at = {each["type"]: each["timestamp"] for each in events}
    assert at["purchase.ending"] == "2027-10-25T07:00:00Z"
    assert at["purchase.pending"] == "2027-11-24T08:00:00Z"


async def test_the_page_says_how_terms_end(api: Api) -> None:
    await publish(
        api,
        'renews = { notice = "P30D" }, '
        'late = { within = "P30D", from = "old_end", fee_percent = 10 }',
    )
    page = await api.get("/v1/catalogs/seller-2/comparison", headers={"Accept": "text/html"})
    assert "Renews itself at the end of its term; told of 30 days before" in page.text
    assert "Within 30 days after the end, from that end on; 10 percent more" in page.text
    assert "Nothing is paid back" in page.text


async def test_a_renewal_by_itself_is_not_late_until_it_is_paid_too_late(
    api: Api, clock: Clock
) -> None:
    await publish(
        api,
        'renews = { notice = "P30D" }, '
        'late = { within = "P30D", from = "old_end", fee_percent = 10 }',
    )
    account, other = await api.make_account(), await api.make_account("c-2")
    ends_at = (await api.buy(account, YEAR))["subscription"]["ends_at"]
    await api.buy(other, YEAR)
    clock.move_to("2027-11-24T09:00:00+00:00")  # a worker comes an hour after the end
    await look(api)
    placed = (await orders(api, account))["SO-1:2"]
    assert placed["total"] == {"amount": 39800, "currency": "EUR"}
    paid = {"reference": "ch-2"}
    clock.move_to("2027-12-24T08:00:00+00:00")  # 30 days later it goes on from the end
    path = f"{account}/purchases/SO-1:2/payment"
    assert (await api.post(path, paid)).json()["subscription"]["starts_at"] == ends_at
    clock.move_to("2028-01-10T08:00:00+00:00")  # and after them it begins when it is paid
    late = (await api.post(f"{other}/purchases/SO-1:2/payment", paid)).json()["subscription"]
    assert (late["starts_at"], late["ends_at"]) == ("2028-01-10T08:00:00Z", "2029-01-10T08:00:00Z")


async def test_a_renewal_by_itself_is_never_paid_for_a_year_that_is_over(
    api: Api, clock: Clock
) -> None:
    await publish(api)
    account = await api.make_account()
    await api.buy(account, YEAR)
    clock.move_to("2027-11-24T09:00:00+00:00")
    await look(api)
    clock.move_to("2028-11-24T08:00:00+00:00")
    paid = await api.post(f"{account}/purchases/SO-1:2/payment", {"reference": "ch-2"})
    assert paid.json()["subscription"]["starts_at"] == "2028-11-24T08:00:00Z"
