"""Free times to offer before anything is booked, and the day's agenda over all accounts."""

from typing import Any

from tests.api.conftest import Api, Clock
from tests.support.sessions import book, express, urgent_incident

# The clock stands at Tuesday 2026-11-24 08:00 UTC, 11:00 at X-Cart.
MONDAY = {"from": "2026-11-30T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


async def free(api: Api, account: str, **asked: Any) -> Any:
    """Ask for free times; the reply's document."""
    reply = await api.get(f"{account}/slots", params={"kind": "chat"} | asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_S7_the_customer_asks_for_a_time_and_is_offered_some(api: Api) -> None:
    ticket = await urgent_incident(api)
    account = ticket.partition("/tickets")[0]
    found = await free(api, account, **MONDAY)
    # "9:00-17:00 GMT+3 (Mon-Fri)", "limited by 1 hour per incident": eight times of an hour.
    assert (found["catalog"], found["kind"], found["minutes"]) == ("xcart-support", "chat", 60)
    starts = [each["starts_at"] for each in found["data"]]
    assert starts == [f"2026-11-30T{hour:02}:00:00Z" for hour in range(6, 14)]
    assert found["data"][-1]["ends_at"] == "2026-11-30T14:00:00Z"
    assert found["next_from"] is None
    booked = await book(api, ticket, starts_at=starts[0])
    assert booked.status_code == 201
    # One at once: what is taken is offered to nobody, and the weekend is not offered at all.
    assert [each["starts_at"] for each in (await free(api, account, **MONDAY))["data"]] == starts[
        1:
    ]
    weekend = {"from": "2026-11-28T00:00:00Z", "to": "2026-11-30T00:00:00Z"}
    assert (await free(api, account, **weekend))["data"] == []


async def test_free_times_go_on_and_are_never_in_the_past(api: Api, clock: Clock) -> None:
    account, _ = await express(api)
    clock.advance(seconds=30)
    first = await free(api, account, limit=2, **{"from": "2026-11-01T00:00:00Z"})
    assert [each["starts_at"] for each in first["data"]] == [
        "2026-11-24T08:01:00Z",
        "2026-11-24T08:11:00Z",  # one step of ten minutes later
    ]
    second = await free(api, account, limit=2, **{"from": first["next_from"]})
    assert second["data"][0]["starts_at"] == "2026-11-24T08:21:00Z"


async def test_free_times_need_a_plan_with_such_sessions(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    refused = await api.get(f"{account}/slots", params={"kind": "chat"})
    assert (refused.status_code, refused.json()["code"]) == (402, "not_covered")
    assert {each["plan"] for each in refused.json()["offers"]} == {"priority", "express"}
    # Where a chat is for urgent requests only, what sells those is offered.
    normal = await api.make_account("c-2")
    await api.buy(normal, "xcart-support.incident-normal")
    refused = await api.get(f"{normal}/slots", params={"kind": "chat"})
    assert refused.json()["detail"] == (
        "No plan of the account in X-Cart technical support has chat support now."
    )
    assert {each["plan"] for each in refused.json()["offers"]} == {
        "subscription",
        "incident-urgent",
    }
    too_long = {"kind": "chat", "from": "2026-12-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    assert (await api.get(f"{account}/slots", params=too_long)).json()["code"] == "period_too_long"
    far = {"kind": "chat", "from": "2028-12-01T00:00:00Z", "to": "2028-12-02T00:00:00Z"}
    assert (await api.get(f"{account}/slots", params=far)).json()["code"] == "starts_too_far"


async def test_the_days_agenda_over_all_accounts(api: Api, clock: Clock) -> None:
    ticket = await urgent_incident(api)
    await book(api, ticket, "phone", "CALL-1", starts_at="2026-11-24T10:00:00Z", contact="+7 499")
    other = await api.make_account("c-2")
    await api.buy(other, "livecart.express-1y")
    await api.open(other)
    await api.open(other, "HD-2")
    chat = {"starts_at": "2026-11-24T09:00:00Z", "with": "Mara"}
    await book(api, f"{other}/tickets/HD-1", session_id="CHAT-1", **chat)
    await book(api, f"{other}/tickets/HD-2", session_id="S-2", starts_at="2026-11-25T09:00:00Z")
    day = {"from": "2026-11-24T00:00:00Z", "to": "2026-11-25T00:00:00Z"}
    listed = (await api.get("/v1/sessions", params=day)).json()
    assert [each["session_id"] for each in listed["data"]] == ["CHAT-1", "CALL-1"]
    assert listed["data"][0] == {
        "account_id": "c-2",
        "account_name": "Nordwind Handel GmbH",
        "ticket_id": "HD-1",
        "subject": "Checkout fails",
        "catalog": "livecart",
        "plan": "express",
        "session_id": "CHAT-1",
        "kind": "chat",
        "status": "booked",
        "starts_at": "2026-11-24T09:00:00Z",
        "ends_at": "2026-11-24T09:10:00Z",
        "started_at": None,
        "ended_at": None,
        "minutes": None,
        "contact": None,
        "with": "Mara",
    }
    assert listed["data"][1]["contact"] == "+7 499"
    only = (await api.get("/v1/sessions", params={"catalog": "xcart-support"})).json()
    assert [each["session_id"] for each in only["data"]] == ["CALL-1"]
    # What is booked ends with its ticket.
    await api.post(f"{other}/tickets/HD-2/resolution", {"outcome": "solved"})
    clock.move_to("2026-11-24T09:00:00+00:00")
    await api.post(f"{other}/tickets/HD-1/sessions/CHAT-1/start")
    booked = (await api.get("/v1/sessions", params={"status": "booked"})).json()
    assert [each["session_id"] for each in booked["data"]] == ["CALL-1"]
    running = (await api.get("/v1/sessions", params={"status": "running"})).json()
    assert [each["session_id"] for each in running["data"]] == ["CHAT-1"]


async def test_the_agenda_is_paged_in_both_orders(api: Api) -> None:
    _, ticket = await express(api)
    for number in range(5):
        await book(api, ticket, session_id=f"S-{number}", starts_at=f"2026-11-25T0{number}:00:00Z")
    for order, expected in (("asc", range(5)), ("desc", range(4, -1, -1))):
        seen: list[str] = []
        asked: dict[str, Any] = {"limit": 2, "order": order}
        while True:
            page = (await api.get("/v1/sessions", params=asked)).json()
            seen += [each["session_id"] for each in page["data"]]
            if page["next_cursor"] is None:
                break
            asked["cursor"] = page["next_cursor"]
        assert seen == [f"S-{number}" for number in expected]


async def test_a_sandboxs_sessions_take_nobodys_time(api: Api) -> None:
    _, ticket = await express(api)
    made = await api.put("/v1/accounts/c-9", {"name": "A trial", "sandbox": True})
    assert made.status_code == 201
    await api.buy("/v1/accounts/c-9", "livecart.express-1y")
    await api.open("/v1/accounts/c-9")
    assert (await book(api, "/v1/accounts/c-9/tickets/HD-1", "chat", "S-9")).status_code == 201
    assert (await book(api, ticket)).status_code == 201
    again = await book(api, "/v1/accounts/c-9/tickets/HD-1", "chat", "S-10")
    assert again.json()["reason"] == "taken"
    listed = (await api.get("/v1/sessions")).json()["data"]
    assert [each["account_id"] for each in listed] == ["c-1"]
    listed = (await api.get("/v1/sessions", params={"sandbox": "true"})).json()["data"]
    assert [each["account_id"] for each in listed] == ["c-1", "c-9"]
