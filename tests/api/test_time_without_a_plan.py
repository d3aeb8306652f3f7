"""Time and material: work without a plan, counted and priced as the catalogue's policies say."""

from typing import Any

import pytest

from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api, Clock
from tests.support.work import hours, log

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

# The clock stands at Tuesday 2026-11-24 08:00 UTC.
OPEN = {"timezone": "UTC", "hours": {"mon-fri": [["09:00", "17:00"]]}}
WEEKEND = {"timezone": "UTC", "hours": {"sat": [["00:00", "24:00"]], "sun": [["00:00", "24:00"]]}}
# "EUR 180 an hour, at least one hour, by the quarter hour, double at weekends."
COUNTING = {"least": 60, "step": 15, "factors": [{"in": "weekend", "by": "2"}]}
RATES = [{"per_hour": {"amount": 18_000, "currency": "EUR"}}]
PERIOD = {"from": "2026-11-24T00:00:00Z", "to": "2026-12-24T00:00:00Z"}
CARD = {
    "on-site": {"name": "On-site work", "unit": "minute", "base": 0},
    "remote": {"name": "Remote work", "unit": "minute", "base": 0},
}


async def publish(api: Api, counting: dict[str, Any], **policies: Any) -> Any:
    """Publish the agency's terms with a way of counting work without a plan; the reply."""
    document = packaged_documents()["agency"]
    given = document["policies"] | {"counting": counting, "rates": RATES} | policies
    calendars = document["calendars"] | {"business": OPEN, "weekend": WEEKEND}
    return await api.put(
        "/v1/catalogs/agency",
        document | {"calendars": calendars, "policies": given, "rate_card": CARD},
    )


async def serve(api: Api, counting: dict[str, Any] | None = None, **ticket: Any) -> str:
    """Open a ticket of a customer without a plan; the account's path."""
    published = await publish(api, counting or COUNTING)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.open(account, catalog="agency", **ticket)
    return account


async def read_lines(api: Api, account: str) -> list[tuple[int, int, int]]:
    """What is billed: minutes worked, minutes counted, what it comes to."""
    report = (await api.get(f"{account}/overage", params=PERIOD)).json()
    return [(each["worked"], each["minutes"], each["money"]["amount"]) for each in report["data"]]


@pytest.mark.parametrize(
    ("at", "worked", "counted"),
    [
        ("2026-11-24T10:00:00Z", 20, 60),
        ("2026-11-24T10:00:00Z", 65, 75),
        ("2026-11-28T10:00:00Z", 20, 60),
        ("2026-11-28T10:00:00Z", 65, 135),
        ("2026-11-27T23:30:00Z", 60, 90),
    ],
)
async def test_work_without_a_plan_is_counted_as_the_seller_says(
    api: Api, clock: Clock, at: str, worked: int, counted: int
) -> None:
    account = await serve(api)
    clock.advance(days=6)
    logged = (await log(api, account, worked, at=at)).json()
    assert (logged["worked"], logged["minutes"], logged["overage_minutes"]) == (
        worked,
        counted,
        counted,
    )
    charge = logged["ticket"]["charge"]
    assert (charge["status"], charge["overage"]) == ("overage", counted)
    assert charge["overage_rate"]["amount"] == 18_000
    assert await read_lines(api, account) == [(worked, counted, counted * 300)]


async def test_a_correction_counts_the_whole_anew_without_a_plan(api: Api, clock: Clock) -> None:
    account = await serve(api, COUNTING | {"over": "ticket"})
    clock.advance(hours=8)
    await log(api, account, 20, "W-1", at="2026-11-24T10:00:00Z")
    second = (await log(api, account, 50, "W-2", at="2026-11-24T11:00:00Z")).json()
    assert second["minutes"] == 15
    assert await read_lines(api, account) == [(70, 75, 22_500)]
    path = f"{account}/tickets/HD-1/work/W-1/correction"
    why = {"reason": "Another ticket's", "actor": "mara"}
    for minutes, line in ((0, (50, 60, 18_000)), (100, (150, 150, 45_000))):
        assert (await api.post(path, {"minutes": minutes} | why)).status_code == 200
        assert await read_lines(api, account) == [line]


async def test_the_answer_says_what_an_hour_costs_without_a_plan(api: Api) -> None:
    account = await serve(api, COUNTING | {"rounding": [{"category": "on-site", "least": 240}]})
    asked = {"catalog": "agency", "subject": "Please come"}
    answer = (await api.post(f"{account}/coverage", asked)).json()
    assert answer["charge"]["overage_rate"]["amount"] == 18_000
    assert answer["text"].endswith(
        "An hour costs EUR 180.00, at least 1 hour by steps of 15 minutes."
    )
    there = (await api.post(f"{account}/coverage", asked | {"category": "on-site"})).json()
    assert there["text"].endswith("at least 4 hours by steps of 15 minutes.")


async def test_the_plan_page_says_how_work_without_a_plan_is_counted(api: Api) -> None:
    assert (await publish(api, COUNTING)).status_code == 201
    page = await api.get("/v1/catalogs/agency/comparison", headers={"Accept": "text/html"})
    said = "€180 an hour. At least 1 hour, then each 15 minutes begun; 2 times in:"
    assert said in page.text


async def test_a_ticket_that_a_plan_pays_later_is_counted_as_the_plan_says(
    api: Api, clock: Clock
) -> None:
    account = await serve(api)
    clock.advance(hours=4)
    await log(api, account, 20, at="2026-11-24T10:00:00Z")
    assert await read_lines(api, account) == [(20, 60, 18_000)]
    grant = {"reference": "hours", "catalog": "agency", "plan": "starter", "unit": "minute"}
    why = {"reason": "They have hours now", "actor": "mara"}
    amount = {"amount": 600, "expires_at": "2026-12-24T08:00:00Z"}
    assert (await api.post(f"{account}/grants", grant | amount | why)).status_code == 201
    moved = await api.post(f"{account}/tickets/HD-1/coverage", why)
    assert moved.status_code == 200, moved.text
    assert moved.json()["charge"]["used"] == 20
    assert await read_lines(api, account) == []


async def test_a_statement_has_the_hours_that_count_beside_those_worked(
    api: Api, clock: Clock
) -> None:
    account = await serve(api)
    clock.advance(hours=4)
    await log(api, account, 65, at="2026-11-24T10:00:00Z")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.advance(minutes=1)
    asked = {"to": clock().isoformat()}
    [line] = (await api.get(f"{account}/statement", params=asked)).json()["resolved"]
    assert (line["worked"], line["overage"]) == (65, 75)


async def test_a_dry_run_of_work_without_a_plan_counts_alike(api: Api, clock: Clock) -> None:
    account = await serve(api)
    clock.advance(hours=4)
    body = {"work_id": "W-1", "minutes": 20, "by": "jon"}
    tried = await api.post(f"{account}/tickets/HD-1/work?dry_run=true", body)
    assert (tried.json()["minutes"], await read_lines(api, account)) == (60, [])


# Of a plan: on-site at least four hours, remote a quarter, and phone work by 3/2.
BY_TICKET = {
    "least": 1,
    "step": 15,
    "rounding": [
        {"category": "on-site", "least": 240, "step": 60},
        {"category": "remote", "least": 15},
    ],
    "factors": [{"channels": ["email"], "by": "3/2"}],
}


async def sell_by_ticket(api: Api, counting: dict[str, Any], **ticket: Any) -> Any:
    document = packaged_documents()["agency"]
    starter = document["plans"]["starter"] | {"counting": counting}
    plans = document["plans"] | {"starter": starter}
    published = await api.put("/v1/catalogs/agency", document | {"plans": plans, "rate_card": CARD})
    if published.status_code != 201:
        return published
    account = await hours(api)
    await api.open(account, **ticket)
    return account


@pytest.mark.parametrize(
    ("ticket", "worked", "counted"),
    [
        ({"category": "on-site"}, 20, 240),
        ({"category": "on-site"}, 241, 300),
        ({"category": "remote"}, 5, 15),
        ({}, 16, 30),
        ({"channel": "email"}, 20, 30),
        ({"channel": "email", "category": "on-site"}, 200, 300),
    ],
)
async def test_minutes_are_counted_by_category_and_channel(
    api: Api, clock: Clock, ticket: dict[str, Any], worked: int, counted: int
) -> None:
    account = await sell_by_ticket(api, BY_TICKET, **ticket)
    clock.advance(hours=8)
    logged = (await log(api, account, worked, at="2026-11-24T09:00:00Z")).json()
    assert (logged["worked"], logged["minutes"]) == (worked, counted)


async def test_a_ticket_of_another_category_counts_anew_when_its_work_is_corrected(
    api: Api, clock: Clock
) -> None:
    account = await sell_by_ticket(api, BY_TICKET, category="remote")
    clock.advance(hours=8)
    assert (await log(api, account, 20, at="2026-11-24T09:00:00Z")).json()["minutes"] == 30
    revised = {"category": "on-site", "reason": "Somebody went there"}
    reply = await api.post(f"{account}/tickets/HD-1/charge/revision", revised)
    assert reply.status_code == 200, reply.text
    path = f"{account}/tickets/HD-1/work/W-1/correction"
    corrected = await api.post(path, {"minutes": 25, "reason": "As noted", "actor": "mara"})
    assert corrected.json()["minutes"] == 240


async def test_rates_by_channel_are_those_of_the_overage(api: Api, clock: Clock) -> None:
    by_mail = {"channels": ["email"], "per_hour": {"amount": 9_000, "currency": "EUR"}}
    assert (await publish(api, COUNTING, rates=[by_mail, *RATES])).status_code == 201
    account = await api.make_account()
    await api.open(account, "HD-1", catalog="agency", channel="email")
    await api.open(account, "HD-2", catalog="agency", channel="ticket")
    clock.advance(hours=4)
    await log(api, account, 60, "W-1", "HD-1")
    await log(api, account, 60, "W-2", "HD-2")
    assert [line[2] for line in await read_lines(api, account)] == [9_000, 18_000]


async def test_what_depends_on_a_severity_asks_for_it_without_a_plan(api: Api) -> None:
    grave = {"severities": [1], "per_hour": {"amount": 30_000, "currency": "EUR"}}
    assert (await publish(api, COUNTING, rates=[grave, *RATES])).status_code == 201
    account = await api.make_account()
    refused = await api.post(
        f"{account}/tickets", {"ticket_id": "HD-1", "subject": "Help", "catalog": "agency"}
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "severity_required"


@pytest.mark.parametrize(
    ("counting", "pointer", "code"),
    [
        ({"rounding": [{"least": 15}]}, "rounding/0", "conflicting_fields"),
        ({"rounding": [{"category": "remote"}]}, "rounding/0/least", "required"),
        (
            {"rounding": [{"category": "remot", "least": 5}]},
            "rounding/0/category",
            "unknown_category",
        ),
        ({"factors": [{"channels": ["fax"], "by": "2"}]}, "factors/0/channels/0", "invalid_choice"),
        (
            {"factors": [{"in": "weekend", "outside": "business", "by": "2"}]},
            "factors/0/outside",
            "conflicting_fields",
        ),
        ({"step": 0}, "step", "out_of_range"),
    ],
)
async def test_what_is_wrong_with_counting_without_a_plan_is_named(
    api: Api, counting: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await publish(api, counting)
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        (f"/policies/counting/{pointer}", code)
    ]


async def test_hours_worked_of_work_that_is_counted_together_are_refused(api: Api) -> None:
    refused = await publish(api, COUNTING | {"over": "day"}, rates=[RATES[0] | {"hours": "worked"}])
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/policies/rates/0/hours", "conflicting_fields")
    ]


async def test_a_seller_of_cases_prices_the_time_of_work_without_a_plan(
    api: Api, clock: Clock
) -> None:
    """A category may be one of minutes where only work without a plan takes time."""
    document = packaged_documents()["livecart"]
    priced = document | {"code": "fixit", "rate_card": CARD}
    policies = document["policies"] | {"without_plan": "on_demand"}
    refused = await api.put("/v1/catalogs/fixit", priced | {"policies": policies})
    assert {each["code"] for each in refused.json()["errors"]} == {"unit_mismatch"}
    on_site = {"category": "on-site", "least": 240, "step": 60}
    counting = {"least": 60, "step": 15, "rounding": [on_site]}
    timed = policies | {"rates": RATES, "counting": counting}
    published = await api.put("/v1/catalogs/fixit", priced | {"policies": timed})
    assert published.status_code == 201, published.text
    account = await api.make_account()
    await api.open(account, "HD-1", catalog="fixit", category="on-site")
    await api.open(account, "HD-2", catalog="fixit", category="remote")
    clock.advance(hours=3)
    for ticket in ("HD-1", "HD-2"):
        await log(api, account, 65, work_id=f"W-{ticket}", ticket=ticket)
    assert await read_lines(api, account) == [(65, 240, 72_000), (65, 75, 22_500)]
