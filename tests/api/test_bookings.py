"""Bookings: never in the past nor beyond a limit, moved, and ended with their ticket."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.sessions import book, express, urgent_incident

# The clock stands at Tuesday 2026-11-24 08:00 UTC.


async def test_nothing_is_booked_in_the_past(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    yesterday = await book(api, ticket, starts_at="2026-11-23T08:00:00Z")
    assert yesterday.status_code == 409
    assert (yesterday.json()["code"], yesterday.json()["reason"]) == (
        "not_available",
        "in_the_past",
    )
    assert yesterday.json()["alternatives"][0] == "2026-11-24T08:00:00Z"
    assert (await api.get(f"{ticket}/sessions")).json()["data"] == []
    clock.advance(hours=2)
    # An hour ago is after the ticket was opened, and in the past as well.
    an_hour_ago = await book(api, ticket, starts_at="2026-11-24T09:00:00Z")
    assert an_hour_ago.json()["reason"] == "in_the_past"
    # Clocks differ: what was a moment ago is now.
    moment_ago = await book(api, ticket, starts_at="2026-11-24T09:59:20Z")
    assert (moment_ago.status_code, moment_ago.json()["starts_at"]) == (201, "2026-11-24T10:00:00Z")
    moved = await api.patch(f"{ticket}/sessions/S-1", {"starts_at": "2026-11-24T08:30:00Z"})
    assert (moved.status_code, moved.json()["reason"]) == (409, "in_the_past")


async def test_S7_two_hours_of_an_hour_an_incident_are_refused(api: Api) -> None:
    ticket = await urgent_incident(api)
    monday = {"starts_at": "2026-11-30T06:00:00Z"}
    refused = await book(api, ticket, **monday, minutes=120)
    assert (refused.status_code, refused.json()["code"]) == (409, "session_limit_reached")
    assert (refused.json()["limit_minutes"], refused.json()["left_minutes"]) == (60, 60)
    half = await book(api, ticket, **monday, minutes=30)
    assert half.status_code == 201
    # What is booked counts before it is talked: two bookings are no way around the hour.
    more = await book(api, ticket, "phone", "S-2", starts_at="2026-11-30T08:00:00Z", minutes=31)
    assert (more.json()["code"], more.json()["left_minutes"]) == ("session_limit_reached", 30)
    longer = await api.patch(f"{ticket}/sessions/S-1", {"minutes": 61})
    assert longer.json()["code"] == "session_limit_reached"
    assert (await api.patch(f"{ticket}/sessions/S-1", {"minutes": 60})).status_code == 200


async def test_a_slot_without_a_limit_of_the_plan_lasts_four_hours(api: Api) -> None:
    _, ticket = await express(api)
    day = await book(api, ticket, minutes=1_440)
    assert (day.status_code, day.json()["code"]) == (409, "session_limit_reached")
    assert day.json()["limit_minutes"] == 240
    assert (await book(api, ticket, minutes=240)).status_code == 201


async def book_many(api: Api, ticket: str, numbers: range) -> list[Any]:
    """Book a session of ten minutes for each of these hours from now; the replies."""
    return [
        await book(
            api,
            ticket,
            session_id=f"S-{number}",
            starts_at=f"2026-11-{25 + number // 24}T{number % 24:02}:00:00Z",
        )
        for number in numbers
    ]


async def test_a_ticket_has_five_sessions_waiting(api: Api, clock: Clock) -> None:
    _, ticket = await express(api)
    replies = await book_many(api, ticket, range(6))
    assert [each.status_code for each in replies] == [201] * 5 + [409]
    assert (replies[-1].json()["code"], replies[-1].json()["most"]) == ("too_many_booked", 5)
    # One that is moved is no further one, and one whose time has passed does not wait.
    moved = await api.patch(f"{ticket}/sessions/S-0", {"starts_at": "2026-11-25T12:00:00Z"})
    assert moved.status_code == 200
    clock.move_to("2026-11-25T01:10:00+00:00")
    assert (await book_many(api, ticket, range(5, 6)))[0].status_code == 201


async def test_an_account_has_twenty_sessions_and_eight_hours_waiting(api: Api) -> None:
    account, ticket = await express(api)
    for number in range(2, 6):
        await api.open(account, f"HD-{number}")
    for number in range(4):
        booked = await book_many(
            api, f"{account}/tickets/HD-{number + 1}", range(5 * number, 5 * number + 5)
        )
        assert {each.status_code for each in booked} == {201}
    refused = (await book_many(api, f"{account}/tickets/HD-5", range(20, 21)))[0]
    assert (refused.status_code, refused.json()["most"]) == (409, 20)
    for number in range(5):
        await api.post(f"{ticket}/sessions/S-{number}/no-show")
    hours: dict[str, Any] = {
        "minutes": 240,
        "session_id": "S-50",
        "starts_at": "2026-11-27T00:00:00Z",
    }
    assert (await book(api, f"{account}/tickets/HD-5", **hours)).status_code == 201
    # 15 sessions of ten minutes and one of four hours: 90 minutes of the eight hours are left.
    more = hours | {"minutes": 91, "session_id": "S-51", "starts_at": "2026-11-28T00:00:00Z"}
    refused = await book(api, f"{account}/tickets/HD-5", **more)
    assert refused.json()["booked_minutes"] == 390
    assert (await book(api, f"{account}/tickets/HD-5", **more | {"minutes": 90})).status_code == 201


async def open_for_another(api: Api) -> str:
    """Open a ticket of another customer; its path."""
    other = await api.make_account("c-2")
    await api.buy(other, "livecart.priority-1y")
    await api.open(other)
    return f"{other}/tickets/HD-1"


async def test_booked_time_ends_with_its_ticket(api: Api) -> None:
    _, ticket = await express(api)
    theirs = await open_for_another(api)
    at: dict[str, Any] = {"starts_at": "2026-11-24T12:00:00Z", "minutes": 60}
    assert (await book(api, ticket, **at)).status_code == 201
    assert (await book(api, theirs, **at)).json()["reason"] == "taken"
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    assert (await book(api, theirs, **at)).status_code == 201


async def take_up_again(api: Api, ticket: str, how: str) -> Any:
    if how == "reopening":
        reply = await api.post(f"{ticket}/reopening", {"reason": "The error is back"})
    else:
        reply = await api.post(f"{ticket}/replies", {"by": "customer"})
    assert (reply.status_code, reply.json()["status"]) == (200, "open"), reply.text
    return reply.json()


@pytest.mark.parametrize("how", ["reopening", "reply"])
async def test_time_that_others_have_is_not_taken_back_with_a_ticket(api: Api, how: str) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    document["policies"] |= {"reply_after_resolution": "reopen", "sessions_at_once": 1}
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    _, ticket = await express(api)
    theirs = await open_for_another(api)
    noon: dict[str, Any] = {"starts_at": "2026-11-24T12:00:00Z", "minutes": 60}
    later = noon | {"session_id": "S-2", "starts_at": "2026-11-24T14:00:00Z"}
    for at in (noon, later):
        assert (await book(api, ticket, **at)).status_code == 201
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    assert (await book(api, theirs, **noon | {"minutes": 30})).status_code == 201
    view = await take_up_again(api, ticket, how)
    found = (await api.get(f"{ticket}/sessions?order=asc")).json()["data"]
    assert [(each["session_id"], each["status"]) for each in found] == [
        ("S-1", "cancelled"),
        ("S-2", "booked"),
    ]
    assert view == (await api.get(ticket)).json()
    # What was free still is the ticket's again, and nobody else's.
    refused = await book(api, theirs, **later | {"session_id": "S-3"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "taken")
    events = (await api.get("/v1/events?account_id=c-1&after=0&limit=200")).json()["data"]
    (told,) = [each for each in events if each["type"] == "session.cancelled"]
    assert told["data"]["session_id"] == "S-1"
    assert "given to others" in told["data"]["reason"]


async def put_on_another_plan(api: Api, ticket: str, **asked: str) -> None:
    """Have the ticket be under other terms than what was booked for it, and resolve it."""
    changed = {"reason": "Agreed", "actor": "mara"} | asked
    assert (await api.post(f"{ticket}/coverage", changed)).status_code == 200
    assert (await api.post(f"{ticket}/resolution", {"outcome": "solved"})).status_code == 200


async def test_a_ticket_is_taken_up_again_whose_plan_has_no_such_sessions_any_more(
    api: Api,
) -> None:
    account, ticket = await express(api)
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    del document["channels"]["chat"]
    for plan in document["plans"].values():
        plan["channels"] = [each for each in plan["channels"] if each != "chat"]
    document["examples"] = [
        each for each in document["examples"] if each.get("asked", {}).get("channel") != "chat"
    ]
    assert (await book(api, ticket, starts_at="2026-11-24T12:00:00Z")).status_code == 201
    assert (await api.put("/v1/catalogs/livecart", document)).status_code == 201
    await api.buy(account, "livecart.priority-1y", "SO-2")
    await put_on_another_plan(api, ticket, plan="priority")
    await take_up_again(api, ticket, "reopening")
    (kept,) = (await api.get(f"{ticket}/sessions")).json()["data"]
    assert kept["status"] == "booked"


async def test_time_is_of_the_catalogue_that_it_was_booked_of(api: Api) -> None:
    document = (await api.get("/v1/catalogs/livecart")).json()["document"]
    assert document["policies"].get("sessions_at_once", 1) == 1
    other_document = document | {"code": "lc-two"}
    assert (await api.put("/v1/catalogs/lc-two", other_document)).status_code == 201
    account, ticket = await express(api)
    theirs = await open_for_another(api)
    noon: dict[str, Any] = {"starts_at": "2026-11-24T12:00:00Z", "minutes": 30}
    assert (await book(api, ticket, **noon)).status_code == 201
    await api.buy(account, "lc-two.express-1y", "SO-2")
    await put_on_another_plan(api, ticket, catalog="lc-two", plan="express")
    assert (await book(api, theirs, **noon)).status_code == 201
    await take_up_again(api, ticket, "reopening")
    (lost,) = (await api.get(f"{ticket}/sessions")).json()["data"]
    assert lost["status"] == "cancelled"


async def test_a_session_says_who_holds_it_and_where_the_customer_is(api: Api) -> None:
    _, ticket = await express(api)
    booked = (await book(api, ticket, contact="skype:nordwind", **{"with": "Mara"})).json()
    assert (booked["contact"], booked["with"]) == ("skype:nordwind", "Mara")
    path = f"{ticket}/sessions/S-1"
    changed = (await api.patch(path, {"with": "Jon"})).json()
    assert (changed["contact"], changed["with"]) == ("skype:nordwind", "Jon")
    assert changed["starts_at"] == booked["starts_at"]
    merged = await api.patch(path, {"contact": None, "starts_at": "2026-11-24T09:00:00Z"})
    assert (merged.json()["contact"], merged.json()["with"]) == (None, "Jon")
    assert merged.json()["ends_at"] == "2026-11-24T09:10:00Z"
    assert (await api.patch(path, {"whit": "Jon"})).status_code == 422
