"""What is recorded on Monday of what happened on Friday: it counts from when it happened."""

from typing import Any

from fastapi import FastAPI

from tests.api.conftest import Api, Clock
from tests.support.agreements import agree, buy_starter
from tests.support.notices import look
from tests.support.sessions import express
from tests.support.verification import require_clean

BY = {"reason": "By letter", "actor": "ines"}
THEN = "2026-11-24T10:00:00Z"
NOW = "2026-11-26T08:00:00Z"


async def list_events(api: Api, *types: str) -> list[Any]:
    found = (await api.get("/v1/events?account_id=c-1&limit=200")).json()["data"]
    return [(each["type"], each["timestamp"]) for each in found if each["type"] in types]


async def test_an_order_cancelled_by_letter_ends_when_it_was_cancelled(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    clock.move_to(NOW)
    body = BY | {"refund": "unused", "at": THEN}
    path = f"{account}/purchases/SO-1/cancellation"
    tried = await api.post(f"{path}?dry_run=true", body)
    done = await api.post(path, body)
    assert tried.json() == done.json()
    cancelled = done.json()
    assert cancelled["cancellation"]["at"] == THEN
    assert cancelled["subscription"]["ends_at"] == THEN
    assert await list_events(api, "purchase.cancelled") == [("purchase.cancelled", THEN)]
    # From then on it pays for nothing, and until then it was there.
    assert (await api.units(account, at="2026-11-24T09:59:59Z"))["available"] == 15
    assert (await api.units(account, at=THEN))["revoked"] == 15
    late = await api.post(f"{account}/tickets", {"ticket_id": "HD-1", "subject": "S", "at": THEN})
    assert late.json()["trace"][0]["code"] == "term_ended"
    await require_clean(app)


async def test_it_is_never_cancelled_before_what_its_units_did(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    clock.move_to("2026-11-25T08:00:00Z")
    await api.open(account, "HD-1")
    clock.move_to(NOW)
    path = f"{account}/purchases/SO-1/cancellation"
    cancelled = (await api.post(path, BY | {"refund": "unused", "at": THEN})).json()
    assert cancelled["cancellation"]["at"] == "2026-11-25T08:00:00Z"
    assert cancelled["cancellation"]["unused"] == {"by": "units", "left": 14, "whole": 15}
    await require_clean(app)


async def test_what_is_suspended_since_friday_pays_for_nothing_since(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    clock.move_to(NOW)
    path = f"{account}/subscriptions/{bought['subscription']['id']}/suspension"
    suspended = (await api.post(path, BY | {"at": THEN})).json()
    assert (suspended["status"], suspended["suspended_at"]) == ("suspended", THEN)
    before = {"ticket_id": "HD-1", "subject": "S", "at": "2026-11-24T09:59:59Z"}
    assert (await api.post(f"{account}/tickets", before)).status_code == 201
    refused = await api.post(f"{account}/tickets", before | {"ticket_id": "HD-2", "at": THEN})
    assert refused.json()["trace"][0]["code"] == "suspended"


async def test_a_dispute_and_its_decision_stand_when_they_were(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account, ticket = await express(api)
    await api.post(f"{ticket}/resolution", {"outcome": "solved"})
    clock.move_to(NOW)
    disputed = (await api.post(f"{ticket}/dispute", {"reason": "Twice", "at": THEN})).json()
    assert disputed["dispute"]["opened_at"] == THEN
    # Not decided before it was disputed.
    decision = BY | {"refund_amount": 1, "at": "2026-11-24T09:00:00Z"}
    decided = (await api.post(f"{ticket}/dispute/decision", decision)).json()
    assert decided["dispute"]["decided_at"] == THEN
    assert decided["charge"]["status"] == "refunded"
    assert await list_events(api, "ticket.disputed", "ticket.dispute_decided") == [
        ("ticket.disputed", THEN),
        ("ticket.dispute_decided", THEN),
    ]
    assert (await api.units(account, at="2026-11-24T09:59:59Z"))["used"] == 1
    assert (await api.units(account, at=THEN))["used"] == 0
    await require_clean(app)


async def test_the_parts_of_a_split_are_charged_and_answered_as_of_then(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account, ticket = await express(api)
    clock.move_to(NOW)
    await api.post(f"{ticket}/replies", {"by": "agent", "at": "2026-11-24T11:00:00Z"})
    parts = {"tickets": [{"ticket_id": "HD-2", "subject": "Another question"}], "at": THEN}
    _, part = (await api.post(f"{ticket}/split", parts)).json()["tickets"]
    assert (await api.units(account, at="2026-11-24T09:59:59Z"))["held"] == 1
    assert (await api.units(account, at=THEN))["held"] == 2
    # It was asked when its ticket was; what was said to the first afterwards answers only that.
    (owed,) = part["deadlines"]
    assert (part["opened_at"], owed["metric"], owed["status"]) == (
        "2026-11-24T08:00:00Z",
        "first_response",
        "breached",
    )
    again = (await api.post(f"{ticket}/split", parts)).json()["tickets"]
    assert again[1] == part
    await require_clean(app)


async def test_what_was_agreed_on_friday_bills_the_work_of_friday(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    await api.open(account, "HD-1", severity=2)
    clock.move_to(NOW)
    work = {"work_id": "W-1", "minutes": 1500, "at": "2026-11-24T12:00:00Z", "by": "sam"}
    refused = await api.post(f"{account}/tickets/HD-1/work", work)
    assert refused.json()["code"] == "cap_reached"
    agreed = await agree(api, account, bought, "raise_cap", minutes=1800, at=THEN)
    assert (agreed.status_code, agreed.json()["starts_at"]) == (201, THEN)
    again = await agree(api, account, bought, "raise_cap", minutes=1800, at=THEN)
    assert again.status_code == 200
    assert (await api.post(f"{account}/tickets/HD-1/work", work)).status_code == 201
    joined = await agree(
        api, account, bought, "join_months", months=2, reference="agreed-2", at=THEN
    )
    # Not before the account's units moved last, which that work has done since.
    assert joined.json()["starts_at"] == "2026-11-24T12:00:00Z"
    await require_clean(app)


async def test_what_a_licence_brings_runs_from_when_it_was_bought(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    clock.move_to(NOW)
    bought = {"license_id": "L-1", "catalog": "xcart-points", "product": "X-Cart Gold", "at": THEN}
    made = await api.post(f"{account}/licenses", bought)
    assert (made.status_code, made.json()["subscription"]["starts_at"]) == (201, THEN)
    (lot,) = made.json()["lots"]
    assert (lot["valid_from"], lot["expires_at"]) == (THEN, made.json()["subscription"]["ends_at"])
    assert made.json()["registered_at"] == NOW
    assert (await api.units(account, "point", at=THEN))["granted"] == lot["granted"]
    assert (await api.post(f"{account}/licenses", bought)).status_code == 200
    await require_clean(app)


async def test_longer_ago_needs_the_right_to_history_and_ahead_is_refused(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await api.buy(account, "livecart.express-1y")
    await api.open(account, "HD-1")
    scopes = ["purchases:write", "tickets:write", "ledger:write"]
    made = await api.post("/v1/api-keys", {"name": "desk", "scopes": scopes})
    desk = api.holding(made.json()["secret"])
    clock.advance(days=10)
    part = {"ticket_id": "HD-2", "subject": "Another"}
    subscription = f"{account}/subscriptions/{bought['subscription']['id']}"
    writes: list[tuple[str, dict[str, Any]]] = [
        (f"{account}/licenses", {"license_id": "L", "catalog": "xcart-points", "product": "X"}),
        (f"{account}/purchases/SO-1/cancellation", BY | {"refund": "none"}),
        (f"{subscription}/suspension", BY),
        (f"{account}/tickets/HD-1/dispute", {"reason": "Twice"}),
        (f"{account}/tickets/HD-1/split", {"tickets": [part]}),
    ]
    for path, body in writes:
        ahead = await desk.post(path, body | {"at": "2026-12-04T08:01:01Z"})
        assert (ahead.status_code, ahead.json()["code"]) == (422, "at_in_future"), path
        long_ago = await desk.post(path, body | {"at": "2026-12-01T07:59:59Z"})
        assert (long_ago.status_code, long_ago.json()["required"]) == (403, "history:write"), path
        soon = await desk.post(f"{path}?dry_run=true", body | {"at": "2026-12-04T08:01:00Z"})
        assert soon.status_code in (200, 201), soon.text


async def test_nothing_is_reported_of_before_it_was_there(
    api: Api, app: FastAPI, clock: Clock
) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    pending = {"order_id": "SO-2", "offer": "livecart.express-1y", "payment": {"status": "pending"}}
    await api.post(f"{account}/purchases", pending)
    clock.move_to(NOW)
    before = {"at": "2026-11-23T12:00:00Z"}
    empty = (await api.get(f"{account}/balance", params=before)).json()
    raised = await agree(api, account, bought, "raise_cap", minutes=1800, **before)
    assert raised.json()["starts_at"] == "2026-11-24T08:00:00Z"
    found = (await api.get(f"{account}/balance", params=before)).json()
    assert (found["units"], found["lots"]) == (empty["units"], empty["lots"]) == ({}, [])
    path = f"{account}/purchases/SO-2/cancellation"
    cancelled = (await api.post(path, BY | {"refund": "none"} | before)).json()
    assert cancelled["cancellation"]["at"] == "2026-11-24T08:00:00Z"
    path = f"{account}/subscriptions/{bought['subscription']['id']}/suspension"
    suspended = (await api.post(path, BY | before)).json()
    assert suspended["suspended_at"] == "2026-11-24T08:00:00Z"
    await api.delete(path)
    again = (await api.post(path, BY | before)).json()
    # Not while it was suspended, and taken up again, before.
    assert again["suspended_at"] == NOW
    await require_clean(app)


async def test_an_agreed_week_does_not_tell_again_what_was_told(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    bought = await buy_starter(api, account)
    clock.move_to("2026-12-12T08:00:00Z")
    await look(api)
    told_before = await list_events(api, "units.expiring", "units.expired")
    assert told_before
    await agree(api, account, bought, "raise_cap", minutes=1800)
    await look(api)
    assert await list_events(api, "units.expiring", "units.expired") == told_before
