"""Counted minutes through the API: a seller's least, steps and factors, beside what was worked."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.work import hours, log

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

# Tuesday 2026-11-24 08:00 UTC; Starter's support is open from 9:30 to 17:30 UTC here.
OPEN = {day: [["09:30", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
COUNTING = {"least": 60, "step": 15, "factors": [{"outside": "business", "by": "2"}]}


async def publish(api: Api, counting: dict[str, Any], **calendars: Any) -> Any:
    """Publish the agency's terms with a way of counting Starter's minutes; the reply."""
    document = packaged_documents()["agency"]
    business = {"timezone": "UTC", "hours": OPEN}
    starter = document["plans"]["starter"] | {"counting": counting}
    return await api.put(
        "/v1/catalogs/agency",
        document
        | {"calendars": document["calendars"] | {"business": business} | calendars}
        | {"plans": document["plans"] | {"starter": starter}},
    )


async def counted(api: Api, counting: dict[str, Any] | None = None, **calendars: Any) -> str:
    """Give an account 40 hours that are counted so, with a ticket; its path."""
    published = await publish(api, counting or COUNTING, **calendars)
    assert published.status_code == 201, published.text
    account = await hours(api)
    await api.open(account)
    return account


async def test_the_plan_page_calls_a_calendars_hours_by_their_name(api: Api) -> None:
    named = {"timezone": "UTC", "hours": OPEN, "name": "office hours"}
    for calendar, said in (({}, "outside: Business hours"), (named, "outside: office hours")):
        chosen = {"business": calendar} if calendar else {}
        assert (await publish(api, COUNTING, **chosen)).status_code == 201
        page = await api.get("/v1/catalogs/agency/comparison", headers={"Accept": "text/html"})
        assert f"2 times {said}" in page.text


@pytest.mark.parametrize(
    ("at", "worked", "parts"),
    [
        ("2026-11-24T10:00:00Z", 20, [60]),
        ("2026-11-24T10:00:00Z", 65, [75]),
        ("2026-11-24T19:00:00Z", 60, [120]),
        ("2026-11-24T17:00:00Z", 60, [30, 60]),
    ],
)
async def test_N12_minutes_are_counted_as_the_seller_says(
    api: Api, clock: Clock, at: str, worked: int, parts: list[int]
) -> None:
    account = await counted(api)
    clock.advance(days=1)
    logged = (await log(api, account, worked, at=at)).json()
    assert (logged["worked"], logged["minutes"]) == (worked, sum(parts))
    assert [each["minutes"] for each in logged["parts"]] == parts
    assert logged["ticket"]["charge"]["used"] == sum(parts)
    assert (await api.units(account, "minute"))["used"] == sum(parts)


async def test_N12_across_midnight_from_friday_to_a_holiday(api: Api, clock: Clock) -> None:
    # Friday 27 November, 23:00, to Saturday the 28th, which is a holiday here: 1.5 times, then 2.
    holiday = {"timezone": "UTC", "hours": {}, "overrides": {"2026-11-28": [["00:00", "24:00"]]}}
    factors = [{"in": "holidays", "by": "2"}, {"outside": "business", "by": "3/2"}]
    account = await counted(api, COUNTING | {"factors": factors}, holidays=holiday)
    clock.advance(days=5)
    logged = (await log(api, account, 120, at="2026-11-27T23:00:00Z")).json()
    assert [(each["at"], each["minutes"]) for each in logged["parts"]] == [
        ("2026-11-27T23:00:00Z", 90),
        ("2026-11-28T00:00:00Z", 120),
    ]
    assert (logged["worked"], logged["minutes"]) == (120, 210)


async def test_N12_a_correction_counts_the_whole_anew(api: Api, clock: Clock) -> None:
    account = await counted(api)
    clock.advance(hours=4)
    await log(api, account, 65, at="2026-11-24T10:00:00Z")
    correction = {"minutes": 50, "reason": "A pause was forgotten", "actor": "mara"}
    path = f"{account}/tickets/HD-1/work/W-1/correction"
    lower = (await api.post(path, correction)).json()
    assert (lower["worked"], lower["minutes"]) == (50, 60)
    [recorded] = lower["corrections"]
    assert (recorded["from_worked"], recorded["worked"]) == (65, 50)
    assert (recorded["from_minutes"], recorded["minutes"]) == (75, 60)
    # The same minutes counted, and another length: that is a correction too.
    same = (await api.post(path, correction | {"minutes": 40})).json()
    assert (same["worked"], same["minutes"]) == (40, 60)
    assert (await api.post(path, correction | {"minutes": 40})).status_code == 409
    higher = (await api.post(path, correction | {"minutes": 80})).json()
    assert (higher["worked"], higher["minutes"]) == (80, 90)
    nothing = (await api.post(path, correction | {"minutes": 0})).json()
    assert (nothing["worked"], nothing["minutes"]) == (0, 0)
    assert (await api.units(account, "minute"))["available"] == 2400


async def test_N12_work_of_a_ticket_is_rounded_together(api: Api, clock: Clock) -> None:
    account = await counted(api, {"least": 60, "step": 15, "over": "ticket"})
    clock.advance(hours=6)
    first = (await log(api, account, 20, "W-1", at="2026-11-24T10:00:00Z")).json()
    second = (await log(api, account, 20, "W-2", at="2026-11-24T11:00:00Z")).json()
    third = (await log(api, account, 30, "W-3", at="2026-11-24T12:00:00Z")).json()
    page = await api.get("/v1/catalogs/agency/comparison", headers={"Accept": "text/html"})
    assert "then each 15 minutes begun; of a ticket" in page.text
    # 20, 40 and 70 minutes in all: 60, 60 and 75.
    assert [each["minutes"] for each in (first, second, third)] == [60, 0, 15]
    wrong = {"minutes": 0, "reason": "Another ticket's", "actor": "mara"}
    await api.post(f"{account}/tickets/HD-1/work/W-1/correction", wrong)
    listed = (await api.get(f"{account}/tickets/HD-1/work?order=asc")).json()["data"]
    # 20 and 50 minutes are left: the first of them counts the least.
    assert [(each["worked"], each["minutes"]) for each in listed] == [(0, 0), (20, 60), (30, 0)]
    assert (await api.units(account, "minute"))["used"] == 60


async def test_N12_the_statement_and_the_overage_show_both(api: Api, clock: Clock) -> None:
    account = await counted(api)
    clock.advance(days=1)
    await log(api, account, 65, at="2026-11-24T10:00:00Z")
    asked = {"to": clock().isoformat()}
    statement = (await api.get(f"{account}/statement", params=asked)).json()
    [line] = statement["resolved"]
    assert (line["worked"], line["amount"]) == (65, 75)
    page = await api.get(f"{account}/statement", params=asked, headers={"Accept": "text/html"})
    assert "worked" in page.text
    sequence = statement["sequence"]
    correction = {"minutes": 50, "reason": "A pause was forgotten", "actor": "mara"}
    await api.post(f"{account}/tickets/HD-1/work/W-1/correction", correction)
    clock.advance(minutes=1)
    now = (await api.get(f"{account}/statement", params={"to": clock().isoformat()})).json()
    assert (now["resolved"][0]["worked"], now["resolved"][0]["amount"]) == (50, 60)
    # As known before the correction it is what it was.
    before = await api.get(f"{account}/statement", params=asked | {"sequence": sequence})
    if before.status_code == 200:
        assert before.json()["resolved"][0]["worked"] == 65


async def test_N12_overage_is_counted_as_well(api: Api, clock: Clock) -> None:
    published = await publish(api, COUNTING)
    assert published.status_code == 201, published.text
    account = await hours(api, 60)
    await api.open(account)
    clock.move_to("2026-12-01T12:00:00+00:00")
    # A week may use 30 of the 60 minutes; 20 minutes count 60, and are above it.
    refused = await log(api, account, 20, at="2026-12-01T10:00:00Z")
    assert refused.json()["code"] == "cap_reached"
    account = await api.make_account("c-2")
    await api.open(account, catalog="agency")
    # What is served without a plan counts as it was worked.
    plain = (await log(api, account, 20)).json()
    assert (plain["worked"], plain["minutes"], plain["overage_minutes"]) == (20, 20, 20)
    period = {"from": "2026-11-24T00:00:00Z", "to": "2026-12-24T00:00:00Z"}
    [line] = (await api.get(f"{account}/overage", params=period)).json()["data"]
    assert (line["worked"], line["minutes"]) == (20, 20)


@pytest.mark.parametrize(
    ("counting", "pointer", "code"),
    [
        ({"factors": [{"by": "1/2", "urgent": True}]}, "factors/0/by", "out_of_range"),
        ({"factors": [{"by": "2"}]}, "factors/0/by", "conflicting_fields"),
        ({"factors": [{"by": "2", "in": "nights"}]}, "factors/0/in", "unknown_calendar"),
        ({"least": 0}, "least", "out_of_range"),
    ],
)
async def test_what_is_wrong_with_a_way_of_counting_is_named(
    api: Api, counting: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await publish(api, counting)
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        (f"/plans/starter/counting/{pointer}", code)
    ]
