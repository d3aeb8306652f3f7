"""The summary of an instant that has gone by: all of it as it stood then."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.other_sellers import FOLDER, TOML
from tests.support.sessions import book, express

WHY = {"reason": "A reason", "actor": "Ada"}
PAID: dict[str, Any] = {"payment": {"status": "paid"}}


async def read(api: Api, account: str, **asked: Any) -> Any:
    reply = await api.get(f"{account}/summary", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def do(api: Api, path: str, body: Any = None) -> Any:
    reply = await api.post(path, body)
    assert reply.is_success, reply.text
    return reply.json()


async def test_a_sandboxs_tickets_are_those_of_the_instant(api: Api) -> None:
    account = "/v1/accounts/c-1"
    await api.put(account, {"name": "Nordwind", "sandbox": True})
    await api.buy(account, "livecart.express-1y")
    await do(api, f"{account}/clock", {"to": "2027-01-10T09:00:00Z"})
    opened = await api.open(account, "t")
    await do(api, f"{account}/clock", {"to": "2027-01-10T09:30:00Z"})
    then = await read(api, account)
    await do(api, f"{account}/clock", {"to": "2027-03-10T09:00:00Z"})
    await api.open(account, "t2")
    await do(api, f"{account}/tickets/t/resolution", {"outcome": "solved"})
    past = await read(api, account, at="2027-01-10T09:30:00Z")
    assert past == then
    assert past["tickets"] == {
        "open": 1,
        "paused": 0,
        "at_risk": 0,
        "breached": 0,
        "missed": 0,
        "next": [
            {
                "ticket_id": "t",
                "subject": "Checkout fails",
                "status": "open",
                "next_deadline": {
                    "metric": "first_response",
                    "due_at": opened["deadlines"][0]["due_at"],
                    "status": "running",
                },
                "charge": {"held": 1},
            }
        ],
    }
    assert past["plans"][0]["remaining"]["held"] == 1
    before = await read(api, account, at="2027-01-10T08:59:59Z")
    assert (before["tickets"]["open"], before["tickets"]["next"]) == (0, [])


async def test_every_change_of_a_ticket_is_undone_for_the_instant_before_it(
    api: Api, clock: Clock
) -> None:
    account, ticket = await express(api)
    await do(api, f"{account}/tickets/HD-1/dispute", {"reason": "Too dear"})
    given = []
    for path, body in (
        ("/sessions", {"session_id": "S-1", "kind": "chat", "starts_at": "2026-11-24T12:00:00Z"}),
        ("/replies", {"by": "agent"}),
        ("/pause", {"waiting_on": "customer"}),
        ("/resumption", None),
        ("/sessions/S-1/start", {"at": None}),
        ("/sessions/S-1/end", None),
        ("/dispute/decision", {"refund_amount": 0} | WHY),
        ("/dispute", {"reason": "Still too dear"}),
        ("/resolution", {"outcome": "solved"}),
        ("/dispute/decision", {"refund_amount": 1} | WHY),
        ("/reopening", {"reason": "It fails again"}),
        ("/resolution", {"outcome": "solved"}),
    ):
        given.append(await read(api, account))
        clock.advance(minutes=30)
        if path == "/sessions/S-1/start":
            clock.move_to("2026-11-24T12:00:00Z")
        await do(api, ticket + path, body)
    shown = [
        (each["tickets"]["open"], each["tickets"]["paused"], each["disputes"]) for each in given
    ]
    assert len(set(shown)) >= 5
    assert {session["status"] for each in given for session in each["sessions"]} == {
        "booked",
        "running",
    }
    for each in given:
        assert await read(api, account, at=each["as_of"]) == each


async def test_what_is_called_off_was_booked_until_then(api: Api, clock: Clock) -> None:
    account, ticket = await express(api)
    given = []
    for number, gone in enumerate(("no-show", "cancellation")):
        booked = await book(
            api, ticket, session_id=f"S-{number}", starts_at=f"2026-11-25T1{number}:00:00Z"
        )
        assert booked.status_code == 201, booked.text
        given.append(await read(api, account))
        clock.advance(minutes=10)
        body = {"by": "customer", "reason": "Ill"} if gone == "cancellation" else None
        await do(api, f"{ticket}/sessions/S-{number}/{gone}", body)
        given.append(await read(api, account))
        clock.advance(minutes=10)
    assert [len(each["sessions"]) for each in given] == [1, 0, 1, 0]
    for each in given:
        assert await read(api, account, at=each["as_of"]) == each


async def test_plans_were_what_they_were(api: Api, clock: Clock) -> None:
    text = (FOLDER / "seller-2.toml").read_text().replace(" # each socket", "")
    published = await api.http.put("/v1/catalogs/seller-2", content=text, headers=TOML)
    assert published.status_code == 201, published.text
    account = await api.make_account()
    given = []

    async def happen(path: str, body: Any) -> Any:
        clock.advance(days=1)
        done = await do(api, account + path, body)
        given.append(await read(api, account))
        return done

    async def raise_by(quantity: int, order_id: str) -> None:
        quote = await happen("/purchases/SO-1/addition-quote", {"quantity": quantity})
        order = {"order_id": order_id, "quote_id": quote["quote_id"]} | PAID
        await happen("/purchases", order)

    offer = {"offer": "seller-2.standard", "quantity": 2}
    sockets = await happen("/purchases", {"order_id": "SO-1"} | offer | PAID)
    store = {"offer": "xcart-support.subscription-1y", "site": "https://one.example"}
    moved = await happen("/purchases", {"order_id": "SO-2"} | store | PAID)
    await raise_by(3, "SO-3")
    await raise_by(1, "SO-4")
    held = f"/subscriptions/{sockets['subscription']['id']}/suspension"
    await happen(held, WHY)
    clock.advance(days=1)
    assert (await api.delete(account + held)).status_code == 200
    given.append(await read(api, account))
    await happen("/purchases/SO-3/cancellation", {"refund": "full"} | WHY)
    path = f"/subscriptions/{moved['subscription']['id']}/site"
    await happen(path, {"site": "https://two.example"} | WHY)
    later = {"offer": "livecart.express-1y", "starts": "2027-06-01T00:00:00Z"}
    await happen("/purchases", {"order_id": "SO-5"} | later | PAID)
    await happen("/purchases/SO-5/cancellation", {"refund": "full"} | WHY)
    await happen("/purchases/SO-4/cancellation", {"refund": "full"} | WHY)
    await happen("/purchases/SO-1/cancellation", {"refund": "full"} | WHY)
    await happen("/purchases/SO-2/cancellation", {"refund": "none"} | WHY)

    def show(name: str) -> list[Any]:
        return list(dict.fromkeys(str(plan[name]) for each in given for plan in each["plans"]))

    assert show("quantity") == ["2", "1", "5", "6", "3"]
    assert show("site") == ["None", "one.example", "two.example"]
    assert show("status") == ["active", "suspended", "upcoming"]
    assert given[-1]["plans"] == []
    for each in given:
        assert await read(api, account, at=each["as_of"]) == each


async def test_what_is_beyond_a_plan_was_so_from_when_it_was_used(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.open(account, "HD-1", catalog="agency")
    before = await read(api, account)
    clock.advance(hours=1)
    body = {"work_id": "W-1", "minutes": 30, "by": "jon"}
    await do(api, f"{account}/tickets/HD-1/work", body)
    clock.advance(hours=1)
    beyond = await read(api, account)
    assert (before["overage"], beyond["overage"]["minutes"]) == (None, 30)
    clock.advance(hours=1)
    await do(api, f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    assert await read(api, account, at=before["as_of"]) == before
    assert await read(api, account, at=beyond["as_of"]) == beyond


async def test_what_is_not_known_of_the_past_is_said(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()["paths"]
    operation = document["/v1/accounts/{account_id}/summary"]["get"]
    (at,) = [each for each in operation["parameters"] if each["name"] == "at"]
    for word in ("names", "slot", "suspension", "archived"):
        assert word in at["description"], word


@pytest.mark.parametrize("form", ["application/json", "text/html"])
async def test_a_past_before_the_customer_has_nothing(api: Api, form: str) -> None:
    account, _ = await express(api)
    asked = {"at": "2020-01-01T00:00:00Z"}
    reply = await api.get(f"{account}/summary", params=asked, headers={"Accept": form})
    assert reply.status_code == 200
    if form == "application/json":
        shown = reply.json()
        assert (shown["text"], shown["sequence"], shown["plans"]) == ("No plan.", 0, [])
        assert (shown["tickets"]["open"], shown["sessions"], shown["disputes"]) == (0, [], 0)
