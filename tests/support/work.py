"""Helpers of the tests of work, shared with others."""

from typing import Any

from tests.api.conftest import Api


async def hours(api: Api, minutes: int = 2400, **more: Any) -> str:
    """Give an account Starter's 40 hours until Christmas; its path."""
    account = await api.make_account()
    grant = {
        "reference": "starter-november",
        "catalog": "agency",
        "plan": "starter",
        "unit": "minute",
        "amount": minutes,
        "expires_at": "2026-12-24T08:00:00Z",
        "reason": "Contract",
        "actor": "mara",
    } | more
    reply = await api.post(f"{account}/grants", grant)
    assert reply.status_code == 201, reply.text
    return account


async def log(
    api: Api, account: str, minutes: int, work_id: str = "W-1", ticket: str = "HD-1", **more: Any
) -> Any:
    """Log work on a ticket; the reply."""
    body = {"work_id": work_id, "minutes": minutes, "by": "jon"} | more
    return await api.post(f"{account}/tickets/{ticket}/work", body)
