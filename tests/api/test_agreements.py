"""Agreements: months joined, caps raised, weekends and holidays covered; on record."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.support.agreements import agree, buy_by_quote, buy_starter, euros
from tests.support.verification import require_clean


async def test_A7_two_months_hours_are_joined(api: Api, app: FastAPI, clock: Clock) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    clock.advance(days=1)
    recorded = await agree(api, account, bought, "join_months", months=2)
    assert recorded.status_code == 201, recorded.text
    joined = recorded.json()
    # From now on until the second month ends; half of 80 hours in a week.
    assert (joined["starts_at"], joined["ends_at"]) == (
        "2026-11-25T08:00:00Z",
        "2027-01-24T08:00:00Z",
    )
    assert joined["minutes"] == 2400
    units = await api.units(account, "minute")
    # 80 hours at once, and two months of 40 to come.
    assert (units["available"], units["upcoming"]) == (4800, 4800)
    opened = await api.open(account, "HD-1", severity=2, amount=2000)
    assert opened["charge"]["amount"] == 2000
    clock.move_to("2027-01-23T08:00:00Z")
    assert (await api.units(account, "minute"))["available"] == 2800
    clock.move_to("2027-01-24T08:00:00Z")
    units = await api.units(account, "minute")
    # What was not used of the two ends with them; the third month begins.
    assert (units["available"], units["expired"], units["upcoming"]) == (2400, 2800, 2400)
    await require_clean(app)


async def test_what_is_joined_resets_when_it_ends(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account, months=3)
    ticket = await api.open(account, "HD-1", severity=2, amount=60)
    assert ticket["remaining"]["resets_at"] == "2026-12-24T08:00:00Z"
    await agree(api, account, bought, "join_months", months=2)

    async def list_resets() -> set[str | None]:
        shown = (await api.get(f"{account}/summary")).json()["plans"][0]["remaining"]
        asked = {"catalog": "agency", "channel": "ticket", "severity": 2, "amount": 60}
        covered = (await api.post(f"{account}/coverage", asked)).json()["remaining"]
        again = (await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})).json()
        return {each["resets_at"] for each in (shown, covered, again["remaining"])}

    assert await list_resets() == {"2027-01-24T08:00:00Z"}
    clock.move_to("2026-12-24T08:00:00Z")
    assert await list_resets() == {"2027-01-24T08:00:00Z"}
    clock.move_to("2027-01-24T08:00:00Z")
    assert await list_resets() == {None}


async def test_A7_months_are_named_by_when_they_begin(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    joined = await agree(api, account, bought, "join_months", months=["2027-01", "2026-12"])
    assert joined.json()["starts_at"] == "2026-12-24T08:00:00Z"
    assert joined.json()["ends_at"] == "2027-02-24T08:00:00Z"
    units = await api.units(account, "minute")
    assert (units["available"], units["upcoming"]) == (2400, 7200)
    clock.move_to("2026-12-24T08:00:00Z")
    units = await api.units(account, "minute")
    assert (units["available"], units["expired"], units["upcoming"]) == (4800, 2400, 2400)


async def test_A7_a_balance_of_before_the_agreement_stays(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    asked = [
        {"sequence": bought["sequence"], "at": at}
        for at in ("2026-12-01T00:00:00Z", "2026-12-30T00:00:00Z", "2027-02-01T00:00:00Z")
    ]
    before = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    clock.advance(days=5)
    await agree(api, account, bought, "join_months", months=2)
    after = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    assert after == before


@pytest.mark.parametrize(
    ("months", "why"),
    [
        (3, "Starter joins 2 months."),
        (["2026-11", "2027-01"], "Months are joined that follow one another."),
        (["2026-11", "2026-11"], "Months are joined that follow one another."),
        (["2026-10", "2026-11"], "No month of the subscription to come begins in 2026-10."),
    ],
)
async def test_months_that_cannot_be_joined(api: Api, months: Any, why: str) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    refused = await agree(api, account, bought, "join_months", months=months)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_agreeable")
    assert refused.json()["detail"] == why


async def test_a_month_is_joined_once(api: Api) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    replies = await asyncio.gather(
        *(
            agree(api, account, bought, "join_months", months=2, reference=f"agreed-{number}")
            for number in range(5)
        )
    )
    assert sorted(reply.status_code for reply in replies) == [201] + 4 * [409]
    assert (await api.units(account, "minute"))["available"] == 4800
    other = await agree(
        api, account, bought, "join_months", months=["2027-01", "2027-02"], reference="agreed-9"
    )
    assert other.status_code == 201


async def test_joined_months_are_cancelled_like_others(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    await agree(api, account, bought, "join_months", months=2)
    await api.open(account, "HD-1", severity=2, amount=1600)
    clock.advance(days=1)
    body = {"refund": "unused", "reason": "Moved", "actor": "ines"}
    cancelled = (await api.post(f"{account}/purchases/SO-1/cancellation", body)).json()
    # 1,600 of 4 × 2,400 minutes are held: 8,000 of 9,600 are left, €6,666.67 of €8,000.
    assert cancelled["cancellation"]["unused"] == {"by": "units", "left": 8000, "whole": 9600}
    assert cancelled["cancellation"]["refund_amount"]["amount"] == 666_667
    units = await api.units(account, "minute")
    assert (units["available"], units["upcoming"], units["held"]) == (0, 0, 1600)
    await require_clean(app)


async def test_a_raised_cap_is_on_record(api: Api) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    until = "2026-12-07T00:00:00Z"

    async def list_changes() -> list[Any]:
        events = (await api.get("/v1/events?account_id=c-1")).json()["data"]
        return [each for each in events if each["type"] == "account.summary_changed"]

    before = await list_changes()
    recorded = await agree(api, account, bought, "raise_cap", minutes=1800, until=until)
    assert recorded.status_code == 201
    raised = recorded.json()
    assert (raised["minutes"], raised["ends_at"]) == (1800, until)
    again = await agree(api, account, bought, "raise_cap", minutes=1800, until=until)
    assert (again.status_code, again.json()) == (200, raised)
    other = await agree(api, account, bought, "raise_cap", minutes=1900, until=until)
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    # The summary shows the cap, and tells of the change once.
    assert len(await list_changes()) == len(before) + 1
    listed = (await api.get(f"{account}/agreements")).json()["data"]
    assert [(each["reference"], each["reason"], each["actor"]) for each in listed] == [
        ("agreed-1", "The shop moves to a new theme", "ines")
    ]


async def test_a_balance_of_before_a_raised_cap_stays_as_it_was(api: Api, app: FastAPI) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    before = (await api.get(f"{account}/balance")).json()
    raised = (await agree(api, account, bought, "raise_cap", minutes=1800)).json()
    now = (await api.get(f"{account}/balance")).json()
    assert raised["sequence"] == now["sequence"] == before["sequence"] + 1
    assert [each["caps"][0]["limit"] for each in (before, now)] == [1200, 1800]
    # Nothing but that has changed, and both numbers have their own answer.
    assert now | {"sequence": 0, "caps": []} == before | {"sequence": 0, "caps": []}
    for each in (before, now):
        asked = {"sequence": each["sequence"], "at": each["as_of"]}
        assert (await api.get(f"{account}/balance", params=asked)).json() == each
    entry = (await api.get(f"{account}/entries")).json()["data"][-1]
    assert (entry["kind"], entry["reference"], entry["cause"]) == (
        "extend",
        "agreed-1",
        "raise_cap",
    )
    page = await api.get(f"{account}/statement", headers={"Accept": "text/html"})
    assert "Agreement on the weekly limit: The shop moves to a new theme" in page.text
    await require_clean(app)


@pytest.mark.parametrize(
    ("kind", "fields", "pointers"),
    [
        ("join_months", {}, ["/months"]),
        ("join_months", {"months": 2, "minutes": 5}, ["/minutes"]),
        ("raise_cap", {"months": 2}, ["/months"]),
        ("extended_cover", {"minutes": 5, "months": 2}, ["/months", "/minutes"]),
        ("raise_cap", {"minutes": 5, "until": "2026-11-24T08:00:00Z"}, ["/until"]),
    ],
)
async def test_fields_are_those_of_the_kind(
    api: Api, kind: str, fields: dict[str, Any], pointers: list[str]
) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    refused = await agree(api, account, bought, kind, **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, "agreement_terms")
    assert [each["pointer"] for each in refused.json()["errors"]] == pointers


async def test_what_the_terms_have_no_room_for(api: Api) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    for kind, fields in (
        ("join_months", {"months": 2}),
        ("raise_cap", {"minutes": 60}),
        ("extended_cover", {}),
    ):
        refused = await agree(api, account, bought, kind, **fields)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_agreeable")
    nobody = {"subscription": {"id": "01a20056-9b40-774b-a543-5ba6776fcd4a"}}
    unknown = await agree(api, account, nobody, "raise_cap", minutes=60)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "subscription_unknown")
    assert (await api.get(f"{account}/agreements")).json()["data"] == []


FRIDAY = "2026-11-27T15:00:00Z"  # 16:00 in Berlin


async def open_urgent(api: Api, account: str, ticket_id: str) -> Any:
    opened = await api.open(account, ticket_id, catalog="corporate", severity=1)
    return {each["metric"]: each["due_at"] for each in opened["deadlines"]}


async def test_E4_cover_that_is_agreed_counts_weekends_while_it_lasts(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    clock.move_to(FRIDAY)
    bought = await api.buy(account, "corporate.gold")
    without = await open_urgent(api, account, "HD-1")
    # 8 business hours: one on Friday, seven on Monday, until 16:00.
    assert without["first_response"] == "2026-11-30T15:00:00Z"
    until = "2026-11-29T08:00:00Z"
    recorded = await agree(api, account, bought, "extended_cover", until=until)
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["calendar"] == "extended"
    covered = await open_urgent(api, account, "HD-2")
    # With the weekend: seven hours on Saturday, until 16:00.
    assert covered["first_response"] == "2026-11-28T15:00:00Z"
    assert covered["resolution"] == "2026-11-29T15:00:00Z"
    running = (await api.get(f"{account}/tickets/HD-1")).json()["deadlines"]
    assert running[0]["due_at"] == "2026-11-30T15:00:00Z"
    clock.move_to("2026-11-29T08:00:00Z")
    # On Sunday the cover is over: HD-2 keeps it, what is opened now has none.
    kept = (await api.get(f"{account}/tickets/HD-2")).json()["deadlines"]
    assert {each["due_at"] for each in kept} == {"2026-11-28T15:00:00Z", "2026-11-29T15:00:00Z"}
    after = await open_urgent(api, account, "HD-3")
    assert after["first_response"] == "2026-11-30T16:00:00Z"


async def test_E4_cover_keeps_a_channel_open_wherever_that_is_asked(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    clock.move_to(FRIDAY)
    bought = await api.buy(account, "corporate.gold")
    until = "2026-11-29T08:00:00Z"
    assert (await agree(api, account, bought, "extended_cover", until=until)).status_code == 201
    chat = {"catalog": "corporate", "severity": 1, "channel": "chat"}
    await api.open(account, "HD-1", **chat)

    async def is_open() -> tuple[bool, bool, str | None]:
        covered = (await api.post(f"{account}/coverage", chat)).json()["covered"]
        plan = (await api.get(f"{account}/summary")).json()["plans"][0]
        (shown,) = [each for each in plan["channels"] if each["channel"] == "chat"]
        return covered, shown["open_now"], shown["opens_at"]

    clock.move_to("2026-11-27T20:00:00Z")
    assert await is_open() == (False, False, "2026-11-28T08:00:00Z")
    asked = {"catalog": "corporate", "kind": "chat", "minutes": 240, "to": "2026-12-01T00:00:00Z"}
    free = (await api.get(f"{account}/slots", params=asked)).json()["data"]
    # Saturday in the hours of cover; from Sunday 9:00 on there is none.
    assert [each["starts_at"] for each in free] == [
        "2026-11-28T08:00:00Z",
        "2026-11-28T12:00:00Z",
        "2026-11-30T08:00:00Z",
        "2026-11-30T12:00:00Z",
    ]
    session = {"session_id": "S-1", "kind": "chat", "starts_at": "2026-11-29T08:00:00Z"}
    sessions = f"{account}/tickets/HD-1/sessions"
    refused = await api.post(sessions, session)
    assert (refused.status_code, refused.json()["reason"]) == (409, "outside_channel_hours")
    assert refused.json()["alternatives"][0] == "2026-11-30T08:00:00Z"
    booked = await api.post(sessions, session | {"starts_at": "2026-11-28T08:00:00Z"})
    assert booked.status_code == 201, booked.text
    clock.move_to("2026-11-28T08:00:00Z")
    assert await is_open() == (True, True, None)
    clock.move_to("2026-11-29T08:00:00Z")
    assert await is_open() == (False, False, "2026-11-30T08:00:00Z")


async def test_E4_cover_is_bought_by_quote_for_the_running_subscription(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    clock.move_to(FRIDAY)
    offer = "corporate.extended-cover"
    nothing = await buy_by_quote(api, account, offer, "SO-1")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_cover")
    paid = {"status": "paid", "reference": "PS-9"}
    await api.buy(account, "corporate.professional", "SO-2", payment=paid)
    gold = await api.buy(account, "corporate.gold", "SO-3")
    bought = (
        await buy_by_quote(api, account, offer, "SO-4", contract_months=3, price=euros(500))
    ).json()
    assert bought["total"] == euros(1500)
    # It is added to the best plan that runs.
    assert bought["subscription"]["id"] == gold["subscription"]["id"]
    assert bought["subscription"]["extra_calendars"] == ["extended"]
    assert bought["lots"] == []
    assert bought["cover"] == {
        "calendar": "extended",
        "starts_at": FRIDAY,
        "ends_at": "2027-02-27T15:00:00Z",
    }
    assert (await open_urgent(api, account, "HD-1"))["first_response"] == "2026-11-28T15:00:00Z"
    preview = await api.post(
        f"{account}/coverage", {"catalog": "corporate", "severity": 1, "subject": "Down"}
    )
    assert preview.json()["deadlines"][0]["due_at"] == "2026-11-28T15:00:00Z"
    (agreed,) = (await api.get(f"{account}/agreements")).json()["data"]
    assert (agreed["kind"], agreed["order_id"]) == ("extended_cover", "SO-4")
    clock.move_to("2027-02-27T15:00:00Z")
    assert (await api.get(f"{account}/purchases/SO-4")).json()["status"] == "ended"


async def test_cover_is_by_a_calendar_that_what_was_sold_knows(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold", "SO-1")
    document = (await api.get("/v1/catalogs/corporate")).json()["document"]
    document["calendars"]["nights"] = {
        "timezone": "UTC",
        "hours": {"mon-sun": [["20:00", "06:00"]]},
    }
    cover = {"name": "Nights", "description": "Nights.", "sold": "quote", "adds_calendar": "nights"}
    document["offers"]["nights"] = cover
    assert (await api.put("/v1/catalogs/corporate", document)).status_code == 201
    refused = await buy_by_quote(api, account, "corporate.nights", "SO-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_cover")
    assert refused.json()["detail"] == "What the account has was sold before there was nights."
    assert (await api.get(f"{account}/summary")).status_code == 200
    await api.buy(account, "corporate.enterprise", "SO-3")
    bought = await buy_by_quote(api, account, "corporate.nights", "SO-2")
    assert bought.json()["subscription"]["plan"] == "enterprise"


async def test_E4_covered_days_count_as_business_days(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    clock.move_to(FRIDAY)
    bought = await api.buy(account, "corporate.gold")
    without = await api.open(account, "HD-1", severity=2)
    # 3 business days: an eighth of Friday, Monday, Tuesday, seven eighths of Wednesday.
    assert without["deadlines"][1]["due_at"] == "2026-12-02T15:00:00Z"
    await agree(api, account, bought, "extended_cover")
    covered = await api.open(account, "HD-2", severity=2)
    # An eighth of Friday, Saturday, Sunday, seven eighths of Monday.
    assert covered["deadlines"][1]["due_at"] == "2026-11-30T15:00:00Z"


async def test_E4_holidays_are_covered_too(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    clock.move_to("2026-12-24T08:00:00Z")  # Thursday, 9:00 in Berlin
    bought = await api.buy(account, "corporate.gold")
    await agree(api, account, bought, "extended_cover")
    clock.move_to("2026-12-25T08:00:00Z")
    covered = await open_urgent(api, account, "HD-1")
    # Christmas Day from 9:00 to 17:00 in Berlin.
    assert covered["first_response"] == "2026-12-25T16:00:00Z"


async def test_E4_cancelled_cover_pays_back_its_time(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold", "SO-1")
    await buy_by_quote(api, account, "corporate.extended-cover", "SO-2", price=euros(600))
    clock.advance(days=10)
    body = {"refund": "unused", "reason": "Not needed", "actor": "ines"}
    cancelled = (await api.post(f"{account}/purchases/SO-2/cancellation", body)).json()
    # 20 of 30 days are left: €400 of €600.
    assert cancelled["cancellation"]["refund_amount"] == euros(400)
    assert cancelled["subscription"]["status"] == "active"
    assert cancelled["cover"]["ends_at"] == "2026-12-04T08:00:00Z"
    clock.move_to("2026-12-04T15:00:00Z")  # Friday, 16:00 in Berlin
    after = await open_urgent(api, account, "HD-1")
    assert after["first_response"] == "2026-12-07T15:00:00Z"
    assert (await api.units(account))["available"] == 3


async def test_cover_queues_behind_cover(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold", "SO-1")
    await buy_by_quote(api, account, "corporate.extended-cover", "SO-2")
    quote = await api.post(
        f"{account}/quotes", {"offer": "corporate.extended-cover", "price": euros(600)}
    )
    body = {
        "order_id": "SO-3",
        "quote_id": quote.json()["quote_id"],
        "starts": "after_current",
        "payment": {"status": "paid"},
    }
    queued = (await api.post(f"{account}/purchases", body)).json()
    assert queued["cover"]["starts_at"] == "2026-12-24T08:00:00Z"
    assert queued["cover"]["ends_at"] == "2027-01-24T08:00:00Z"
