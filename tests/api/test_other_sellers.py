"""Seven more sellers, each published from its file, and each with its own numbers."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML
from tests.support.problems import problem_of

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

ERIKA = "erika@nordwind.example"


async def publish(api: Api, number: int) -> None:
    text = (FOLDER / f"seller-{number}.toml").read_text()
    reply = await api.http.put(f"/v1/catalogs/seller-{number}", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text


async def name_contact(api: Api, account: str) -> None:
    """Let Erika be one of those whom the customer named."""
    body = {"name": "Erika", "emails": [ERIKA], "named": True}
    assert (await api.put(f"{account}/contacts/u-1", body)).status_code == 201


async def opened(api: Api, account: str, ticket_id: str, **asked: Any) -> dict[str, Any]:
    """Open a ticket; what is due of it, by metric."""
    ticket = await api.open(account, ticket_id, **asked)
    return {each["metric"]: each for each in ticket["deadlines"]}


async def work(api: Api, account: str, minutes: int, at: str, **more: Any) -> Any:
    body = {"work_id": f"W-{at[:13]}", "minutes": minutes, "at": at, "by": "mara"} | more
    reply = await api.post(f"{account}/tickets/HD-1/work", body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def sell_hours(
    api: Api, clock: Clock, offer: str, *, since: str, until: str, **more: Any
) -> str:
    """Sell hours of a seller's and open a ticket, and let it become later; the account."""
    await publish(api, int(offer.partition(".")[0].removeprefix("seller-")))
    clock.move_to(since)
    account = await api.make_account()
    await api.buy(account, offer, **more)
    await api.open(account, "HD-1")
    clock.move_to(until)
    return account


async def read_overage(api: Api, account: str) -> Any:
    november = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    return (await api.get(f"{account}/overage", params=november)).json()["data"]


@pytest.mark.parametrize("number", range(1, 8))
async def test_N6_each_is_published_and_shown(api: Api, number: int) -> None:
    await publish(api, number)
    page = await api.http.get(
        f"/v1/catalogs/seller-{number}/comparison", headers={"Accept": "text/html"}
    )
    assert page.status_code == 200
    offers = (await api.get(f"/v1/offers?catalog=seller-{number}")).json()["data"]
    assert offers
    assert ("for each socket" in page.text) == (number == 2)


async def test_seller_1_answers_in_the_hours_of_a_region(api: Api, clock: Clock) -> None:
    await publish(api, 1)
    clock.move_to("2026-05-22T21:45:00+00:00")  # Friday 17:45 in New York
    account = await api.make_account()
    many = {"offer": "seller-1.standard", "quantity": 1500, "region": "north-america"}
    quoted = await api.post(f"{account}/quotes", many)
    assert quoted.json()["total"] == {"amount": 1500 * 34900, "currency": "USD"}
    bought = await api.buy(account, "seller-1.standard", quantity=3, region="north-america")
    assert bought["total"] == {"amount": 104700, "currency": "USD"}
    await name_contact(api, account)
    due = await opened(api, account, "HD-1", severity=1, requester=ERIKA)
    # A quarter of an hour is left that day, and Monday is a holiday.
    assert due["first_response"]["due_at"] == "2026-05-26T13:45:00Z"
    other = await api.make_account("c-2")
    await api.buy(other, "seller-1.standard", "SO-2", region="london")
    clock.move_to("2026-11-23T09:00:00+00:00")
    await name_contact(api, other)
    due = await opened(api, other, "HD-2", severity=1, requester="u-1")
    assert due["first_response"]["due_at"] == "2026-11-23T10:00:00Z"
    premium = await api.make_account("c-3")
    await api.buy(premium, "seller-1.premium", "SO-3", region="london")
    clock.move_to("2026-11-28T23:30:00+00:00")  # a Saturday night
    await name_contact(api, premium)
    asked = await opened(api, premium, "HD-3", severity=2, urgent=True, requester=ERIKA)
    assert asked["first_response"]["due_at"] == "2026-11-29T01:30:00Z"
    unasked = await opened(api, premium, "HD-4", severity=2, requester=ERIKA)
    assert unasked["first_response"]["due_at"] == "2026-11-30T11:00:00Z"


async def test_seller_2_is_sold_by_sockets_and_its_packs_need_a_plan(api: Api) -> None:
    await publish(api, 2)
    account = await api.make_account()
    pack = {"order_id": "SO-0", "offer": "seller-2.tickets-3", "payment": {"status": "paid"}}
    refused = await api.post(f"{account}/purchases", pack)
    assert (refused.status_code, problem_of(refused)["code"]) == (409, "plan_needed")
    assert refused.json()["needs"] == ["basic", "standard", "premium"]
    quote = await api.post(f"{account}/quotes", {"offer": "seller-2.tickets-3"})
    assert problem_of(quote)["code"] == "plan_needed"
    # A refusal shows only what can be bought: packs cannot, as yet.
    nothing = await api.post(f"{account}/coverage", {"catalog": "seller-2", "subject": "Help"})
    shown = [each["offer"] for each in nothing.json()["refusal"]["offers"]]
    assert shown == ["seller-2.basic", "seller-2.standard", "seller-2.premium"]

    bought = await api.buy(account, "seller-2.standard", quantity=2)
    assert bought["total"] == {"amount": 79600, "currency": "EUR"}
    assert (await api.units(account))["granted"] == 10
    quoted = (
        await api.post(f"{account}/quotes", {"offer": "seller-2.standard", "quantity": 2})
    ).json()
    assert quoted["lines"][0]["text"] == "Standard, 1 year, for 2 sockets"
    await api.buy(account, "seller-2.tickets-3", "SO-2")
    assert (await api.units(account))["granted"] == 13

    other = await api.make_account("c-2")
    unlimited = await api.buy(other, "seller-2.premium", "SO-3", quantity=2)
    assert unlimited["total"] == {"amount": 159200, "currency": "EUR"}
    basic = await api.make_account("c-3")
    await api.buy(basic, "seller-2.basic", "SO-4")
    login = {"ticket_id": "HD-1", "subject": "Log in, please", "topic": "remote-login"}
    refused = await api.post(f"{basic}/tickets", login)
    assert problem_of(refused)["trace"][0]["code"] == "topic_not_included"
    # No downgrade within the year, and a lesser plan after it.
    lesser = {"offer": "seller-2.basic"}
    down = await api.post(f"{account}/purchases/SO-1/upgrade-quote", lesser)
    assert (down.status_code, problem_of(down)["code"]) == (422, "not_an_upgrade")
    after = await api.buy(account, "seller-2.basic", "SO-5", starts="after_current")
    assert after["subscription"]["starts_at"] == bought["subscription"]["ends_at"]
    cancelled = await api.post(
        f"{basic}/purchases/SO-4/cancellation",
        {"refund": "unused", "reason": "Closed", "actor": "mara"},
    )
    assert cancelled.json()["cancellation"]["refund_amount"]["amount"] == 0, cancelled.text


async def test_an_offer_that_scales_grants_for_each(api: Api) -> None:
    text = (FOLDER / "seller-2.toml").read_text().replace("scales = false", "scales = true")
    reply = await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    assert reply.status_code == 201, reply.text
    account = await api.make_account()
    await api.buy(account, "seller-2.standard", quantity=2)
    assert (await api.units(account))["granted"] == 20


async def test_seller_3_has_objectives_and_breaks_none(api: Api, clock: Clock) -> None:
    await publish(api, 3)
    clock.move_to("2026-11-21T23:00:00+00:00")
    account = await api.make_account()
    offer = {
        "offer": "seller-3.premium",
        "quantity": 4,
        "price": {"amount": 50000, "currency": "EUR"},
    }
    quote = (await api.post(f"{account}/quotes", offer)).json()
    assert quote["total"]["amount"] == 200000
    paid = {"order_id": "SO-1", "quote_id": quote["quote_id"], "payment": {"status": "paid"}}
    assert (await api.post(f"{account}/purchases", paid)).status_code == 201
    await name_contact(api, account)
    due = await opened(api, account, "HD-1", severity=1, requester=ERIKA, topic="release-11")
    assert due["first_response"]["due_at"] == "2026-11-21T23:15:00Z"
    assert due["remedy"]["due_at"] == "2026-11-22T03:00:00Z"
    assert due["resolution"]["due_at"] == "2026-11-22T23:00:00Z"
    clock.advance(hours=1)
    seen = (await api.get(f"{account}/tickets/HD-1")).json()["deadlines"]
    assert [each["status"] for each in seen if each["metric"] == "first_response"] == ["missed"]
    clock.move_to("2027-01-01T00:00:00+00:00")
    old = {"ticket_id": "HD-2", "subject": "Slow", "severity": 1, "requester": ERIKA}
    refused = await api.post(f"{account}/tickets", old | {"topic": "release-11"})
    assert problem_of(refused)["trace"][0]["code"] == "topic_not_included"
    assert refused.json()["supported_until"] == "2026-12-31"
    await opened(api, account, "HD-2", severity=1, requester=ERIKA, topic="release-12")
    page = await api.http.get("/v1/catalogs/seller-3/comparison", headers={"Accept": "text/html"})
    assert "Supported until 31 Dec 2026" in page.text
    assert "5 people that you name" in page.text


async def test_seller_4_counts_an_hour_at_least_and_emergencies_twice(
    api: Api, clock: Clock
) -> None:
    since, until = "2026-11-23T00:00:00+00:00", "2026-11-25T12:00:00+00:00"
    account = await sell_hours(api, clock, "seller-4.block-10", since=since, until=until)
    for at, minutes, counted in (
        ("2026-11-24T10:00:00+08:00", 20, 60),
        ("2026-11-24T12:00:00+08:00", 65, 75),
        ("2026-11-24T19:00:00+08:00", 60, 120),
        ("2026-11-25T17:00:00+08:00", 60, 90),
    ):
        logged = await work(api, account, minutes, at)
        assert (logged["worked"], logged["minutes"]) == (minutes, counted)
    left = await api.units(account, "minute")
    assert (left["granted"], left["used"], left["available"]) == (600, 345, 255)


async def test_seller_4_sells_hours_without_an_end(api: Api, clock: Clock) -> None:
    await publish(api, 4)
    account = await api.make_account()
    bought = await api.buy(account, "seller-4.block-20")
    assert bought["subscription"]["ends_at"] is None
    assert [lot["expires_at"] for lot in bought["lots"]] == [None]
    clock.advance(days=30 * 365)
    left = await api.units(account, "minute")
    assert (left["available"], left["expired"]) == (1200, 0)
    again = await api.buy(account, "seller-4.block-20", "SO-2", quantity=2)
    assert [lot["granted"] for lot in again["lots"]] == [2400]
    contract = {"order_id": "SO-3", "offer": "seller-4.block-20", "contract_months": 12}
    refused = await api.post(f"{account}/purchases", contract | {"payment": {"status": "paid"}})
    assert problem_of(refused)["code"] == "invalid_contract_months"
    back = {"refund": "unused", "reason": "Regret", "actor": "mara"}
    cancelled = await api.post(f"{account}/purchases/SO-2/cancellation", back)
    assert cancelled.json()["cancellation"]["refund_amount"]["amount"] == 0  # not refundable
    offers = (await api.get("/v1/offers?catalog=seller-4")).json()["data"]
    shown = {each["offer"]: (each["term"], each["without_end"]) for each in offers}
    assert shown["seller-4.block-20"] == (None, True)
    page = await api.http.get("/v1/catalogs/seller-4/comparison", headers={"Accept": "text/html"})
    assert "Without an end" in page.text
    assert "Never ends" in page.text


async def test_seller_4_bills_work_without_a_block_at_the_standard_rate(
    api: Api, clock: Clock
) -> None:
    await publish(api, 4)
    clock.move_to("2026-11-24T12:00:00+00:00")
    account = await api.make_account()
    await api.open(account, "HD-1", catalog="seller-4", at="2026-11-24T01:00:00Z")
    await work(api, account, 60, "2026-11-24T10:00:00+08:00")
    # From 17:00 to 18:30, the edge being at 17:30.
    await work(api, account, 90, "2026-11-24T17:00:00+08:00")
    standard, emergency = await read_overage(api, account)
    assert (standard["minutes"], standard["money"]["amount"]) == (90, 21000)
    assert (emergency["minutes"], emergency["money"]["amount"]) == (60, 27500)
    assert (standard["worked"], emergency["worked"]) == (150, 0)


async def test_seller_4_goes_on_at_the_standard_rate_when_a_block_is_used_up(
    api: Api, clock: Clock
) -> None:
    since, until = "2026-11-24T01:00:00+00:00", "2026-11-25T14:00:00+00:00"
    account = await sell_hours(api, clock, "seller-4.block-5", since=since, until=until)
    for at, rate in (("2026-11-25T10:00:00", 14000), ("2026-11-25T19:00:00", 27500)):
        asked = {"catalog": "seller-4", "subject": "More", "amount": 400, "at": f"{at}+08:00"}
        covered = (await api.post(f"{account}/coverage", asked)).json()
        assert covered["charge"]["overage_rate"]["amount"] == rate, covered
    await work(api, account, 360, "2026-11-24T09:00:00+08:00")
    await api.open(account, "HD-2", at="2026-11-25T10:00:00Z")
    body = {"work_id": "W-2", "minutes": 60, "at": "2026-11-25T19:00:00+08:00", "by": "mara"}
    assert (await api.post(f"{account}/tickets/HD-2/work", body)).status_code == 201
    lines = await read_overage(api, account)
    assert [
        (each["worked"], each["minutes"], each["rated_minutes"], each["money"]["amount"])
        for each in lines
    ] == [(360, 60, 60, 14000), (60, 120, 60, 27500)]
    page = await api.http.get("/v1/catalogs/seller-4/comparison", headers={"Accept": "text/html"})
    assert "A$275 an hour worked outside: Business hours; A$140 an hour" in page.text


async def test_seller_5_counts_nights_and_weekends(api: Api, clock: Clock) -> None:
    since, until = "2026-11-23T00:00:00+00:00", "2026-11-28T12:00:00+00:00"
    offer = "seller-5.monthly-20"
    account = await sell_hours(api, clock, offer, since=since, until=until, region="central")
    for at, counted in (
        ("2026-11-23T10:00:00-06:00", 60),
        ("2026-11-23T20:00:00-06:00", 90),
        ("2026-11-26T10:00:00-06:00", 120),
        ("2026-11-27T16:30:00-06:00", 90),
    ):
        assert (await work(api, account, 60, at, over_cap="refuse"))["minutes"] == counted
    assert (await api.units(account, "minute"))["available"] == 1200 - 360


async def test_seller_6_takes_quarters_begun_and_twice_for_what_is_critical(
    api: Api, clock: Clock
) -> None:
    await publish(api, 6)
    clock.move_to("2026-11-23T10:00:00+00:00")
    account = await api.make_account()
    await api.buy(account, "seller-6.credits-20")
    [offer] = (await api.get("/v1/offers?catalog=seller-6")).json()["data"]
    assert (offer["allowance"]["amount"], offer["allowance_text"]) == (300, "20 credits")
    critical = {"severity": 1, "topic": "support"}
    stranger = {"ticket_id": "HD-0", "subject": "Help", "requester": "who@else.example"}
    refused = await api.post(f"{account}/tickets", stranger | critical)
    assert problem_of(refused)["trace"][0]["code"] == "requester_unknown"
    await name_contact(api, account)
    due = await opened(api, account, "HD-1", requester=ERIKA, **critical)
    assert due["first_response"]["due_at"] == "2026-11-23T12:00:00Z"
    clock.advance(hours=2)
    logged = await work(api, account, 20, "2026-11-23T10:30:00Z")
    assert (logged["worked"], logged["minutes"]) == (20, 60)
    assert logged["ticket"]["remaining"]["text"] == "16 of 20 credits"
    asked = {"to": clock().isoformat()}
    page = await api.get(f"{account}/statement", params=asked, headers={"Accept": "text/html"})
    assert "4 credits" in page.text
    assert "20 minutes worked" in page.text
    custom = await opened(api, account, "HD-2", severity=3, topic="customisation", requester=ERIKA)
    assert custom == {}
    second = await api.post(
        f"{account}/tickets", stranger | critical | {"ticket_id": "HD-3", "requester": ERIKA}
    )
    assert second.status_code == 201, second.text
    body = stranger | critical | {"ticket_id": "HD-4", "requester": ERIKA}
    third = await api.post(f"{account}/tickets", body)
    assert problem_of(third)["trace"][0]["code"] == "monthly_limit_reached"
    assert (third.json()["asked"], third.json()["resets_at"]) == (2, "2026-12-01T00:00:00Z")
    # One that is not critical is taken, and not made so.
    high = stranger | {"ticket_id": "HD-5", "requester": ERIKA, "severity": 2}
    assert (await api.post(f"{account}/tickets", high)).status_code == 201
    worse = {"severity": 1, "reason": "The shop is down"}
    refused = await api.post(f"{account}/tickets/HD-5/severity", worse)
    assert problem_of(refused)["trace"][0]["code"] == "monthly_limit_reached"
    page = await api.http.get("/v1/catalogs/seller-6/comparison", headers={"Accept": "text/html"})
    counted = "Credit = 15 minutes; each 15 minutes begun; each 30 minutes begun, for: Critical"
    assert f"{counted}; 2 times for: Critical" in page.text
    assert "20 credits" in page.text
    assert "2 at most (Critical)" in page.text
    clock.move_to("2026-12-01T09:00:00+00:00")
    assert (await api.post(f"{account}/tickets", body)).status_code == 201


async def test_seller_7_answers_within_an_hour_day_and_night(api: Api, clock: Clock) -> None:
    await publish(api, 7)
    clock.move_to("2026-11-21T22:30:00+00:00")
    account = await api.make_account()
    bought = await api.buy(account, "seller-7.monthly")
    assert bought["total"] == {"amount": 4900, "currency": "EUR"}
    due = await opened(api, account, "HD-1", severity=1)
    assert due["first_response"]["due_at"] == "2026-11-21T23:30:00Z"
    clock.advance(hours=2)
    seen = (await api.get(f"{account}/tickets/HD-1")).json()["deadlines"]
    assert [each["status"] for each in seen if each["metric"] == "first_response"] == ["breached"]
    # Answered on Monday at 10:00: its resolution counts from there, a business day on.
    clock.move_to("2026-11-23T09:00:00+00:00")
    answered = (await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})).json()
    (resolution,) = [each for each in answered["deadlines"] if each["metric"] == "resolution"]
    assert resolution["due_at"] == "2026-11-24T09:00:00Z"
    span = {"from": "2026-11-01T00:00:00+01:00", "to": "2026-12-01T00:00:00+01:00"}
    broken = 1
    for breaches, credit in ((2, 245), (3, 490), (5, 735)):
        while broken < breaches:
            broken += 1
            await api.open(account, f"HD-{broken}", severity=1)
        clock.advance(hours=2)
        (row,) = (await api.get(f"{account}/credits", params=span)).json()["data"]
        assert (row["breaches"], row["credit"]["amount"]) == (breaches, credit)
    # A resolution that is late is a breach like another.
    clock.move_to("2026-11-24T12:00:00+00:00")
    (row,) = (await api.get(f"{account}/credits", params=span)).json()["data"]
    assert (row["metric"], row["breaches"], len(row["tickets"])) == (None, 6, 5)
