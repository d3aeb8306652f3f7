"""Seed 000 through the API: channels, first responses, hours, what a ticket is, e-mail."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock


async def _first_response(api: Api, offer: str, opened_at: str) -> dict[str, Any]:
    """Return the one deadline of a ticket opened then on a plan bought a day before."""
    reply = await api.post(
        "/v1/deadlines/preview",
        {"catalog": "livecart", "plan": offer, "opened_at": opened_at},
    )
    assert reply.status_code == 200, reply.text
    (deadline,) = reply.json()["deadlines"]
    shown: dict[str, Any] = deadline
    return shown


async def test_L2_tickets_in_all_plans_chat_in_two_phone_and_expedited_bugs_in_express(
    api: Api,
) -> None:
    offers = (await api.get("/v1/offers", params={"catalog": "livecart"})).json()["data"]
    channels = {offer["plan"]: offer["channels"] for offer in offers}
    assert channels == {
        "standard": ["ticket", "email"],
        "priority": ["ticket", "email", "chat"],
        "express": ["ticket", "email", "chat", "phone"],
    }
    assert {offer["plan"]: offer["expedited_bugs"] for offer in offers} == {
        "standard": False,
        "priority": False,
        "express": True,
    }
    for plan, served in channels.items():
        account = await api.make_account(f"c-{plan}")
        await api.buy(account, f"livecart.{plan}-1y")
        for channel in ("ticket", "email", "chat", "phone", "video"):
            reply = await api.post(f"{account}/coverage", {"channel": channel})
            answer = reply.json()
            assert answer["covered"] == (channel in served), (plan, channel)
            if channel not in served:
                assert answer["refusal"]["status"] == 402
                assert [line["code"] for line in answer["refusal"]["trace"]] == [
                    "channel_not_included"
                ]


@pytest.mark.parametrize(
    ("plan", "opened_at", "due_at", "breaches_after"),
    [
        # 48 and 24 hours are elapsed time, whatever the hour. +02:00 is the seller's offset.
        ("standard", "2026-11-24T10:00:00+02:00", "2026-11-26T08:00:00Z", "2026-11-26T08:00:00Z"),
        ("standard", "2026-11-27T16:30:00+02:00", "2026-11-29T14:30:00Z", "2026-11-29T14:30:00Z"),
        ("priority", "2026-11-27T16:30:00+02:00", "2026-11-28T14:30:00Z", "2026-11-28T14:30:00Z"),
        # Express, asked on Tuesday at 10:00: 4 business hours end at 14:00, before 24 hours do.
        ("express", "2026-11-24T10:00:00+02:00", "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"),
        # Friday 16:30: one hour is left until 17:30, the other three end on Monday at 12:30;
        # 24 hours end before that, on Saturday at 16:30.
        ("express", "2026-11-27T16:30:00+02:00", "2026-11-28T14:30:00Z", "2026-11-28T14:30:00Z"),
        # Tuesday 20:00 is outside hours: only the 24 hours apply, until Wednesday 20:00.
        ("express", "2026-11-24T20:00:00+02:00", "2026-11-25T18:00:00Z", "2026-11-25T18:00:00Z"),
        # Friday 13:30: the 4 hours are used up at 17:30 sharp, and support opens next on
        # Monday; but 24 hours are over on Saturday at 13:30.
        ("express", "2026-11-27T13:30:00+02:00", "2026-11-27T15:30:00Z", "2026-11-28T11:30:00Z"),
    ],
)
async def test_L3_the_first_response_is_guaranteed_in_48_24_or_4_business_hours(
    api: Api, plan: str, opened_at: str, due_at: str, breaches_after: str
) -> None:
    deadline = await _first_response(api, plan, opened_at)
    assert (deadline["metric"], deadline["strength"]) == ("first_response", "guaranteed")
    assert (deadline["due_at"], deadline["breaches_after"]) == (due_at, breaches_after)


async def test_L3_an_express_answer_usually_comes_within_one_business_hour(api: Api) -> None:
    # "1-4 hrs within business hours": asked on Friday at 17:00, half an hour on Friday and
    # half an hour on Monday from 9:30 on.
    deadline = await _first_response(api, "express", "2026-11-27T17:00:00+02:00")
    assert deadline["typical_at"] == "2026-11-30T08:00:00Z"
    assert (await _first_response(api, "priority", "2026-11-27T17:00:00+02:00"))[
        "typical_at"
    ] is None


async def test_L3_it_is_a_maximum_kept_at_its_last_instant(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.priority-1y")
    await api.open(account, "HD-1")
    await api.open(account, "HD-2")
    clock.advance(hours=24)
    kept = await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    assert kept.json()["deadlines"][0]["status"] == "met"
    clock.advance(microseconds=1)
    broken = await api.post(f"{account}/tickets/HD-2/replies", {"by": "agent"})
    assert broken.json()["deadlines"][0]["status"] == "breached"


async def test_L3_later_replies_are_promised_nothing(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    await api.post(f"{account}/tickets/HD-1/replies", {"by": "agent"})
    clock.advance(hours=1)
    again = await api.post(f"{account}/tickets/HD-1/replies", {"by": "customer"})
    clock.advance(days=30)
    later = await api.get(f"{account}/tickets/HD-1")
    for ticket in (again.json(), later.json()):
        assert [(each["metric"], each["status"]) for each in ticket["deadlines"]] == [
            ("first_response", "met")
        ]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-07-07T07:29:59Z", False),  # a Tuesday in summer: 9:29:59 at +02:00
        ("2026-07-07T07:30:00Z", True),
        ("2026-07-07T15:29:59Z", True),
        ("2026-07-07T15:30:00Z", False),  # 17:30
        ("2026-01-06T07:30:00Z", True),  # and in winter: the offset does not move
        ("2026-01-06T15:30:00Z", False),
        ("2026-11-28T10:00:00Z", False),  # a Saturday
        ("2026-12-25T10:00:00Z", True),  # a Friday: no holidays are published
    ],
)
async def test_L4_business_hours_are_9_30_to_17_30_at_a_fixed_offset(
    api: Api, at: str, is_open: bool
) -> None:
    status = await api.get("/v1/calendars/livecart/business/status", params={"at": at})
    assert status.json()["open"] is is_open


async def test_L4_requests_are_accepted_at_any_hour(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    clock.move_to("2026-11-29T03:00:00+02:00")  # a Sunday night
    for channel in ("ticket", "email", "chat", "phone"):
        opened = await api.open(account, f"HD-{channel}", channel=channel)
        assert opened["coverage"]["plan"] == "express"


async def test_L5_one_ticket_is_one_incident_however_many_messages(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    for _ in range(10):
        for by in ("agent", "customer"):
            clock.advance(minutes=5)
            await api.post(f"{account}/tickets/HD-1/replies", {"by": by})
    units = await api.units(account)
    assert (units["available"], units["held"], units["used"]) == (14, 1, 0)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    units = await api.units(account)
    assert (units["available"], units["held"], units["used"]) == (14, 0, 1)


async def test_L5_a_ticket_with_several_questions_is_split_each_part_costing_its_own(
    api: Api,
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, subject="Checkout, invoices and taxes")
    parts = [
        {"ticket_id": "HD-1-2", "subject": "Invoices"},
        {"ticket_id": "HD-1-3", "subject": "Taxes"},
    ]
    split = await api.post(f"{account}/tickets/HD-1/split", {"tickets": parts})
    assert [
        (ticket["ticket_id"], ticket["charge"]["amount"]) for ticket in split.json()["tickets"]
    ] == [("HD-1", 1), ("HD-1-2", 1), ("HD-1-3", 1)]
    units = await api.units(account)
    assert (units["available"], units["held"]) == (12, 3)


@pytest.mark.parametrize("plan", ["standard", "priority", "express"])
async def test_L9_a_ticket_is_begun_and_added_to_by_email(api: Api, plan: str) -> None:
    account = await api.make_account()
    await api.buy(account, f"livecart.{plan}-1y")
    opened = await api.open(account, channel="email")
    assert (opened["channel"], opened["charge"]["amount"]) == ("email", 1)
    added = await api.post(
        f"{account}/tickets/HD-1/replies", {"by": "customer", "channel": "email"}
    )
    assert added.status_code == 200
    assert (await api.units(account))["held"] == 1
