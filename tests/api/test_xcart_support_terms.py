"""Seed 002 through the API: unlimited inquiries, promised replies, hours, topics, contacts."""

from typing import Any

import pytest

from tests.api.conftest import Api

STORE = "https://shop.example/eu"
IN_SCOPE = [
    "store-setup",
    "shipping-payment-tax-language",
    "customer-conversion",
    "php-mysql-errors",
    "html-css-problems",
    "minor-design",
    "minor-php",
    "bugfixes-security-patches",
    "troubleshooting",
]
NOT_INCLUDED = [
    "data-migration",
    "custom-development",
    "web-design",
    "template-integration",
    "development-support",
    "third-party-modifications",
    "manual-upgrades",
    "performance-tuning",
    "custom-seo",
]


async def _sold(api: Api, *offers: str) -> str:
    """Return an account that holds these offers, each for the store where it covers one."""
    account = await api.make_account()
    for offer in offers:
        site = STORE if offer.startswith("subscription") else None
        await api.buy(account, f"xcart-support.{offer}", f"SO-{offer}", site=site)
    return account


async def _ask(api: Api, account: str, **asked: Any) -> Any:
    reply = await api.post(f"{account}/coverage", {"catalog": "xcart-support"} | asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_S3_a_subscription_has_unlimited_inquiries_under_fair_use(api: Api) -> None:
    account = await _sold(api, "subscription-1m")
    for number in range(1, 13):
        opened = await api.open(account, f"HD-{number}", site=STORE)
        assert opened["charge"]["amount"] == 1
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
    units = await api.units(account)
    assert (units["unlimited"], units["used"], units["available"]) == (True, 12, None)
    (lot,) = (await api.get(f"{account}/balance")).json()["lots"]
    assert (lot["granted"], lot["available"], lot["used"]) == (None, None, 12)
    plans = (await api.get("/v1/catalogs/xcart-support")).json()["document"]["plans"]
    assert plans["subscription"]["fair_use"] == 100
    assert "fair_use" in plans["subscription"]["seller_choice"]


@pytest.mark.parametrize(
    ("plan", "urgent", "opened_at", "due_at", "breaches_after"),
    [
        # One business day: Tuesday 11:00 at +03:00 until Wednesday 11:00 (14 + 5 of 19 hours).
        ("subscription", False, "2026-11-24T11:00:00+03:00", "2026-11-25T08:00:00Z", None),
        ("incident-normal", False, "2026-11-24T11:00:00+03:00", "2026-11-25T08:00:00Z", None),
        ("incident-urgent", False, "2026-11-24T11:00:00+03:00", "2026-11-25T08:00:00Z", None),
        # On a Saturday nobody counts a business day: all of Monday, 06:00-01:00; kept until
        # engineers are there again on Tuesday at 06:00.
        (
            "subscription",
            False,
            "2026-11-28T12:00:00+03:00",
            "2026-11-30T22:00:00Z",
            "2026-12-01T03:00:00Z",
        ),
        # Hotrush: 2 hours of the engineers' time. On Tuesday at 11:00 until 13:00.
        ("subscription", True, "2026-11-24T11:00:00+03:00", "2026-11-24T10:00:00Z", None),
        # On Friday at 23:30: an hour and a half until 01:00, half an hour from Saturday 10:00.
        ("incident-urgent", True, "2026-11-27T23:30:00+03:00", "2026-11-28T07:30:00Z", None),
        # On Friday at 23:00 exactly two hours are left: due at 01:00, kept until 10:00.
        (
            "incident-urgent",
            True,
            "2026-11-27T23:00:00+03:00",
            "2026-11-27T22:00:00Z",
            "2026-11-28T07:00:00Z",
        ),
    ],
)
async def test_S5_a_reply_within_one_business_day_and_urgent_ones_within_2_hours(
    api: Api, *, plan: str, urgent: bool, opened_at: str, due_at: str, breaches_after: str | None
) -> None:
    question = {"catalog": "xcart-support", "plan": plan, "urgent": urgent, "opened_at": opened_at}
    reply = await api.post("/v1/deadlines/preview", question)
    first = reply.json()["deadlines"][0]
    assert (first["metric"], first["strength"]) == ("first_response", "guaranteed")
    assert (first["due_at"], first["breaches_after"]) == (due_at, breaches_after or due_at)


async def test_S5_the_normal_incident_has_no_hotrush(api: Api) -> None:
    account = await _sold(api, "incident-normal")
    refused = await _ask(api, account, urgent=True)
    assert refused["covered"] is False
    assert refused["refusal"]["trace"][0]["code"] == "urgent_not_included"
    assert [offer["offer"] for offer in refused["refusal"]["offers"]] == [
        "xcart-support.subscription-1m",
        "xcart-support.subscription-1y",
        "xcart-support.incident-urgent",
    ]
    await api.buy(account, "xcart-support.incident-urgent", "SO-2")
    assert (await _ask(api, account, urgent=True))["coverage"]["plan"] == "incident-urgent"


async def test_S4_resolution_of_a_complex_problem_is_guaranteed_at_no_set_time(api: Api) -> None:
    account = await _sold(api, "incident-normal")
    opened = await api.open(account)
    resolution = opened["deadlines"][1]
    assert (resolution["metric"], resolution["strength"]) == ("resolution", "guaranteed")
    assert (resolution["due_at"], resolution["breaches_after"]) == (None, None)


@pytest.mark.parametrize(
    ("at", "is_open", "closes_at"),
    [
        # The week that begins on Monday, 23 November 2026; +03:00.
        ("2026-11-23T05:59:59+03:00", False, None),
        ("2026-11-23T06:00:00+03:00", True, "2026-11-23T22:00:00Z"),
        ("2026-11-24T00:30:00+03:00", True, "2026-11-23T22:00:00Z"),  # Monday's shift still
        ("2026-11-24T01:00:00+03:00", False, None),
        ("2026-11-28T00:59:59+03:00", True, "2026-11-27T22:00:00Z"),  # Friday's, on Saturday
        ("2026-11-28T09:59:59+03:00", False, None),
        ("2026-11-28T10:00:00+03:00", True, "2026-11-28T15:00:00Z"),
        ("2026-11-28T18:00:00+03:00", False, None),
        ("2026-11-29T17:59:59+03:00", True, "2026-11-29T15:00:00Z"),
        ("2026-11-30T00:30:00+03:00", False, None),  # Sunday's ended at 18:00
    ],
)
async def test_S6_engineers_work_until_one_in_the_night(
    api: Api, at: str, is_open: bool, closes_at: str | None
) -> None:
    path = "/v1/calendars/xcart-support/engineers/status"
    status = (await api.get(path, params={"at": at})).json()
    assert (status["open"], status["closes_at"]) == (is_open, closes_at)


async def test_S6_a_week_of_the_engineers_has_111_hours(api: Api) -> None:
    # 5 × 19 (06:00-01:00) + 2 × 8 (10:00-18:00) = 111, from Monday 06:00 to Monday 06:00.
    question = {
        "calendar": "xcart-support/engineers",
        "start": "2026-11-23T06:00:00+03:00",
        "end": "2026-11-30T06:00:00+03:00",
    }
    reply = (await api.post("/v1/business-time/elapsed", question)).json()
    assert (reply["elapsed"], reply["seconds"]) == ("PT111H", 399_600)
    assert reply["business_days"] == 5


@pytest.mark.parametrize("offer", ["subscription-1m", "incident-normal", "incident-urgent"])
async def test_S8_nine_topics_are_in_scope_and_nine_are_not(api: Api, offer: str) -> None:
    account = await _sold(api, offer)
    for topic in IN_SCOPE:
        assert (await _ask(api, account, site=STORE, topic=topic))["covered"], topic
    for topic in NOT_INCLUDED:
        answer = await _ask(api, account, site=STORE, topic=topic)
        assert answer["covered"] is False, topic
        assert answer["refusal"]["trace"][0]["code"] == "topic_not_included"
        assert answer["refusal"]["offers"] == []  # for an additional fee, by quote
    unknown = await _ask(api, account, site=STORE, topic="cooking")
    assert (unknown["refusal"]["status"], unknown["refusal"]["code"]) == (422, "unknown_topic")


async def test_S8_installation_is_in_the_subscription_only(api: Api) -> None:
    subscribed = await _sold(api, "subscription-1y")
    assert (await _ask(api, subscribed, site=STORE, topic="installation"))["covered"]
    other = await api.make_account("c-2")
    await api.buy(other, "xcart-support.incident-urgent")
    refused = await _ask(api, other, topic="installation")
    assert refused["refusal"]["trace"][0]["code"] == "topic_not_included"
    assert [offer["offer"] for offer in refused["refusal"]["offers"]] == [
        "xcart-support.subscription-1m",
        "xcart-support.subscription-1y",
    ]
    listed = (await api.get("/v1/offers", params={"plan": "subscription"})).json()["data"]
    assert [offer["includes"] for offer in listed] == [["X-Cart installation"]] * 2
    topics = (await api.get("/v1/catalogs/xcart-support")).json()["document"]["topics"]
    assert "charged extra" in topics["installation"]["note"]
    assert "Customization Agreement" in topics["third-party-modifications"]["note"]


async def test_S8_bugs_go_to_the_issue_tracker_free_and_without_a_promise(
    api: Api,
) -> None:
    account = await _sold(api, "subscription-1y")
    stranger = await api.make_account("c-2")
    for holder, site in ((account, STORE), (stranger, None)):
        opened = await api.open(holder, catalog="xcart-support", category="bug", site=site)
        assert (opened["charge"]["status"], opened["charge"]["amount"]) == ("none", 0)
        assert opened["deadlines"] == []
    policies = (await api.get("/v1/catalogs/xcart-support")).json()["document"]["policies"]
    assert policies["bug_report_to"].startswith("The issue tracker")


async def test_S9_two_languages_and_three_departments(api: Api) -> None:
    document = (await api.get("/v1/catalogs/xcart-support")).json()["document"]
    assert document["languages"] == ["en", "ru"]
    phones = [
        "US toll-free: 1-800-657-7957",
        "UK toll-free: 44-800-048-8862",
        "International: +7 (499) 608-8900",
    ]
    assert document["contacts"] == [
        {
            "department": "Technical Support",
            "email": "support@x-cart.com",
            "hours": "engineers",
            "note": "Available through the HelpDesk only.",
        },
        {"department": "Customer Service", "email": "helpdesk@x-cart.com", "phones": phones},
        {
            "department": "Sales department",
            "email": "sales@x-cart.com",
            "phones": phones,
            "quotes": True,
        },
    ]
