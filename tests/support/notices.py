"""Helpers of the tests of notices, shared with others."""

import asyncio
from typing import Any

from app.worker.notices import record_due_notices
from tests.api.conftest import Api

GRANT = {
    "reference": "G-1",
    "catalog": "livecart",
    "plan": "express",
    "unit": "incident",
    "amount": 3,
    "reason": "a gift",
    "actor": "Maria",
}


async def look(api: Api) -> None:
    """Look for what is due, as a worker does every second."""
    await record_due_notices(api.app.state.database, asyncio.Event())


async def told(api: Api, prefix: str, account_id: str = "c-1") -> list[dict[str, Any]]:
    """List an account's events of some types, each with its type and when it happened."""
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        asked = {"account_id": account_id, "limit": 200, "after": after}
        page = (await api.get("/v1/events", params=asked)).json()
        found += page["data"]
        if page["next_cursor"] is None:
            break
        after = page["last"]
    return [
        {"type": event["type"], "timestamp": event["timestamp"]} | event["data"]
        for event in found
        if event["type"].startswith(prefix)
    ]


async def types(api: Api, prefix: str) -> list[str]:
    return [event["type"] for event in await told(api, prefix)]
