"""Hours: work charged to a month's allowance, under a week's cap, and beyond both."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.agreements import buy_by_quote, euros
from tests.support.work import hours, log

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

# Tuesday 2026-11-24 08:00 UTC. The agency's weeks turn on Mondays at 00:00 UTC.
MONDAY = "2026-11-30T00:00:00Z"


async def cap(api: Api, account: str, **asked: Any) -> Any:
    """Read the week's cap in the balance."""
    reply = await api.get(f"{account}/balance", params=asked)
    [found] = reply.json()["caps"]
    return found


async def test_A6_half_of_the_hours_in_one_week(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    clock.advance(hours=1)
    assert (await log(api, account, 1200)).status_code == 201  # 20 of 40 hours
    refused = await log(api, account, 60, "W-2")
    assert refused.status_code == 402
    problem = refused.json()
    assert problem["code"] == "cap_reached"
    assert (problem["limit"], problem["used"], problem["resets_at"]) == (1200, 1200, MONDAY)
    assert problem["trace"][0]["code"] == "cap_reached"
    assert problem["detail"] == (
        "The week may use 20 hours of the plan, and 0 minutes are left until"
        " Monday 30 November 2026, 00:00 (UTC). What is above is billed of work logged with"
        ' `over_cap: "bill"`, once an agreement (`raise_cap`) says so.'
    )
    # Another package of the plan that the account has would not help: it has the limit too.
    assert problem["offers"] == []
    assert (await api.units(account, "minute"))["used"] == 1200
    clock.move_to("2026-11-30T00:00:00+00:00")
    assert (await log(api, account, 60, "W-2")).status_code == 201
    assert await cap(api, account) == {
        "period": "week",
        "unit": "minute",
        "limit": 1200,
        "used": 60,
        "held": 0,
        "resets_at": "2026-12-07T00:00:00Z",
    }


async def test_A6_opening_holds_no_more_than_the_week_has(api: Api) -> None:
    account = await hours(api)
    opened = await api.open(account, amount=900)
    assert opened["charge"]["held"] == 900
    body = {"ticket_id": "HD-2", "subject": "A new theme", "amount": 301, "plan": "starter"}
    refused = await api.post(f"{account}/tickets", body)
    assert refused.status_code == 402, refused.text
    assert refused.json()["code"] == "cap_reached"
    assert refused.json()["resets_at"] == MONDAY
    preview = await api.post(f"{account}/coverage", body)
    assert preview.json()["refusal"]["code"] == "cap_reached"
    await api.open(account, "HD-2", amount=300)
    assert (await cap(api, account))["held"] == 1200


async def test_A6_neither_a_revision_nor_a_resolution_passes_the_week(api: Api) -> None:
    account = await hours(api)
    await api.open(account, amount=600)
    raised = {"amount": 1201, "reason": "Larger than it looked"}
    refused = await api.post(f"{account}/tickets/HD-1/charge/revision", raised)
    assert (refused.status_code, refused.json()["code"]) == (402, "cap_reached")
    solved = {"outcome": "solved", "amount": 1201}
    refused = await api.post(f"{account}/tickets/HD-1/resolution", solved)
    assert (refused.status_code, refused.json()["code"]) == (402, "cap_reached")
    resolved = await api.post(f"{account}/tickets/HD-1/resolution", solved | {"amount": 1200})
    assert resolved.json()["charge"]["used"] == 1200
    assert (await cap(api, account))["used"] == 1200


async def test_work_takes_what_is_held_first_and_the_rest_is_released(
    api: Api, clock: Clock
) -> None:
    account = await hours(api)
    await api.open(account, amount=120)
    clock.advance(hours=3)
    logged = (await log(api, account, 180)).json()
    assert [(part["source"], part["minutes"]) for part in logged["parts"]] == [
        ("hold", 120),
        ("allowance", 60),
    ]
    assert (await api.units(account, "minute"))["used"] == 180
    await api.open(account, "HD-2", amount=600)
    await log(api, account, 200, "W-2", "HD-2")
    resolved = await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    assert resolved.json()["charge"]["used"] == 200
    units = await api.units(account, "minute")
    assert (units["held"], units["used"], units["available"]) == (0, 380, 2020)


async def test_what_others_hold_this_week_is_set_aside(api: Api) -> None:
    account = await hours(api)
    await api.open(account, amount=600)
    await api.open(account, "HD-2")
    assert (await log(api, account, 601, "W-1", "HD-2")).json()["code"] == "cap_reached"
    assert (await log(api, account, 600, "W-1", "HD-2")).status_code == 201
    assert (await log(api, account, 600, "W-2", "HD-1")).status_code == 201


async def test_two_work_logs_at_once_do_not_pass_the_cap(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    clock.advance(hours=2)
    replies = await asyncio.gather(*(log(api, account, 500, f"W-{n}") for n in range(10)))
    assert sorted(reply.status_code for reply in replies) == [201] * 2 + [402] * 8
    assert (await cap(api, account))["used"] == 1000


async def test_minutes_are_split_where_the_week_turns(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    clock.move_to("2026-11-30T06:00:00+00:00")
    # Sunday 22:00 to Monday 02:00.
    logged = (await log(api, account, 240, at="2026-11-29T22:00:00Z")).json()
    assert [(part["at"], part["minutes"]) for part in logged["parts"]] == [
        ("2026-11-29T22:00:00Z", 120),
        ("2026-11-30T00:00:00Z", 120),
    ]
    assert (await cap(api, account))["used"] == 120
    assert (await cap(api, account, at="2026-11-29T23:59:59Z"))["used"] == 120


async def test_minutes_are_split_where_the_month_turns(api: Api, clock: Clock) -> None:
    account = await hours(api, 600)  # until 24 December, 08:00
    december = {
        "reference": "starter-december",
        "catalog": "agency",
        "plan": "starter",
        "unit": "minute",
        "amount": 600,
        "at": "2026-12-24T08:00:00Z",
        "expires_at": "2027-01-24T08:00:00Z",
        "reason": "Contract",
        "actor": "mara",
    }
    await api.open(account)
    clock.move_to("2026-12-24T12:00:00+00:00")
    assert (await api.post(f"{account}/grants", december)).status_code == 201
    logged = (await log(api, account, 120, at="2026-12-24T07:00:00Z")).json()
    assert [(part["at"], part["minutes"]) for part in logged["parts"]] == [
        ("2026-12-24T07:00:00Z", 60),
        ("2026-12-24T08:00:00Z", 60),
    ]
    assert len({part["lot_id"] for part in logged["parts"]}) == 2
    units = await api.units(account, "minute")
    # Of November's 600 minutes 540 are lost with the month.
    assert (units["used"], units["expired"], units["available"]) == (120, 540, 540)


async def test_A7_unused_hours_end_with_the_billing_cycle(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    await log(api, account, 900)
    clock.move_to("2026-12-24T08:00:00+00:00")
    units = await api.units(account, "minute")
    assert (units["used"], units["expired"], units["available"]) == (900, 1500, 0)


async def test_A5_the_41st_hour_is_billed(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    await log(api, account, 1200)
    clock.move_to("2026-12-01T08:00:00+00:00")
    await log(api, account, 1200, "W-2")
    clock.move_to("2026-12-08T08:00:00+00:00")
    # The allowance is used up; what is above is overage, outside the weekly cap.
    billed = (await log(api, account, 60, "W-3")).json()
    assert (billed["overage_minutes"], billed["parts"][0]["source"]) == (60, "overage")
    assert billed["ticket"]["charge"]["status"] == "overage"
    assert (billed["ticket"]["charge"]["used"], billed["ticket"]["charge"]["overage"]) == (2400, 60)
    resolved = await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert resolved.json()["charge"]["status"] == "overage"


async def test_above_the_cap_is_billed_under_an_agreement(api: Api) -> None:
    account = await hours(api)
    opened = await api.open(account)
    await log(api, account, 1200)
    unagreed = await log(api, account, 60, "W-2", over_cap="bill")
    assert unagreed.json()["code"] == "cap_reached"
    assert unagreed.json()["detail"].endswith(" (UTC). No agreement bills what is above.")
    agreement = {
        "reference": "launch-week",
        "kind": "raise_cap",
        "subscription_id": opened["coverage"]["subscription_id"],
        "until": "2026-12-01T00:00:00Z",
        "reason": "Launch",
        "actor": "mara",
    }
    agreed = await api.post(f"{account}/agreements", agreement)
    assert agreed.status_code == 201, agreed.text
    refused = (await log(api, account, 60, "W-2")).json()
    assert refused["code"] == "cap_reached"
    assert refused["detail"].endswith(
        ' (UTC). An agreement bills what is above of work logged with `over_cap: "bill"`.'
    )
    billed = (await log(api, account, 60, "W-2", over_cap="bill")).json()
    assert billed["overage_minutes"] == 60
    assert (await api.units(account, "minute"))["used"] == 1200


async def test_an_agreement_raises_what_a_week_may_use(api: Api, clock: Clock) -> None:
    account = await hours(api)
    opened = await api.open(account)
    agreement = {
        "reference": "launch-week",
        "kind": "raise_cap",
        "subscription_id": opened["coverage"]["subscription_id"],
        "minutes": 1500,
        "until": MONDAY,
        "reason": "Launch",
        "actor": "mara",
    }
    assert (await api.post(f"{account}/agreements", agreement)).status_code == 201
    assert (await cap(api, account))["limit"] == 1500
    assert (await log(api, account, 1500)).status_code == 201
    assert (await log(api, account, 1, "W-2")).json()["limit"] == 1500
    clock.move_to("2026-11-30T08:00:00+00:00")
    assert (await cap(api, account))["limit"] == 1200


async def test_A3_without_a_package_all_work_is_billed(api: Api) -> None:
    account = await api.make_account()
    opened = await api.open(account, catalog="agency")
    assert opened["coverage"]["on_demand"] is True
    logged = (await log(api, account, 90)).json()
    assert logged["overage_minutes"] == 90
    assert logged["ticket"]["charge"]["status"] == "overage"
    assert logged["ticket"]["charge"]["overage"] == 90


async def test_work_on_an_incident_costs_nothing_more(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    await api.open(account)
    refused = await log(api, account, 30)
    assert (refused.status_code, refused.json()["code"]) == (409, "minutes_not_counted")


async def test_a_bug_report_is_worked_on_for_free(api: Api) -> None:
    account = await hours(api)
    await api.open(account, category="bug")
    logged = (await log(api, account, 300)).json()
    assert [part["source"] for part in logged["parts"]] == ["nothing"]
    assert (await api.units(account, "minute"))["used"] == 0


async def test_work_that_takes_nothing_leaves_a_charge_of_points_one_of_points(
    api: Api,
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.120")
    opened = await api.open(account, category="bug", amount=30)
    assert (opened["charge"]["unit"], opened["charge"]["held"]) == ("point", 30)
    worked = await log(api, account, 90)
    assert worked.status_code == 201, worked.text
    assert worked.json()["ticket"]["charge"] == opened["charge"]


async def test_the_same_work_twice_is_logged_once(api: Api) -> None:
    account = await hours(api)
    await api.open(account)
    assert (await log(api, account, 30)).status_code == 201
    again = await log(api, account, 30)
    assert (again.status_code, again.json()["minutes"]) == (200, 30)
    other = await log(api, account, 45)
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert (await api.units(account, "minute"))["used"] == 30
    listed = (await api.get(f"{account}/tickets/HD-1/work")).json()
    assert [work["work_id"] for work in listed["data"]] == ["W-1"]


async def test_work_before_the_ticket_or_after_its_resolution_is_refused(
    api: Api, clock: Clock
) -> None:
    account = await hours(api)
    await api.open(account)
    early = await log(api, account, 30, at="2026-11-24T07:00:00Z")
    assert early.json()["code"] == "before_opening"
    clock.advance(hours=1)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.advance(hours=1)
    assert (await log(api, account, 30)).json()["code"] == "ticket_resolved"
    # What was done before the resolution may be logged after it.
    late = await log(api, account, 30, at="2026-11-24T08:10:00Z")
    assert late.status_code == 201, late.text


async def test_a_correction_gives_back_the_last_minutes(api: Api, clock: Clock) -> None:
    account = await hours(api, 100)
    await api.open(account)
    clock.advance(hours=4)
    # The week may use 50 of the 100 minutes.
    assert (await log(api, account, 50)).status_code == 201
    clock.move_to("2026-11-30T08:00:00+00:00")
    logged = (await log(api, account, 80, "W-2")).json()
    assert logged["overage_minutes"] == 30  # 50 are left of the month
    wrong = {"minutes": 40, "reason": "Twice logged", "actor": "mara"}
    path = f"{account}/tickets/HD-1/work/W-2/correction"
    corrected = (await api.post(path, wrong)).json()
    assert (corrected["minutes"], corrected["overage_minutes"]) == (40, 0)
    assert corrected["corrections"][0]["overage_minutes"] == -30
    assert (corrected["ticket"]["charge"]["used"], corrected["ticket"]["charge"]["overage"]) == (
        90,
        0,
    )
    assert (await cap(api, account))["used"] == 40
    again = await api.post(path, wrong)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_correct")
    longer = (await api.post(path, wrong | {"minutes": 55})).json()
    assert (longer["minutes"], longer["overage_minutes"]) == (55, 5)


async def test_a_correction_counts_in_the_week_of_the_work(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account)
    await log(api, account, 1200)
    clock.move_to("2026-12-01T08:00:00+00:00")
    wrong = {"minutes": 900, "reason": "Too long", "actor": "mara"}
    assert (await api.post(f"{account}/tickets/HD-1/work/W-1/correction", wrong)).status_code == 200
    assert (await cap(api, account))["used"] == 0
    assert (await cap(api, account, at="2026-11-29T00:00:00Z"))["used"] == 900


async def test_a_hold_made_after_the_work_still_pays_for_it(api: Api, clock: Clock) -> None:
    account = await hours(api, 2400)
    await api.open(account)
    clock.advance(hours=5)
    raised = {"amount": 1200, "reason": "Larger than it looked"}
    assert (await api.post(f"{account}/tickets/HD-1/charge/revision", raised)).status_code == 200
    logged = (await log(api, account, 1200, at="2026-11-24T08:00:00Z")).json()
    assert logged["overage_minutes"] == 0
    assert logged["ticket"]["charge"]["used"] == 1200


async def test_a_suspended_subscription_pays_for_no_work(api: Api) -> None:
    account = await hours(api)
    opened = await api.open(account)
    subscription = opened["coverage"]["subscription_id"]
    suspension = {"reason": "Unpaid", "actor": "mara"}
    await api.post(f"{account}/subscriptions/{subscription}/suspension", suspension)
    refused = await log(api, account, 30)
    assert refused.status_code == 402
    assert refused.json()["trace"][0]["code"] == "suspended"


async def test_a_dry_run_of_work_says_the_same_and_keeps_nothing(api: Api) -> None:
    account = await hours(api)
    await api.open(account)
    body = {"work_id": "W-1", "minutes": 60, "by": "jon"}
    path = f"{account}/tickets/HD-1/work"
    dry = await api.post(path, body, params={"dry_run": "true"})
    assert (dry.status_code, dry.headers["Dry-Run"]) == (201, "true")
    assert (await api.units(account, "minute"))["used"] == 0
    real = await api.post(path, body)
    assert real.json()["parts"] == dry.json()["parts"]


@pytest.mark.parametrize("ending", ["expiry", "cancellation", "upgrade"])
async def test_what_is_held_can_be_worked_after_its_hours_have_ended(
    api: Api, clock: Clock, ending: str
) -> None:
    account = await api.make_account()
    bought = await buy_by_quote(api, account, "agency.starter", "SO-1", contract_months=1)
    assert bought.status_code == 201, bought.text
    await api.open(account, amount=120)
    if ending == "expiry":
        clock.move_to("2026-12-24T08:00:00+00:00")
    elif ending == "cancellation":
        cancel = {"refund": "none", "reason": "They part", "actor": "mara"}
        ended = await api.post(f"{account}/purchases/SO-1/cancellation", cancel)
        assert ended.status_code == 200, ended.text
    else:
        asked = {"offer": "agency.standard", "price": euros(3000), "allowance": 3000}
        quote = await api.post(f"{account}/purchases/SO-1/upgrade-quote", asked)
        assert quote.status_code == 201, quote.text
        order: Any = {"order_id": "SO-2", "quote_id": quote.json()["quote_id"]}
        order["payment"] = {"status": "paid"}
        upgraded = await api.post(f"{account}/purchases", order)
        assert upgraded.status_code == 201, upgraded.text
    clock.advance(hours=1)
    [part] = (await log(api, account, 90)).json()["parts"]
    assert (part["source"], part["minutes"]) == ("hold", 90)
    # What is above was in no package any more: it is billed.
    parts = (await log(api, account, 60, "W-2")).json()["parts"]
    assert [(each["source"], each["minutes"]) for each in parts] == [("hold", 30), ("overage", 30)]
    resolved = (await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})).json()
    assert (resolved["charge"]["used"], resolved["charge"]["overage"]) == (120, 30)


async def test_work_over_the_end_of_its_hours_takes_what_is_held(api: Api, clock: Clock) -> None:
    account = await hours(api)
    await api.open(account, amount=120)
    clock.move_to("2026-12-24T08:30:00+00:00")
    logged = (await log(api, account, 60, at="2026-12-24T07:30:00Z")).json()
    assert [(each["source"], each["minutes"]) for each in logged["parts"]] == [("hold", 30)] * 2


async def test_of_a_sequence_the_cap_stays_as_it_was_known(api: Api, clock: Clock) -> None:
    account = await hours(api)
    [subscription] = (await api.get(f"{account}/subscriptions")).json()["data"]
    asked = {"sequence": 1, "at": "2026-11-25T08:00:00Z"}
    before = await cap(api, account, **asked)
    assert before["limit"] == 1200
    raised = {"reference": "a-1", "kind": "raise_cap", "minutes": 2000}
    why = {"subscription_id": subscription["id"], "reason": "A big task", "actor": "mara"}
    # At the instant of that movement, and later.
    for number in (1, 2):
        agreed = raised | why | {"reference": f"a-{number}"}
        assert (await api.post(f"{account}/agreements", agreed)).status_code == 201
        assert await cap(api, account, **asked) == before
        clock.advance(hours=1)
    assert (await cap(api, account))["limit"] == 2000
    await api.open(account, amount=60)
    known = await cap(api, account, sequence=2, at="2026-11-25T08:00:00Z")
    assert known["limit"] == 2000
