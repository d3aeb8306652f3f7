"""`at`: when something happened, as against when it is reported."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Api, Clock


async def _key(api: Api, role: str) -> Api:
    made = await api.post("/v1/api-keys", {"name": role, "role": role})
    return api.holding(made.json()["secret"])


@pytest.fixture
async def account(api: Api, clock: Clock) -> str:
    """Hold Express for ten days."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    clock.advance(days=10)
    return account


async def test_up_to_a_minute_ahead_counts_as_now(api: Api, account: str, clock: Clock) -> None:
    ahead = clock.now + timedelta(seconds=60)
    opened = await api.open(account, at=ahead.isoformat())
    assert opened["opened_at"] == clock.now.isoformat().replace("+00:00", "Z")


async def test_further_ahead_is_refused(api: Api, account: str, clock: Clock) -> None:
    ahead = (clock.now + timedelta(seconds=61)).isoformat()
    body = {"ticket_id": "HD-1", "subject": "Checkout fails", "at": ahead}
    reply = await api.post(f"{account}/tickets", body)
    # Tuesday 24 November 8:00 UTC and ten days, and 61 seconds.
    detail = "2026-12-04T08:01:01Z is more than 60 seconds ahead of the service's clock."
    assert (reply.status_code, reply.json()) == (
        422,
        {
            "type": "/problems/at_in_future",
            "title": "The instant lies in the future",
            "status": 422,
            "detail": detail,
            "instance": "/v1/accounts/c-1/tickets",
            "code": "at_in_future",
            "errors": [{"pointer": "/at", "detail": detail, "code": "at_in_future"}],
        },
    )


async def test_three_days_back_is_anybodys(api: Api, account: str, clock: Clock) -> None:
    helpdesk = await _key(api, "helpdesk")
    back = clock.now - timedelta(hours=72)
    opened = await helpdesk.open(account, at=back.isoformat())
    assert opened["opened_at"] == back.isoformat().replace("+00:00", "Z")
    replied = await helpdesk.post(
        f"{account}/tickets/HD-1/replies",
        {"by": "agent", "at": (back + timedelta(hours=1)).isoformat()},
    )
    assert replied.json()["deadlines"][0]["status"] == "met"


async def test_further_back_needs_a_scope(api: Api, account: str, clock: Clock) -> None:
    helpdesk, manager = await _key(api, "helpdesk"), await _key(api, "manager")
    back = (clock.now - timedelta(hours=72, seconds=1)).isoformat()
    body = {"ticket_id": "HD-1", "subject": "Checkout fails", "at": back}
    refused = await helpdesk.post(f"{account}/tickets", body)
    assert (refused.status_code, refused.json()) == (
        403,
        {
            "type": "/problems/scope_missing",
            "title": "The key lacks a scope",
            "status": 403,
            "detail": "An event of more than 72 hours ago needs the scope history:write;"
            " a key of the role manager or admin has it.",
            "instance": "/v1/accounts/c-1/tickets",
            "code": "scope_missing",
            "required": "history:write",
            "roles": ["manager", "admin"],
        },
    )
    assert (await manager.post(f"{account}/tickets", body)).status_code == 201


async def test_every_write_that_takes_at_keeps_the_same_rule(
    api: Api, account: str, clock: Clock
) -> None:
    await api.open(account)
    await api.open(account, "HD-2")
    await api.post(f"{account}/tickets/HD-2/resolution", {"outcome": "solved"})
    why = {"reason": "It has to be", "actor": "m.ozols"}
    grant = {"reference": "g-1", "catalog": "livecart", "plan": "express", "unit": "incident"}
    order = {"order_id": "SO-2", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
    bodies: dict[str, dict[str, Any]] = {
        "/tickets/HD-1/replies": {"by": "customer"},
        "/tickets/HD-1/pause": {"waiting_on": "customer"},
        "/tickets/HD-1/severity": {"severity": 1, "reason": "It is graver"},
        "/tickets/HD-1/charge/revision": {"amount": 2, "reason": "It takes longer"},
        "/tickets/HD-1/resolution": {"outcome": "solved"},
        "/tickets/HD-2/refund": why,
        "/tickets/HD-2/reopening": {"reason": "It is back"},
        "/purchases": order,
        "/grants": grant | {"amount": 1} | why,
        "/coverage": {},
    }
    for path, body in bodies.items():
        ahead = (clock.now + timedelta(seconds=61)).isoformat()
        reply = await api.post(account + path, body | {"at": ahead})
        assert (reply.status_code, reply.json()["code"]) == (422, "at_in_future"), path
