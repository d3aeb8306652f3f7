"""Lists: pages that join up without a gap, and cursors that only a list gives."""

import base64
import json
import re
from typing import Any

import pytest

from app.main import create_app
from tests.api.conftest import Api, Clock

A = "/v1/accounts/c-1"
COVERED = "/v1/accounts/c-3"
# Every list that is paged, and how many there are in the story below. <webhook> is the first one.
LISTS = {
    "/v1/accounts": 5,
    "/v1/offers": 26,
    "/v1/queue": 4,
    "/v1/deadlines": 3,
    "/v1/events": 49,
    "/v1/sessions": 3,
    "/v1/subscriptions": 4,
    "/v1/api-keys": 3,
    "/v1/webhooks": 3,
    "/v1/webhooks/<webhook>/deliveries": 3,
    f"{A}/purchases": 3,
    f"{A}/subscriptions": 3,
    f"{A}/tickets": 3,
    "/v1/disputes": 3,
    f"{A}/lots": 3,
    f"{A}/entries": 6,
    f"{A}/quotes": 3,
    f"{A}/tickets/HD-1/sessions": 3,
    f"{A}/tickets/HD-1/events": 4,
    "/v1/accounts/c-2/tickets/HD-1/work": 3,
    f"{A}/licenses": 3,
    f"{A}/contacts": 3,
    f"{COVERED}/agreements": 3,
}


@pytest.fixture
async def story(api: Api, clock: Clock) -> None:
    """Make something of everything that is listed."""
    for number in range(1, 6):
        await api.make_account(f"c-{number}")
    for number in range(1, 4):
        await api.buy(A, "livecart.express-1y", f"SO-{number}")
        await api.post(f"{A}/quotes", {"offer": "livecart.express-1y"})
        licence = {"license_id": f"L-{number}", "catalog": "livecart", "product": "LiveCart"}
        await api.post(f"{A}/licenses", licence)
        await api.open(A, f"HD-{number}")
        await api.post(f"{A}/tickets/HD-{number}/dispute", {"reason": "Too much"})
        await api.put(f"{A}/contacts/u-{number}", {"name": "Erika"})
        await api.post("/v1/api-keys", {"name": f"key {number}", "role": "viewer"})
        clock.advance(minutes=1)
        hook = {"url": f"https://helpdesk.example/{number}"}
        await api.post("/v1/webhooks", hook)
        await api.post(await _locate(api, "/v1/webhooks/<webhook>/ping"))
    gold = (await api.buy(COVERED, "corporate.gold"))["subscription"]["id"]
    for number in range(1, 4):
        agreed = {"reference": f"a-{number}", "reason": "Sales", "actor": "m.ozols"}
        cover = {"kind": "extended_cover", "subscription_id": gold}
        await api.post(f"{COVERED}/agreements", agreed | cover)
    on_demand = "/v1/accounts/c-2"
    await api.open(on_demand, catalog="agency")
    for number in range(1, 4):
        slot = {"kind": "chat", "starts_at": f"2026-11-25T0{number}:00:00Z"}
        await api.post(f"{A}/tickets/HD-1/sessions", {"session_id": f"S-{number}"} | slot)
        work = {"work_id": f"W-{number}", "minutes": 5, "by": "jon"}
        await api.post(f"{on_demand}/tickets/HD-1/work", work)


def test_every_paged_list_is_here() -> None:
    listed = {
        re.sub(r"/c-\d", "/{account_id}", path)
        .replace("HD-1", "{ticket_id}")
        .replace("<webhook>", "{webhook_id}")
        for path in LISTS
    }
    for path, item in create_app().openapi()["paths"].items():
        parameters = item.get("get", {}).get("parameters", [])
        if any(each["name"] == "cursor" for each in parameters):
            assert path in listed


@pytest.mark.usefixtures("story")
async def test_pages_join_up(api: Api) -> None:
    for place, count in LISTS.items():
        path = await _locate(api, place)
        whole = (await api.get(path, params={"limit": 200})).json()
        assert whole["next_cursor"] is None
        assert len(whole["data"]) == count, path
        for limit in (1, 2, count):
            assert await _walk(api, path, limit) == whole["data"], (path, limit)


@pytest.mark.usefixtures("story")
async def test_a_cursor_that_no_list_gave(api: Api) -> None:
    for place in LISTS:
        path = await _locate(api, place)
        first = (await api.get(path, params={"limit": 1})).json()
        real = first["next_cursor"]
        for cursor in (
            "nonsense",
            "!!!!",
            "é",
            real[:-3],
            real + "AAAA",
            _pack([]),
            _pack({}),
            _pack(None),
            _pack([None]),
            _pack([-1]),
            _pack([1.5]),
            _pack([10**30]),
            _pack([{"a": 1}]),
            _pack(["a\x00"]),
            _pack(["x"] * 11),
            _pack(_deep(300)),
            "W" + "1" * 400,
            "a" * 1001,
        ):
            reply = await api.get(path, params={"cursor": cursor})
            assert reply.status_code == 422, (path, cursor, reply.text)
            problem = reply.json()
            assert problem["errors"][0]["pointer"] == "/cursor"
            assert problem["code"] in ("invalid_cursor", "invalid_request")


async def test_an_invalid_cursor_whole(api: Api) -> None:
    reply = await api.get("/v1/offers?cursor=nonsense")
    assert reply.json() == {
        "type": "/problems/invalid_cursor",
        "title": "The cursor is not valid",
        "status": 422,
        "detail": "The cursor is not one that this list gave.",
        "instance": "/v1/offers",
        "code": "invalid_cursor",
        "errors": [
            {
                "pointer": "/cursor",
                "detail": "The cursor is not one that this list gave.",
                "code": "invalid_cursor",
            }
        ],
    }


async def test_a_list_of_nothing(api: Api) -> None:
    assert (await api.get("/v1/accounts")).json() == {"data": [], "next_cursor": None}
    missing = await api.get(f"{A}/tickets")
    assert (missing.status_code, missing.json()["code"]) == (404, "account_unknown")


async def _locate(api: Api, place: str) -> str:
    """Return the address of a list, with the first webhook's id where it names one."""
    if "<webhook>" not in place:
        return place
    (first,) = (await api.get("/v1/webhooks", params={"limit": 1, "order": "asc"})).json()["data"]
    return place.replace("<webhook>", first["id"])


async def _walk(api: Api, path: str, limit: int, **asked: Any) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    while True:
        params = asked | {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        page = (await api.get(path, params=params)).json()
        assert len(page["data"]) <= limit
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _pack(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


async def test_tickets_are_listed_newest_first_and_chosen_by_what_they_are(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", "SO-1")
    await api.buy(account, "xcart-points.60", "SO-2")
    for number in range(8, 12):
        await api.open(account, f"HD-{number}", catalog="livecart")
        clock.advance(hours=1)
    await api.open(account, "HD-12", catalog="xcart-points", category="level-1")
    await api.post(f"{account}/tickets/HD-9/resolution", {"outcome": "solved"})

    async def listed(**asked: Any) -> list[str]:
        found: list[str] = []
        cursor: str | None = None
        while True:
            params = asked | {"limit": 2} | ({"cursor": cursor} if cursor else {})
            reply = await api.get(f"{account}/tickets", params=params)
            assert reply.status_code == 200, reply.text
            found += [each["ticket_id"] for each in reply.json()["data"]]
            cursor = reply.json()["next_cursor"]
            if cursor is None:
                return found

    everything = ["HD-12", "HD-11", "HD-10", "HD-9", "HD-8"]
    assert await listed() == everything
    assert await listed(order="asc") == everything[::-1]
    assert await listed(status="resolved") == ["HD-9"]
    assert await listed(catalog="xcart-points") == ["HD-12"]
    assert await listed(plan="express", order="asc") == ["HD-8", "HD-9", "HD-10", "HD-11"]
    # HD-8 was opened at 08:00, and each next an hour later.
    within = {"from": "2026-11-24T09:00:00Z", "to": "2026-11-24T11:00:00Z"}
    assert await listed(**within) == ["HD-10", "HD-9"]
    unknown = await api.get(f"{account}/tickets", params={"order": "newest"})
    assert unknown.status_code == 422


@pytest.mark.usefixtures("story")
async def test_every_list_is_given_in_the_other_order(api: Api) -> None:
    # What is in an order of its own can be asked for by it, and has no other.
    own = {"/v1/offers", "/v1/queue"}
    one_way = {"/v1/events"}
    for place in LISTS:
        path = await _locate(api, place)
        if path in own:
            continue
        there = (await api.get(path, params={"limit": 200, "order": "asc"})).json()["data"]
        if path in one_way:
            assert there == (await api.get(path, params={"limit": 200})).json()["data"]
            assert (await api.get(path, params={"order": "desc"})).status_code == 422
            continue
        back = (await api.get(path, params={"limit": 200, "order": "desc"})).json()["data"]
        assert there == back[::-1], path
        for limit in (1, 2):
            assert await _walk(api, path, limit, order="asc") == there, path
            assert await _walk(api, path, limit, order="desc") == back, path


@pytest.mark.usefixtures("story")
async def test_what_time_orders_begins_with_the_newest(api: Api) -> None:
    for path, key, newest in (
        (f"{A}/purchases", "order_id", "SO-3"),
        (f"{A}/lots", "order_id", "SO-3"),
        (f"{A}/subscriptions", "order_id", "SO-3"),
        (f"{A}/licenses", "license_id", "L-3"),
        (f"{A}/tickets", "ticket_id", "HD-3"),
        (f"{A}/tickets/HD-1/sessions", "session_id", "S-3"),
        ("/v1/accounts/c-2/tickets/HD-1/work", "work_id", "W-3"),
        (f"{COVERED}/agreements", "reference", "a-3"),
        ("/v1/api-keys", "name", "key 3"),
        ("/v1/webhooks", "url", "https://helpdesk.example/3"),
    ):
        assert (await api.get(path)).json()["data"][0][key] == newest, path


async def test_orders_are_chosen_by_what_they_are(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m", "SO-1")
    clock.advance(days=1)
    await api.buy(account, "xcart-points.60", "SO-2")
    await api.buy(account, "livecart.express-1y", "SO-3", payment={"status": "pending"})
    clock.advance(days=40)

    async def chosen(**asked: str) -> list[str]:
        reply = await api.get(f"{account}/purchases", params=asked)
        assert reply.status_code == 200, reply.text
        return [each["order_id"] for each in reply.json()["data"]]

    assert await chosen() == ["SO-3", "SO-2", "SO-1"]
    assert await chosen(status="ended") == ["SO-1"]
    assert await chosen(status="active") == ["SO-2"]
    assert await chosen(status="pending") == ["SO-3"]
    assert await chosen(catalog="livecart", order="asc") == ["SO-1", "SO-3"]
    assert await chosen(offer="xcart-points.60") == ["SO-2"]
    malformed = await api.get(f"{account}/purchases", params={"offer": "xcart\0points.60"})
    assert (malformed.status_code, malformed.json()["code"]) == (422, "invalid_request")
    assert await chosen(to="2026-11-25T00:00:00Z") == ["SO-1"]
    for kind in ("subscriptions", "lots"):
        reply = await api.get(f"{account}/{kind}", params={"catalog": "livecart"})
        assert [each["order_id"] for each in reply.json()["data"]] == ["SO-1"]


async def test_orders_are_chosen_by_their_plan_pending_ones_too(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m", "SO-1")
    await api.buy(account, "livecart.express-1y", "SO-2", payment={"status": "pending"})
    await api.buy(account, "corporate.gold", "SO-3")

    async def chosen(**asked: str) -> list[str]:
        reply = await api.get(f"{account}/purchases", params=asked)
        assert reply.status_code == 200, reply.text
        return [each["order_id"] for each in reply.json()["data"]]

    assert await chosen(plan="standard") == ["SO-1"]
    assert await chosen(plan="express", status="pending") == ["SO-2"]
    assert await chosen(plan="express", catalog="livecart") == ["SO-2"]
    for asked in ({"plan": "expres"}, {"plan": "gold", "catalog": "livecart"}):
        refused = await api.get(f"{account}/purchases", params=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_filter")


async def test_subscriptions_are_chosen_by_how_they_stand(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m", "ended")
    upcoming = {"starts": "after_current"}
    clock.advance(days=60)
    await api.buy(account, "livecart.standard-1m", "active")
    await api.buy(account, "livecart.standard-1m", "upcoming", **upcoming)
    held = await api.buy(account, "corporate.gold", "suspended")
    path = f"{account}/subscriptions/{held['subscription']['id']}/suspension"
    assert (await api.post(path, {"reason": "Unpaid", "actor": "Ada"})).status_code == 200
    cancelled = {"refund": "full", "reason": "A mistake", "actor": "Ada"}
    await api.buy(account, "livecart.standard-1m", "never", **upcoming)
    await api.post(f"{account}/purchases/never/cancellation", cancelled)

    async def chosen(**asked: str) -> dict[str, str]:
        reply = await api.get(f"{account}/subscriptions", params=asked)
        assert reply.status_code == 200, reply.text
        return {each["order_id"]: each["status"] for each in reply.json()["data"]}

    everything = await chosen()
    assert set(everything) == {"ended", "active", "upcoming", "suspended", "never"}
    for status in ("ended", "active", "upcoming", "suspended"):
        wanted = {each: stands for each, stands in everything.items() if stands == status}
        assert await chosen(status=status) == wanted
        assert wanted[status] == status
    assert await chosen(status="active", catalog="corporate") == {}
    refused = await api.get(f"{account}/subscriptions", params={"status": "over"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
