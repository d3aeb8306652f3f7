"""Helpers of the tests of sessions, shared with others."""

from typing import Any

from tests.api.conftest import Api, Clock


async def book(
    api: Api, ticket: str, kind: str = "chat", session_id: str = "S-1", **more: Any
) -> Any:
    """Book a session of a ticket for now; the reply."""
    body = {"session_id": session_id, "kind": kind, "starts_at": "2026-11-24T08:00:00Z"} | more
    return await api.post(f"{ticket}/sessions", body)


async def talk(
    api: Api, clock: Clock, ticket: str, kind: str, session_id: str, **length: float
) -> Any:
    """Book a session for now, start it, end it so much later; the session."""
    booked = await book(api, ticket, kind, session_id, starts_at=clock().isoformat())
    assert booked.status_code == 201, booked.text
    started = await api.post(f"{ticket}/sessions/{session_id}/start")
    assert started.status_code == 200, started.text
    clock.advance(**length)
    ended = await api.post(f"{ticket}/sessions/{session_id}/end")
    assert ended.status_code == 200, ended.text
    return ended.json()


async def express(api: Api) -> tuple[str, str]:
    """Buy Express (15 incidents) and open a ticket; the account's path, and the ticket's."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return account, f"{account}/tickets/HD-1"


async def urgent_incident(api: Api) -> str:
    """Buy X-Cart's urgent incident and open an urgent ticket; its path."""
    account = await api.make_account()
    await api.buy(account, "xcart-support.incident-urgent")
    await api.open(account, urgent=True)
    return f"{account}/tickets/HD-1"
