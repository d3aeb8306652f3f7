"""Events: what happened, in its order, for one account and for all."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.api.http.wire import write_cursor
from app.services.access.keys import ADMIN
from app.services.events import events
from tests.api.conftest import Api, Clock
from tests.support.interruptions import Interrupted


async def _read_all(api: Api, **query: Any) -> list[dict[str, Any]]:
    """Read every event, page by page, as a reader that catches up does."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        params = query | ({} if after is None else {"after": after})
        page = (await api.get("/v1/events", params=params)).json()
        found += page["data"]
        after = page["last"]
        if page["next_cursor"] is None:
            return found


async def test_an_opened_ticket_is_told_whole(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    order = await api.buy(account, "livecart.express-1y")
    clock.advance(minutes=5)
    await api.open(account, "HD-1", subject="Checkout fails", catalog="livecart")
    reply = await api.get("/v1/events", params={"account_id": "c-1"})
    assert reply.status_code == 200
    opened, charged, _ = reply.json()["data"][-3:]
    ticket = {
        "ticket_id": "HD-1",
        "catalog": "livecart",
        "plan": "express",
        "subscription_id": order["subscription"]["id"],
    }
    assert opened == {
        "id": opened["id"],
        "type": "ticket.opened",
        "timestamp": "2026-11-24T08:05:00Z",
        "recorded_at": "2026-11-24T08:05:00Z",
        "account_id": "c-1",
        "sequence": charged["sequence"] - 1,
        "sandbox": False,
        "data": ticket
        | {
            "channel": "ticket",
            "severity": None,
            "urgent": False,
            "category": None,
            "on_demand": False,
            "opened_at": "2026-11-24T08:05:00Z",
        },
    }
    # The grant was the account's first entry, the hold its second.
    assert charged["type"] == "ticket.charged"
    assert charged["data"] == ticket | {
        "unit": "incident",
        "amount": 1,
        "sequence": 2,
        "charge_amount": 1,
        "session_id": None,
        "work_id": None,
    }


async def test_an_accounts_events_have_no_gap(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    for number in range(4):
        await api.open(account, f"HD-{number}", catalog="livecart")
        await api.post(f"{account}/tickets/HD-{number}/replies", {"by": "agent"})
    found = await _read_all(api, account_id="c-1", limit=3)
    assert [event["sequence"] for event in found] == list(range(1, len(found) + 1))
    assert len({event["id"] for event in found}) == len(found) >= 12


async def test_what_is_refused_or_tried_leaves_no_event(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    before = await _read_all(api)
    body = {"ticket_id": "HD-1", "subject": "Try", "catalog": "livecart"}
    assert (await api.post(f"{account}/tickets?dry_run=true", body)).status_code == 201
    refused = body | {"channel": "video"}
    assert (await api.post(f"{account}/tickets", refused)).status_code == 402
    assert await _read_all(api) == before


async def test_all_accounts_events_come_in_order_for_each(api: Api) -> None:
    accounts = [await api.make_account(f"c-{number}") for number in range(5)]
    for account in accounts:
        await api.buy(account, "livecart.express-1y")
    seen: list[dict[str, Any]] = []
    after: str | None = None
    for round_ in range(4):
        opened = (
            api.open(account, f"HD-{round_}-{number}", catalog="livecart")
            for account in accounts
            for number in range(3)
        )
        reading = api.get("/v1/events", params={"limit": 200} | ({"after": after} if after else {}))
        *_, page = await asyncio.gather(*opened, reading)
        seen += page.json()["data"]
        after = page.json()["last"]
    rest = await _read_all(api, limit=200)
    assert rest[: len(seen)] == seen
    for account in accounts:
        mine = [event for event in rest if event["account_id"] == account.rpartition("/")[2]]
        assert [event["sequence"] for event in mine] == list(range(1, len(mine) + 1))
        assert len(mine) >= 24


async def test_each_account_has_its_turn_however_many_events_others_have(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_AT_A_TIME", 2)
    busy, quiet = [await api.make_account(each) for each in ("c-1", "c-2")]
    await api.buy(busy, "livecart.express-1y")
    await api.buy(quiet, "livecart.express-1y")
    for number in range(2):
        # More of the first come than are put in order.
        await api.open(busy, f"HD-{number}", catalog="livecart")
        async with api.app.state.database.transaction() as db:
            assert await events.sequence_events(db) == 2
    async with api.app.state.database.connection() as connection:
        found = await connection.fetch(
            "SELECT account_id, number FROM events WHERE position IS NOT NULL ORDER BY position"
        )
    assert [tuple(row) for row in found] == [("c-1", 1), ("c-1", 2), ("c-2", 1), ("c-2", 2)]
    # Around again, from the first that has any.
    page = await _read_all(api, limit=200)
    while (more := await _read_all(api, limit=200)) != page:
        page = more
    for account_id in ("c-1", "c-2"):
        mine = [event["sequence"] for event in page if event["account_id"] == account_id]
        assert mine == list(range(1, len(mine) + 1))
    assert len(page) > 8


async def test_where_a_reader_was_is_where_it_goes_on(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-0", catalog="livecart")
    first = (await api.get("/v1/events", params={"limit": 200})).json()
    assert first["next_cursor"] is None
    assert (await api.get("/v1/events", params={"after": first["last"]})).json() == {
        "data": [],
        "next_cursor": None,
        "last": first["last"],
        "missed": 0,
    }
    await api.open(account, "HD-1", catalog="livecart")
    then = (await api.get("/v1/events", params={"after": first["last"]})).json()
    assert [event["type"] for event in then["data"]] == [
        "ticket.opened",
        "ticket.charged",
        "account.summary_changed",
    ]


async def test_a_place_that_is_none_is_refused(api: Api) -> None:
    await api.make_account()
    for params in (
        {"account_id": "c-1", "after": "soon"},
        {"account_id": "c-1", "after": "9" * 30},
        {"after": "17"},
        {"after": "WyJ4Il0"},
    ):
        reply = await api.get("/v1/events", params=params)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor"), params
        assert [each["pointer"] for each in reply.json()["errors"]] == ["/after"], params
    reply = await api.get("/v1/events", params={"cursor": "banana"})
    assert [each["pointer"] for each in reply.json()["errors"]] == ["/cursor"]
    unknown = await api.get("/v1/events", params={"account_id": "c-9"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account_unknown")
    await api.make_account("c-2")
    nothing: dict[str, Any] = {"data": [], "next_cursor": None, "last": None, "missed": 0}
    assert (await api.get("/v1/events", params={"account_id": "c-2"})).json() == nothing


async def _prune(api: Api) -> int:
    """Remove what was recorded more than 90 days ago, as a job does."""
    async with api.app.state.database.transaction() as db:
        return await events.prune_events(db, kept=timedelta(days=90))


async def _relay(api: Api) -> None:
    """Put events in their order, and say that webhooks were made of them."""
    async with api.app.state.database.transaction() as db:
        await events.sequence_events(db)
    async with api.app.state.database.connection() as connection:
        await connection.execute("UPDATE relay SET position = (SELECT max(position) FROM events)")


async def test_old_events_are_removed_and_readers_see_how_many(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1", catalog="livecart")
    old = await _read_all(api, account_id="c-1")
    first = (await api.get("/v1/events", params={"limit": 1})).json()
    clock.advance(days=89)
    await api.open(account, "HD-2", catalog="livecart")
    clock.advance(days=1)
    await _relay(api)
    assert await _prune(api) == 0
    clock.advance(microseconds=1)
    assert await _prune(api) == len(old) == 5
    assert await _prune(api) == 0

    # Numbers are never given again, and whoever was away is told what was missed.
    page = (await api.get("/v1/events", params={"account_id": "c-1"})).json()
    assert [event["sequence"] for event in page["data"]] == [6, 7, 8]
    assert page["missed"] == 5
    asked = {"account_id": "c-1", "after": 4}
    assert (await api.get("/v1/events", params=asked)).json()["missed"] == 1
    asked = {"account_id": "c-1", "after": 5}
    assert (await api.get("/v1/events", params=asked)).json()["missed"] == 0
    over_all = (await api.get("/v1/events", params={"after": first["last"]})).json()
    assert (over_all["data"], over_all["missed"]) == (page["data"], 4)

    clock.advance(days=90)
    assert await _prune(api) == 3
    nothing: dict[str, Any] = {"data": [], "next_cursor": None}
    page = (await api.get("/v1/events", params={"account_id": "c-1", "after": 7})).json()
    assert page == nothing | {"last": "7", "missed": 1}
    over_all = (await api.get("/v1/events", params={"after": first["last"]})).json()
    assert over_all == nothing | {"last": first["last"], "missed": 7}
    await api.open(account, "HD-3", catalog="livecart")
    page = (await api.get("/v1/events", params={"account_id": "c-1", "after": 8})).json()
    assert page["missed"] == 0
    assert page["data"][0]["sequence"] == 9


async def test_what_webhooks_are_still_to_be_made_of_is_kept(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    clock.advance(days=100)
    # In no order yet; then in order, and not relayed.
    assert await _prune(api) == 0
    await _read_all(api)
    assert await _prune(api) == 0
    await _relay(api)
    assert await _prune(api) == 2


@pytest.mark.parametrize(("sandbox", "years"), [(True, -1), (True, 1), (False, 1)])
async def test_where_a_clock_says_nothing_events_are_kept_by_when_they_were_written(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch, sandbox: bool, years: int
) -> None:
    """A sandbox's is ahead of the present or far behind it; a machine's once was wrong."""
    present = datetime.now(UTC)
    clock.move_to(present + timedelta(days=365 * years))
    await api.put("/v1/accounts/box", {"name": "Nordwind", "sandbox": sandbox})
    await api.buy("/v1/accounts/box", "livecart.express-1y", "T-0")
    clock.move_to(present)
    real = await api.make_account("c-1")
    await api.buy("/v1/accounts/box", "livecart.express-1y", "T-1")
    for number in range(2):
        await api.buy(real, "livecart.express-1y", f"SO-{number}")
    await _relay(api)
    there = len(await _read_all(api, sandbox="true"))
    assert there >= 6
    monkeypatch.setattr(events, "_AT_A_TIME", 3)
    clock.move_to(present + timedelta(days=89))
    assert await _prune(api) == 0
    clock.move_to(datetime.now(UTC) + timedelta(days=90, seconds=1))
    pruned = 0
    while count := await _prune(api):
        pruned += count
    assert pruned == there


async def test_a_reader_that_has_come_to_the_end_has_missed_nothing_that_comes_meanwhile(
    api: Api,
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await _relay(api)
    read = await _read_all(api)

    async def happen() -> None:
        await api.open(account, "HD-1", catalog="livecart")
        await _relay(api)

    async with api.app.state.database.transaction() as db:
        db.connection = Interrupted(db.connection, after="events", happen=happen)
        page = await events.list_events(db, after=len(read), limit=50, caller=ADMIN)
    assert (page.events, page.missed) == ([], 0)
    assert [event["type"] for event in (await _read_all(api))[len(read) :]][:1] == ["ticket.opened"]


async def test_who_is_ahead_of_the_events_is_told_so(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    page = (await api.get("/v1/events")).json()
    read = await api.get("/v1/events", params={"after": page["last"]})
    assert (read.status_code, read.json()["data"], read.json()["missed"]) == (200, [], 0)
    own = (await api.get("/v1/events?account_id=c-1")).json()["last"]
    # The database is restored to an earlier instant: the reader has seen what is not there.
    ahead = write_cursor("1000")
    for asked in ({"after": ahead}, {"cursor": ahead}, {"account_id": "c-1", "after": "1000"}):
        refused = await api.get("/v1/events", params=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "cursor_ahead")
        assert "1000, lies ahead" in refused.json()["detail"]
    assert (await api.get(f"/v1/events?account_id=c-1&after={own}")).status_code == 200


async def test_what_happens_to_keys_is_for_those_who_may_see_keys(api: Api) -> None:
    viewer = (await api.post("/v1/api-keys", {"name": "reports", "role": "viewer"})).json()
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    mine = (await api.get("/v1/events")).json()
    told = ["purchase.activated", "account.summary_changed"]
    assert [each["type"] for each in mine["data"]] == ["key.created", *told]
    # A page is filled with what there is for who asks, and whoever reads on comes to all of it.
    seen: list[str] = []
    page: dict[str, Any] = {}
    for _ in told:
        asked = {"limit": 1} | ({"after": page["last"]} if page else {})
        page = (await api.holding(viewer["secret"]).get("/v1/events", params=asked)).json()
        assert (len(page["data"]), page["missed"]) == (1, 0)
        seen += [each["type"] for each in page["data"]]
    assert (seen, page["next_cursor"], page["last"]) == (told, None, mine["last"])


async def test_over_all_accounts_a_sandboxs_events_are_left_out_unless_asked_for(
    api: Api, clock: Clock
) -> None:
    real = await api.make_account("c-1")
    trial = "/v1/accounts/c-2"
    await api.put(trial, {"name": "Nordwind", "sandbox": True})
    for number in range(3):
        await api.buy(trial, "livecart.express-1y", f"T-{number}")
        await api.buy(real, "livecart.express-1y", f"SO-{number}")
    whole = await _read_all(api, sandbox="true")
    assert {event["account_id"] for event in whole} == {"c-1", "c-2"}
    mine = [event for event in whole if not event["sandbox"]]
    for limit in (1, 2, 200):
        assert await _read_all(api, limit=limit) == mine
        assert await _read_all(api, limit=limit, sandbox="true") == whole
    # With an account they are its own, whatever it is.
    assert {event["sandbox"] for event in await _read_all(api, account_id="c-2")} == {True}
    # Whoever has come to the end goes on past those left out, and reads none of them again.
    reached = (await api.get("/v1/events", params={"limit": 200})).json()
    assert (reached["next_cursor"], reached["missed"]) == (None, 0)
    await api.open(trial, "HD-1", catalog="livecart")
    past = (await api.get("/v1/events", params={"after": reached["last"]})).json()
    assert (past["data"], past["next_cursor"], past["missed"]) == ([], None, 0)
    assert past["last"] != reached["last"]
    there = await api.get("/v1/events", params={"after": reached["last"], "sandbox": "true"})
    assert {event["account_id"] for event in there.json()["data"]} == {"c-2"}
    assert there.json()["last"] == past["last"]
    await api.open(real, "HD-1", catalog="livecart")
    then = (await api.get("/v1/events", params={"after": past["last"]})).json()
    assert {event["account_id"] for event in then["data"]} == {"c-1"}
    assert then["missed"] == 0
    # What is kept no longer is missed, whosever it was; what is left out is not.
    clock.move_to(max(clock.now, datetime.now(UTC)) + timedelta(days=91))
    await _relay(api)
    before = len(whole) + 6
    assert await _prune(api) == before
    gone = (await api.get("/v1/events", params={"after": reached["last"]})).json()
    assert (gone["data"], gone["missed"]) == ([], 6)
    ahead = await api.get("/v1/events", params={"after": write_cursor(str(before + 1))})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "cursor_ahead")


async def test_a_page_looks_at_so_many_events_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_LOOKED_AT", 2)
    await api.put("/v1/accounts/c-1", {"name": "Nordwind", "sandbox": True})
    real = await api.make_account("c-2")
    for number in range(3):
        await api.buy("/v1/accounts/c-1", "livecart.express-1y", f"T-{number}")
    await api.buy(real, "livecart.express-1y", "SO-1")
    first = (await api.get("/v1/events")).json()
    assert (first["data"], first["missed"]) == ([], 0)
    assert first["next_cursor"] is not None
    assert {event["account_id"] for event in await _read_all(api)} == {"c-2"}
