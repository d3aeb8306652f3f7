"""Helpers of the tests of cancellation, shared with others."""

from typing import Any

from tests.api.conftest import Api


async def quote_upgrade(api: Api, account: str, offer: str, order_id: str = "SO-1") -> Any:
    reply = await api.post(f"{account}/purchases/{order_id}/upgrade-quote", {"offer": offer})
    assert reply.status_code == 201, reply.text
    return reply.json()
