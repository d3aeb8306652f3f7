"""Hourly rates by urgency and category: beyond a plan's hours, and without a plan."""

from typing import Any

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.work import hours, log


def per_hour(amount: int, **when: Any) -> dict[str, Any]:
    return {"per_hour": {"amount": amount, "currency": "EUR"}} | when


PLAN_RATES = [per_hour(18_000, urgent=True), per_hour(9_000, category="bug"), per_hour(12_000)]
DEMAND_RATES = [per_hour(24_000, urgent=True), per_hour(15_000)]
PERIOD = {"from": "2026-11-24T00:00:00Z", "to": "2026-12-24T00:00:00Z"}


async def publish(api: Api, plan_rates: list[Any], **starter: Any) -> Any:
    """Publish the agency's terms with rates on Starter, and without a plan; the reply."""
    document = packaged_documents()["agency"]
    plan = document["plans"]["starter"] | {"urgent": True, "rates": plan_rates} | starter
    return await api.put(
        "/v1/catalogs/agency",
        document
        | {"plans": document["plans"] | {"starter": plan}}
        | {"policies": document["policies"] | {"rates": DEMAND_RATES}},
    )


async def test_overage_costs_by_urgency(api: Api, clock: Clock) -> None:
    published = await publish(api, PLAN_RATES)
    assert published.status_code == 201, published.text
    account = await hours(api, 120)
    await api.open(account, "HD-1")
    await api.open(account, "HD-2", urgent=True)
    clock.advance(hours=6)
    # A week may use 60 of the 120 minutes, and the next one the rest.
    assert (await log(api, account, 60, "W-1", "HD-1")).status_code == 201
    clock.advance(days=7)
    assert (await log(api, account, 60, "W-2", "HD-1")).status_code == 201
    await log(api, account, 30, "W-3", "HD-1")
    await log(api, account, 30, "W-4", "HD-2")
    report = (await api.get(f"{account}/overage", params=PERIOD)).json()
    assert [(each["rate"]["amount"], each["money"]["amount"]) for each in report["data"]] == [
        (12_000, 6_000),
        (18_000, 9_000),
    ]


async def test_work_without_a_plan_has_a_price(api: Api, clock: Clock) -> None:
    published = await publish(api, PLAN_RATES)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.open(account, catalog="agency")
    clock.advance(hours=2)
    await log(api, account, 90)
    [line] = (await api.get(f"{account}/overage", params=PERIOD)).json()["data"]
    assert (line["plan"], line["rate"]["amount"], line["money"]["amount"]) == (None, 15_000, 22_500)


async def test_what_is_wrong_with_rates_is_named(api: Api) -> None:
    unknown = await publish(api, [per_hour(9_000, category="wizardry")])
    [fault] = unknown.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (
        "/plans/starter/rates/0/category",
        "unknown_category",
    )
    rate = {"amount": 9_000, "currency": "EUR"}
    both = await publish(api, PLAN_RATES, overage_rate=rate)
    assert [each["code"] for each in both.json()["errors"]] == ["conflicting_fields"]


# Starter's support is open from 9:30 to 17:30 UTC here, and 2026-11-24 is a Tuesday.
OPEN = {"timezone": "UTC", "hours": {"mon-fri": [["09:30", "17:30"]]}}
LATE_RATES = [
    per_hour(18_000, outside="business", hours="worked"),
    per_hour(12_000),
]
TWICE = {"least": 60, "step": 15, "factors": [{"outside": "business", "by": "2"}]}


async def sell_late_hours(api: Api, clock: Clock) -> str:
    """Sell hours whose overage costs more outside business hours; the account's path."""
    document = packaged_documents()["agency"]
    plan = document["plans"]["starter"] | {"rates": LATE_RATES, "counting": TWICE}
    plan["weekly_cap"] = "1/1"
    published = await api.put(
        "/v1/catalogs/agency",
        document
        | {"calendars": document["calendars"] | {"business": OPEN}}
        | {"plans": document["plans"] | {"starter": plan}}
        | {"policies": document["policies"] | {"rates": LATE_RATES}},
    )
    assert published.status_code == 201, published.text
    account = await hours(api, 60)
    await api.open(account)
    clock.move_to("2026-11-24T20:00:00+00:00")
    return account


async def read_lines(api: Api, account: str, **asked: Any) -> list[tuple[int, ...]]:
    """What is billed: minutes counted, those that the rate is for, the rate, what it comes to."""
    report = (await api.get(f"{account}/overage", params=PERIOD | asked)).json()
    return [
        (each["minutes"], each["rated_minutes"], each["rate"]["amount"], each["money"]["amount"])
        for each in report["data"]
    ]


async def test_an_hour_beyond_costs_by_when_it_was_worked(api: Api, clock: Clock) -> None:
    account = await sell_late_hours(api, clock)
    await log(api, account, 60, "W-1", at="2026-11-24T10:00:00Z")  # all that there is
    assert await read_lines(api, account) == []
    # From 17:00 to 18:00: half an hour, and half an hour that counts twice.
    logged = await log(api, account, 60, "W-2", at="2026-11-24T17:00:00Z")
    assert [each["minutes"] for each in logged.json()["parts"]] == [30, 60]
    edge = (30, 30, 12_000, 6_000), (60, 30, 18_000, 9_000)
    assert await read_lines(api, account) == [*edge]
    await log(api, account, 20, "W-3", at="2026-11-24T19:00:00Z")  # an hour at least, at that rate
    assert await read_lines(api, account) == [edge[0], (120, 90, 18_000, 27_000)]
    # Logged while it goes on: the time is the one that it will have been worked at.
    clock.move_to("2026-11-25T17:00:00+00:00")
    await log(api, account, 60, "W-4", at="2026-11-25T17:00:00Z")
    assert await read_lines(api, account) == [
        (60, 60, 12_000, 12_000),
        (180, 120, 18_000, 36_000),
    ]


async def test_a_correction_rates_the_whole_anew(api: Api, clock: Clock) -> None:
    account = await sell_late_hours(api, clock)
    await log(api, account, 60, "W-1", at="2026-11-24T10:00:00Z")
    await log(api, account, 20, "W-2", at="2026-11-24T17:20:00Z")
    first = [(10, 10, 12_000, 2_000), (50, 50, 18_000, 15_000)]
    assert await read_lines(api, account) == first
    before = (await api.get(f"{account}/overage", params=PERIOD)).json()["sequence"]
    path = f"{account}/tickets/HD-1/work/W-2/correction"
    why = {"reason": "Forgotten", "actor": "mara"}
    for minutes, lines in (
        (100, [(10, 10, 12_000, 2_000), (185, 95, 18_000, 28_500)]),
        (10, [(60, 60, 12_000, 12_000)]),
        (20, first),
    ):
        corrected = await api.post(path, {"minutes": minutes} | why)
        assert corrected.status_code == 200, corrected.text
        assert await read_lines(api, account) == lines
        # As known before, it is what it was.
        assert await read_lines(api, account, sequence=str(before)) == first
    assert (await api.post(path, {"minutes": 0} | why)).status_code == 200
    assert await read_lines(api, account) == []


async def test_work_without_a_plan_costs_by_when_it_was_done(api: Api, clock: Clock) -> None:
    await sell_late_hours(api, clock)
    account = await api.make_account("c-2")
    await api.open(account, "HD-1", catalog="agency", at="2026-11-24T09:00:00Z")
    await log(api, account, 60, "W-9", at="2026-11-24T17:00:00Z")
    assert await read_lines(api, account) == [(30, 30, 12_000, 6_000), (30, 30, 18_000, 9_000)]


async def test_a_ticket_that_another_plan_pays_is_rated_by_when_it_was_worked_on(
    api: Api, clock: Clock
) -> None:
    await sell_late_hours(api, clock)
    account = await api.make_account("c-2")
    await api.open(account, "HD-1", catalog="agency", at="2026-11-24T09:00:00Z")
    await log(api, account, 60, "W-9", at="2026-11-24T17:00:00Z")
    grant = {"reference": "hours", "catalog": "agency", "plan": "starter", "unit": "minute"}
    amount = {"amount": 60, "expires_at": "2026-12-24T08:00:00Z"}
    why = {"reason": "They have hours now", "actor": "mara"}
    granted = await api.post(f"{account}/grants", grant | amount | why)
    assert granted.status_code == 201, granted.text
    moved = await api.post(f"{account}/tickets/HD-1/coverage", why)
    assert moved.status_code == 200, moved.text
    # Of the 90 minutes that it counts 60 are there; the rest is the evening's.
    assert await read_lines(api, account) == [(30, 15, 18_000, 4_500)]


async def test_what_is_wrong_with_times_of_rates_is_named(api: Api) -> None:
    together = TWICE | {"over": "ticket"}
    refused = await publish(api, [per_hour(9_000, hours="worked")], counting=together)
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/plans/starter/rates/0/hours", "conflicting_fields")
    ]
    both = await publish(api, [per_hour(9_000, **{"in": "business", "outside": "business"})])
    assert [(each["pointer"], each["code"]) for each in both.json()["errors"]] == [
        ("/plans/starter/rates/0/outside", "conflicting_fields")
    ]
    unknown = await publish(api, [per_hour(9_000, outside="night")])
    assert [(each["pointer"], each["code"]) for each in unknown.json()["errors"]] == [
        ("/plans/starter/rates/0/outside", "unknown_calendar")
    ]


async def test_billed_time_given_back_later_is_worth_what_was_billed(
    api: Api, clock: Clock
) -> None:
    account = await sell_late_hours(api, clock)
    for work_id in ("W-1", "W-2"):
        await log(api, account, 60, work_id)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    # An hour counts as two, and is billed as it was worked: of the second, all of it.
    billed = await read_lines(api, account)
    assert sum(money for *_, money in billed) == 27_000
    before = (await api.get(f"{account}/balance")).json()["sequence"]
    clock.move_to("2026-12-10T08:00:00+00:00")
    by = {"reason": "It was ours to do", "actor": "mara"}
    part = await api.post(f"{account}/tickets/HD-1/refund", by | {"amount": 60})
    assert part.json()["charge"]["overage"] == 120
    assert await read_lines(api, account) == [(120, 60, 18_000, 18_000)]
    full = await api.post(f"{account}/tickets/HD-1/refund", by | {"amount": 120})
    assert full.json()["charge"]["overage"] == 0
    assert await read_lines(api, account) == []
    assert await read_lines(api, account, sequence=before) == billed
    assert (await api.get(f"{account}/summary")).json()["overage"] is None
    # The work is as long as it was, and says what became of it.
    listed = (await api.get(f"{account}/tickets/HD-1/work")).json()["data"]
    assert [(each["minutes"], each["overage_minutes"]) for each in listed] == [(120, 0)] * 2
    kept = [each["overage_minutes"] for work in listed for each in work["corrections"]]
    assert (sum(kept), {each["corrections"][0]["reason"] for each in listed}) == (
        -180,
        {"It was ours to do"},
    )
