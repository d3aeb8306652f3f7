"""Chat and phone: what an incident pays for, who may have them, and when."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.sessions import book, express, talk, urgent_incident

pytestmark = pytest.mark.usefixtures("ledger_adds_up")

# The clock stands at Tuesday 2026-11-24 08:00 UTC, 10:00 at LiveCart, 11:00 at X-Cart.


async def test_L6_an_incident_pays_for_10_minutes_of_chat(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    short = await talk(api, clock, ticket, "chat", "S-1", minutes=10)
    assert (short["minutes"], short["incidents"]) == (10, 0)
    assert short["ticket"]["charge"]["amount"] == 1
    # The second session begins another ten minutes: 10 + 11 minutes are 1 + 2 steps.
    longer = await talk(api, clock, ticket, "chat", "S-2", minutes=10, seconds=1)
    assert (longer["minutes"], longer["incidents"]) == (11, 2)
    assert longer["ticket"]["charge"]["amount"] == 3
    units = await api.units(account)
    assert (units["available"], units["held"]) == (12, 3)


async def test_L6_an_incident_pays_for_5_minutes_of_phone(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    called = await talk(api, clock, ticket, "phone", "S-1", minutes=12)
    # ⌈12 ÷ 5⌉ = 3 incidents, the ticket's own the first of them.
    assert (called["minutes"], called["incidents"]) == (12, 2)
    resolved = await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    assert resolved.json()["charge"]["amount"] == 3
    assert (await api.units(account))["used"] == 3


async def test_L6_chat_and_phone_of_one_ticket_add_up(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=20)
    called = await talk(api, clock, ticket, "phone", "S-2", minutes=5)
    # ⌈20 ÷ 10⌉ + ⌈5 ÷ 5⌉ = 3
    assert called["ticket"]["charge"]["amount"] == 3


async def test_L6_phone_refuses_technical_advice_and_chat_does_not(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, topic="technical-advice")
    ticket = f"{account}/tickets/HD-1"
    refused = await book(api, ticket, "phone")
    assert refused.status_code == 402
    assert refused.json()["code"] == "not_covered"
    assert refused.json()["trace"][0]["code"] == "topic_not_included"
    assert (await book(api, ticket, "chat")).status_code == 201


async def test_L6_chat_has_no_closing_hours(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    sunday_night = "2026-11-29T01:30:00Z"
    booked = await book(api, ticket, starts_at=sunday_night)
    assert booked.status_code == 201, booked.text
    assert booked.json()["ends_at"] == "2026-11-29T01:40:00Z"  # one step of ten minutes
    clock.move_to("2026-11-29T01:30:00+00:00")
    assert (await api.post(f"{ticket}/sessions/S-1/start")).status_code == 200


async def test_L2_standard_has_neither_chat_nor_phone(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y")
    await api.open(account)
    refused = await book(api, f"{account}/tickets/HD-1")
    assert refused.status_code == 402
    assert refused.json()["trace"][0]["code"] == "channel_not_included"
    # Six offers have chat: three of Priority, three of Express.
    assert len(refused.json()["offers"]) == 6


async def test_a_further_incident_is_held_when_its_minutes_begin(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await book(api, ticket)
    started = (await api.post(f"{ticket}/sessions/S-1/start")).json()
    assert started["covered_until"] == "2026-11-24T08:10:00Z"
    assert started["further_available"] is True
    assert started["must_end_at"] is None
    clock.advance(minutes=12)
    listed = (await api.get(f"{ticket}/sessions")).json()["data"][0]
    assert (listed["minutes"], listed["incidents"]) == (12, 1)
    assert listed["covered_until"] == "2026-11-24T08:20:00Z"
    ended = (await api.post(f"{ticket}/sessions/S-1/end")).json()
    assert ended["ticket"]["charge"]["held"] == 2
    # It counts from when the eleventh minute began, not from when somebody looked.
    assert (await api.units(account, at="2026-11-24T08:09:59Z"))["held"] == 1
    assert (await api.units(account, at="2026-11-24T08:10:00Z"))["held"] == 2


async def test_a_further_incident_is_the_sessions_though_nobody_looked(
    api: Api, clock: Clock
) -> None:
    account, ticket = await express(api)
    for number in range(2, 15):  # 13 more tickets: one incident of 15 is left
        await api.open(account, f"HD-{number}")
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    body = {"ticket_id": "HD-15", "subject": "Another question"}
    assert (await api.post(f"{account}/coverage", body)).json()["covered"] is True
    clock.advance(minutes=11)
    assert (await api.post(f"{account}/coverage", body)).json()["covered"] is False
    refused = await api.post(f"{account}/tickets", body)
    assert refused.json()["code"] == "insufficient_units"
    raised = {"amount": 2, "reason": "Larger than it looked"}
    revision = await api.post(f"{account}/tickets/HD-2/charge/revision", raised)
    assert revision.json()["code"] == "insufficient_units"
    clock.advance(minutes=4)
    ended = (await api.post(f"{ticket}/sessions/S-1/end")).json()
    assert (ended["minutes"], ended["incidents"], ended["ended_by"]) == (15, 1, "agent")


async def test_a_session_is_told_to_end_when_none_is_left(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    for number in range(2, 15):  # 13 more tickets: 14 of 15 incidents are taken
        await api.open(account, f"HD-{number}")
    await book(api, ticket)
    started = (await api.post(f"{ticket}/sessions/S-1/start")).json()
    assert started["further_available"] is True
    clock.advance(minutes=11)
    listed = (await api.get(f"{ticket}/sessions")).json()["data"][0]
    assert listed["further_available"] is False
    assert listed["must_end_at"] == "2026-11-24T08:20:00Z"
    clock.advance(minutes=14)  # 25 minutes in all, of which two incidents pay for 20
    ended = (await api.post(f"{ticket}/sessions/S-1/end")).json()
    assert (ended["minutes"], ended["over_minutes"], ended["ended_by"]) == (20, 5, "units")
    assert (await api.units(account))["available"] == 0


async def test_a_second_session_needs_another_incident_to_begin(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    for number in range(2, 16):
        await api.open(account, f"HD-{number}")
    await talk(api, clock, ticket, "chat", "S-1", minutes=3)
    await book(api, ticket, session_id="S-2", starts_at=clock().isoformat())
    refused = await api.post(f"{ticket}/sessions/S-2/start")
    assert refused.status_code == 402, refused.text
    problem = refused.json()
    assert problem["code"] == "insufficient_units"
    assert (problem["required"], problem["available"], problem["shortfall"]) == (2, 1, 1)


async def test_a_bug_report_is_free_however_it_is_talked_about(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, category="bug")
    called = await talk(api, clock, f"{account}/tickets/HD-1", "phone", "S-1", minutes=30)
    assert (called["minutes"], called["incidents"]) == (30, 0)
    assert (await api.units(account))["available"] == 15


async def test_S7_a_chat_on_saturday_is_refused_and_monday_offered(api: Api) -> None:
    ticket = await urgent_incident(api)
    saturday = "2026-11-28T07:00:00Z"  # 10:00 there: engineers are in, live support is not
    refused = await book(api, ticket, starts_at=saturday)
    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["reason"]) == ("not_available", "outside_channel_hours")
    # Monday from 9:00 at GMT+3, an hour each.
    assert problem["alternatives"] == [
        "2026-11-30T06:00:00Z",
        "2026-11-30T07:00:00Z",
        "2026-11-30T08:00:00Z",
    ]
    booked = await book(api, ticket, starts_at=problem["alternatives"][0])
    assert booked.status_code == 201
    assert booked.json()["ends_at"] == "2026-11-30T07:00:00Z"


async def test_S7_a_chat_of_61_minutes_counts_60(api: Api, clock: Clock) -> None:
    ticket = await urgent_incident(api)
    await book(api, ticket, starts_at="2026-11-30T06:00:00Z")
    clock.move_to("2026-11-30T06:00:00+00:00")
    started = (await api.post(f"{ticket}/sessions/S-1/start")).json()
    assert started["must_end_at"] == "2026-11-30T07:00:00Z"
    assert started["further_available"] is False
    clock.advance(minutes=61)
    ended = (await api.post(f"{ticket}/sessions/S-1/end")).json()
    assert (ended["minutes"], ended["over_minutes"], ended["ended_by"]) == (60, 1, "limit")
    assert ended["ticket"]["charge"]["amount"] == 1
    # One hour an incident: there is nothing left for another session.
    again = await book(api, ticket, session_id="S-2", starts_at="2026-11-30T08:00:00Z")
    assert again.status_code == 409
    assert again.json()["code"] == "session_limit_reached"


async def test_S7_what_an_hour_leaves_is_the_next_session(api: Api, clock: Clock) -> None:
    ticket = await urgent_incident(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=45)
    too_long = await book(api, ticket, "phone", "S-2", starts_at=clock().isoformat(), minutes=20)
    assert too_long.json()["left_minutes"] == 15
    called = await talk(api, clock, ticket, "phone", "S-3", minutes=16)
    assert (called["minutes"], called["over_minutes"]) == (15, 1)


async def test_S7_chat_is_for_urgent_requests_only(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-urgent")
    await api.open(account)
    refused = await book(api, f"{account}/tickets/HD-1")
    assert refused.status_code == 402
    assert refused.json()["trace"][0]["code"] == "channel_not_included"


async def test_S7_the_normal_incident_has_no_chat(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-normal")
    await api.open(account)
    assert (await book(api, f"{account}/tickets/HD-1")).status_code == 402


async def test_S7_the_subscriptions_customer_asks_for_a_time_too(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-support.subscription-1y", site="https://shop.example")
    await api.open(account, urgent=True, site="https://shop.example")
    called = await talk(api, clock, f"{account}/tickets/HD-1", "phone", "S-1", minutes=61)
    assert (called["minutes"], called["ended_by"]) == (60, "limit")


async def test_a_catalogue_without_such_channels_has_no_sessions(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1")
    refused = await book(api, f"{account}/tickets/HD-1")
    assert refused.status_code == 402
    assert refused.json()["trace"][0]["code"] == "channel_not_included"


async def test_E5_video_costs_nothing_besides_its_incident(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    await api.open(account, severity=1)
    called = await talk(api, clock, f"{account}/tickets/HD-1", "video", "S-1", minutes=90)
    assert (called["minutes"], called["incidents"]) == (90, 0)


async def test_a_slot_is_taken_once_whoever_asks(api: Api) -> None:
    _, ticket = await express(api)
    other = await api.make_account("c-2")
    await api.buy(other, "livecart.priority-1y")
    await api.open(other)
    assert (await book(api, ticket)).status_code == 201
    taken = await book(api, f"{other}/tickets/HD-1", starts_at="2026-11-24T08:05:00Z")
    assert taken.status_code == 409
    assert taken.json()["reason"] == "taken"
    assert taken.json()["alternatives"][0] == "2026-11-24T08:10:00Z"


async def test_two_customers_asking_at_once_get_one_slot(api: Api) -> None:
    tickets = []
    for number in range(8):
        account = await api.make_account(f"c-{number}")
        await api.buy(account, "livecart.priority-1y")
        await api.open(account)
        tickets.append(f"{account}/tickets/HD-1")
    replies = await asyncio.gather(*(book(api, ticket) for ticket in tickets))
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 7
    # Other times are free, and asking for them at once is no reason to be refused one.
    times = [f"2026-11-24T{hour}:00:00Z" for hour in ("09", "10", "11", "12")]
    replies = await asyncio.gather(
        *(
            book(api, ticket, session_id=f"S-{place}", starts_at=at)
            for place, (ticket, at) in enumerate(zip(tickets, times, strict=False), start=2)
        )
    )
    assert [reply.status_code for reply in replies] == [201] * 4


async def test_a_session_is_moved_and_its_old_slot_is_free(api: Api) -> None:
    account, ticket = await express(api)
    await api.open(account, "HD-2")
    await book(api, ticket)
    move = {"starts_at": "2026-11-24T09:00:00Z"}
    moved = await api.patch(f"{ticket}/sessions/S-1", move)
    assert moved.status_code == 200, moved.text
    assert moved.json()["ends_at"] == "2026-11-24T09:10:00Z"
    assert (await book(api, f"{account}/tickets/HD-2", session_id="S-2")).status_code == 201
    clash = await api.patch(f"{ticket}/sessions/S-1", {"starts_at": "2026-11-24T08:05:00Z"})
    assert clash.json()["code"] == "not_available"


async def test_a_customer_who_does_not_come_is_charged_nothing(api: Api) -> None:
    account, ticket = await express(api)
    await book(api, ticket)
    missed = await api.post(f"{ticket}/sessions/S-1/no-show")
    assert missed.json()["status"] == "no_show"
    assert missed.json()["ticket"]["charge"]["amount"] == 1
    assert (await api.post(f"{ticket}/sessions/S-1/start")).json()["code"] == "session_not_booked"
    assert (await book(api, ticket, session_id="S-2")).status_code == 201
    assert (await api.units(account))["held"] == 1


async def test_a_session_that_is_called_off_frees_its_time(api: Api) -> None:
    account, ticket = await express(api)
    await api.open(account, "HD-2")
    await book(api, ticket)
    bad = await api.post(f"{ticket}/sessions/S-1/cancellation", {"by": "nobody"})
    assert bad.status_code == 422
    said = {"by": "customer", "reason": "Solved by itself"}
    off = await api.post(f"{ticket}/sessions/S-1/cancellation", said)
    assert (off.status_code, off.json()["status"]) == (200, "cancelled")
    assert off.json()["ticket"]["charge"]["amount"] == 1
    assert off.json()["ticket"]["deadlines"][0]["status"] == "running"
    for action, body in (
        ("start", None),
        ("no-show", None),
        ("cancellation", {"by": "agent"}),
    ):
        refused = await api.post(f"{ticket}/sessions/S-1/{action}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "session_not_booked")
        assert refused.json()["session_status"] == "cancelled"
    # The same time can be booked for another ticket; the history says who called it off.
    assert (await book(api, f"{account}/tickets/HD-2", session_id="S-2")).status_code == 201
    summary = (await api.get(f"{account}/summary")).json()
    assert [each["session_id"] for each in summary["sessions"]] == ["S-2"]
    agenda = await api.get("/v1/sessions", params={"status": "cancelled"})
    assert [each["session_id"] for each in agenda.json()["data"]] == ["S-1"]
    history = (await api.get(f"{ticket}/events")).json()["data"]
    [told] = [each for each in history if each["type"] == "session_cancellation"]
    assert {"by": told["data"]["by"], "reason": told["reason"]} == said
    # What runs is ended, not called off.
    await api.post(f"{account}/tickets/HD-2/sessions/S-2/start")
    running = await api.post(f"{account}/tickets/HD-2/sessions/S-2/cancellation", {"by": "agent"})
    assert running.json()["session_status"] == "running"


async def test_a_session_id_seen_again_gives_the_session(api: Api) -> None:
    _, ticket = await express(api)
    assert (await book(api, ticket)).status_code == 201
    again = await book(api, ticket)
    assert (again.status_code, again.json()["status"]) == (200, "booked")
    other = await book(api, ticket, "phone")
    assert other.status_code == 409
    assert other.json()["code"] == "already_exists"
    assert other.json()["differences"][0]["pointer"] == "/kind"


def not_running(why: str, status: str) -> dict[str, Any]:
    return {
        "type": "/problems/session_not_running",
        "title": "The session does not run",
        "status": 409,
        "detail": f"The session 'S-1' {why}.",
        "instance": "/v1/accounts/c-1/tickets/HD-1/sessions/S-1/end",
        "code": "session_not_running",
        "session_status": status,
    }


async def test_a_session_that_does_not_run_is_said_to_be_what_it_is(api: Api) -> None:
    _, ticket = await express(api)
    await book(api, ticket)
    early = await api.post(f"{ticket}/sessions/S-1/end")
    assert early.json() == not_running("has not started", "booked")
    await api.post(f"{ticket}/sessions/S-1/no-show")
    missed = await api.post(f"{ticket}/sessions/S-1/end")
    assert missed.json() == not_running("was missed", "no_show")
    await book(api, ticket, session_id="S-2")
    await api.post(f"{ticket}/sessions/S-2/cancellation", {"by": "agent"})
    off = await api.post(f"{ticket}/sessions/S-2/end")
    assert off.json()["detail"] == "The session 'S-2' was cancelled."


async def test_a_session_ends_once(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(minutes=25)
    replies = await asyncio.gather(*(api.post(f"{ticket}/sessions/S-1/end") for _ in range(10)))
    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 9
    refused = next(reply for reply in replies if reply.status_code == 409)
    assert {reply.text for reply in replies if reply.status_code == 409} == {refused.text}
    assert refused.json() == not_running("has ended already", "ended")
    assert (await api.units(account))["held"] == 3


async def test_an_end_reported_late_counts_until_when_it_was(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await book(api, ticket)
    await api.post(f"{ticket}/sessions/S-1/start")
    clock.advance(hours=3)
    end = {"at": "2026-11-24T08:08:00Z"}
    ended = (await api.post(f"{ticket}/sessions/S-1/end", end)).json()
    assert (ended["minutes"], ended["incidents"]) == (8, 0)
    assert (await api.units(account))["held"] == 1


async def test_minutes_are_corrected_by_new_entries(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=25)
    wrong = {"minutes": 9, "reason": "The line was dead", "actor": "mara"}
    corrected = (await api.post(f"{ticket}/sessions/S-1/correction", wrong)).json()
    assert (corrected["minutes"], corrected["incidents"]) == (9, 0)
    assert corrected["corrections"][0]["from_minutes"] == 25
    assert corrected["ticket"]["charge"]["amount"] == 1
    again = await api.post(f"{ticket}/sessions/S-1/correction", wrong)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_correct")
    more = wrong | {"minutes": 31}
    raised = (await api.post(f"{ticket}/sessions/S-1/correction", more)).json()
    assert raised["ticket"]["charge"]["held"] == 4
    assert (await api.units(account))["available"] == 11


async def test_minutes_are_corrected_after_the_resolution_too(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=25)
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    correction = {"minutes": 12, "reason": "Counted wrongly", "actor": "mara"}
    lower = (await api.post(f"{ticket}/sessions/S-1/correction", correction)).json()
    assert lower["ticket"]["charge"]["status"] == "partly_refunded"
    assert (await api.units(account))["used"] == 2
    higher = await api.post(f"{ticket}/sessions/S-1/correction", correction | {"minutes": 40})
    assert higher.json()["ticket"]["charge"]["amount"] == 4
    assert (await api.units(account))["used"] == 4


async def test_a_refund_stays_visible_through_corrections(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=60)  # six incidents
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})

    async def correct(minutes: int) -> tuple[str, int]:
        body = {"minutes": minutes, "reason": "Counted wrongly", "actor": "mara"}
        charge = (await api.post(f"{ticket}/sessions/S-1/correction", body)).json()["ticket"]
        return charge["charge"]["status"], charge["charge"]["used"]

    assert await correct(30) == ("partly_refunded", 3)
    given = {"amount": 1, "cause": "goodwill", "reason": "It took long", "actor": "mara"}
    refunded = (await api.post(f"{ticket}/refund", given)).json()
    assert (refunded["charge"]["status"], refunded["charge"]["used"]) == ("partly_refunded", 2)
    assert await correct(35) == ("partly_refunded", 3)
    # A minute costs the ticket's own incident, and that is the one that was refunded.
    assert await correct(1) == ("refunded", 0)


async def test_L6_chat_is_text_only_and_neither_promises_an_immediate_answer(api: Api) -> None:
    channels = (await api.get("/v1/catalogs/livecart")).json()["document"]["channels"]
    assert channels["chat"]["description"].startswith("Text only, neither voice nor video")
    assert (channels["chat"]["incident_minutes"], channels["phone"]["incident_minutes"]) == (10, 5)
    for channel in ("chat", "phone"):
        assert "an immediate answer is not guaranteed" in channels[channel]["description"]
    assert channels["phone"]["refuses_topics"] == ["technical-advice"]


async def test_a_dry_run_of_a_start_holds_nothing(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    await talk(api, clock, ticket, "chat", "S-1", minutes=5)
    await book(api, ticket, session_id="S-2", starts_at=clock().isoformat())
    dry = await api.post(f"{ticket}/sessions/S-2/start", params={"dry_run": "true"})
    assert dry.json()["ticket"]["charge"]["held"] == 2
    assert (await api.units(account))["held"] == 1
