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
