"""Credits for broken promises: by the breaches of a month, computed and given by nobody."""

import copy
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

# A hosting provider's terms: an answer within 60 minutes day and night; 1 or 2 breaches within a
# month give 5 percent of the month's fee, 3 or 4 give 10, 5 and more 15.
HOSTING: dict[str, Any] = {
    "code": "hosting",
    "title": "Hosting support",
    "description": "Support by a hosting provider.",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "channels": {"ticket": {"name": "Tickets", "description": "By the customer area."}},
    "plans": {
        "managed": {
            "name": "Managed",
            "description": "Answered day and night.",
            "rank": 1,
            "unit": "incident",
            "channels": ["ticket"],
            "promises": [
                {
                    "metric": "first_response",
                    "strength": "guaranteed",
                    "clauses": [{"within": "PT60M"}],
                }
            ],
            "credits": [
                {
                    "metric": "first_response",
                    "breaches_in_month": [[1, "5%"], [3, "10%"], [5, "15%"]],
                }
            ],
        }
    },
    "offers": {
        "monthly": {
            "plan": "managed",
            "name": "A month",
            "description": "A month of managed hosting.",
            "sold": "direct",
            "term": "P1M",
            "allowance": {"unlimited": True, "per": "term"},
            "price": {"amount": 4900, "currency": "EUR"},
        },
        "yearly": {
            "plan": "managed",
            "name": "A year",
            "description": "A year of managed hosting.",
            "sold": "direct",
            "term": "P1Y",
            "allowance": {"unlimited": True, "per": "term"},
            "price": {"amount": 58_800, "currency": "EUR"},
        },
    },
    "policies": {
        "without_plan": "refuse",
        "without_plan_text": "Support comes with hosting.",
        "returned_units": "expire",
        "grace_days": 30,
    },
}
NOVEMBER = {"from": "2026-11-01T00:00:00+01:00", "to": "2026-12-01T00:00:00+01:00"}


async def break_promises(api: Api, clock: Clock, account: str, number: int) -> None:
    for each in range(number):
        await api.open(account, f"HD-{each}", catalog="hosting")
    clock.advance(hours=2)


@pytest.mark.parametrize("offer", ["monthly", "yearly"])
@pytest.mark.parametrize(
    ("breaches", "given"),
    [(2, (5, 245)), (3, (10, 490)), (4, (10, 490)), (5, (15, 735)), (7, (15, 735))],
)
async def test_breaches_within_a_month_give_a_share_of_its_fee(
    api: Api, clock: Clock, offer: str, breaches: int, given: tuple[int, int]
) -> None:
    percent, amount = given
    assert (await api.put("/v1/catalogs/hosting", HOSTING)).status_code == 201
    clock.move_to("2026-11-05T10:00:00+01:00")
    account = await api.make_account()
    bought = await api.buy(account, f"hosting.{offer}")
    await break_promises(api, clock, account, breaches)
    reply = await api.get(f"{account}/credits", params=NOVEMBER)
    assert reply.status_code == 200, reply.text
    assert reply.json() == {
        "from": "2026-10-31T23:00:00Z",
        "to": "2026-11-30T23:00:00Z",
        "data": [
            {
                "month": "2026-11",
                "catalog": "hosting",
                "plan": "managed",
                "subscription_id": bought["subscription"]["id"],
                "order_id": "SO-1",
                "metric": "first_response",
                "strength": "guaranteed",
                "breaches": breaches,
                "excused": 0,
                "tickets": [f"HD-{each}" for each in range(breaches)],
                "percent": percent,
                "fee": {"amount": 4900, "currency": "EUR"},
                "credit": {"amount": amount, "currency": "EUR"},
                "units": None,
                "unit": "incident",
            }
        ],
        "totals": [{"amount": amount, "currency": "EUR"}],
    }


async def test_what_is_paid_once_is_no_part_of_a_months_fee(api: Api, clock: Clock) -> None:
    document = copy.deepcopy(HOSTING)
    document["offers"]["yearly"]["fee"] = {"amount": 12_000, "currency": "EUR"}
    assert (await api.put("/v1/catalogs/hosting", document)).status_code == 201
    clock.move_to("2026-11-05T10:00:00+01:00")
    account = await api.make_account()
    bought = await api.buy(account, "hosting.yearly")
    assert bought["total"]["amount"] == 12 * 4_900 + 12_000
    await break_promises(api, clock, account, 2)
    (credit,) = (await api.get(f"{account}/credits", params=NOVEMBER)).json()["data"]
    assert (credit["fee"]["amount"], credit["credit"]["amount"]) == (4_900, 245)


async def test_a_contract_of_many_months_has_the_fee_of_one(api: Api, clock: Clock) -> None:
    assert (await api.put("/v1/catalogs/hosting", HOSTING)).status_code == 201
    clock.move_to("2026-11-05T10:00:00+01:00")
    account = await api.make_account()
    bought = await api.buy(account, "hosting.monthly", contract_months=12)
    assert bought["total"]["amount"] == 12 * 4_900
    await break_promises(api, clock, account, 2)
    (credit,) = (await api.get(f"{account}/credits", params=NOVEMBER)).json()["data"]
    assert (credit["fee"]["amount"], credit["credit"]["amount"]) == (4_900, 245)


async def test_what_is_excused_or_of_another_month_does_not_count(api: Api, clock: Clock) -> None:
    assert (await api.put("/v1/catalogs/hosting", HOSTING)).status_code == 201
    clock.move_to("2026-11-30T21:30:00+01:00")
    account = await api.make_account()
    await api.buy(account, "hosting.yearly")
    await break_promises(api, clock, account, 3)
    # Asked for at 23:30 in Berlin and broken at 00:30: December's.
    await api.open(account, "HD-9", catalog="hosting")
    clock.advance(hours=2)
    excuse = {"reason": "The customer's own outage.", "actor": "Ada"}
    path = f"{account}/tickets/HD-1/deadlines/first_response/excuse"
    assert (await api.post(path, excuse)).status_code == 200
    (november,) = (await api.get(f"{account}/credits", params=NOVEMBER)).json()["data"]
    assert (november["breaches"], november["excused"], november["percent"]) == (2, 1, 5)
    assert november["credit"] == {"amount": 245, "currency": "EUR"}
    both = NOVEMBER | {"to": "2027-01-01T00:00:00+01:00"}
    reply = (await api.get(f"{account}/credits", params=both)).json()
    assert [(each["month"], each["breaches"]) for each in reply["data"]] == [
        ("2026-11", 2),
        ("2026-12", 1),
    ]
    assert reply["totals"] == [{"amount": 490, "currency": "EUR"}]
    for ticket in ("HD-0", "HD-2"):
        path = f"{account}/tickets/{ticket}/deadlines/first_response/excuse"
        await api.post(path, excuse)
    assert (await api.get(f"{account}/credits", params=NOVEMBER)).json()["data"] == []


async def test_each_breach_may_give_units(api: Api, clock: Clock) -> None:
    document = HOSTING | {
        "plans": {
            "managed": HOSTING["plans"]["managed"]
            | {"credits": [{"metric": "first_response", "per_breach": 2}]}
        }
    }
    assert (await api.put("/v1/catalogs/hosting", document)).status_code == 201
    clock.move_to("2026-11-05T10:00:00+01:00")
    account = await api.make_account()
    await api.buy(account, "hosting.yearly")
    await break_promises(api, clock, account, 3)
    (credit,) = (await api.get(f"{account}/credits", params=NOVEMBER)).json()["data"]
    assert (credit["units"], credit["credit"], credit["percent"]) == (6, None, None)


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"metric": "first_response"}, "/plans/managed/credits/0"),
        (
            {"metric": "first_response", "breaches_in_month": [[3, "5%"], [1, "10%"]]},
            "/plans/managed/credits/0/breaches_in_month",
        ),
        (
            {"metric": "first_response", "breaches_in_month": [[1, "101%"]]},
            "/plans/managed/credits/0/breaches_in_month",
        ),
        (
            {"metric": "first_response", "per_breach": "5 percent"},
            "/plans/managed/credits/0/per_breach",
        ),
    ],
)
async def test_rules_that_make_no_sense_are_refused(
    api: Api, rule: dict[str, Any], pointer: str
) -> None:
    plans = {"managed": HOSTING["plans"]["managed"] | {"credits": [rule]}}
    reply = await api.put("/v1/catalogs/hosting", HOSTING | {"plans": plans})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == pointer, reply.text


async def test_without_rules_or_breaches_there_are_no_credits(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    reply = await api.get(f"{account}/credits", params=NOVEMBER)
    assert (reply.json()["data"], reply.json()["totals"]) == ([], [])
    nobody = await api.get("/v1/accounts/nobody/credits", params=NOVEMBER)
    assert nobody.status_code == 404
    backwards = {"from": NOVEMBER["to"], "to": NOVEMBER["from"]}
    assert (await api.get(f"{account}/credits", params=backwards)).status_code == 422
