"""Writes that are asked for all day: read once, written once, with no lock held in between."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Api
from tests.support.brief_reads import statements_of

OPENING = {"ticket_id": "HD-2", "subject": "Checkout fails"}
# On a customer's ticket, in this order, each with an Idempotency-Key.
DAY: list[tuple[str, dict[str, Any], int]] = [
    ("tickets", OPENING, 201),
    ("tickets/HD-2/replies", {"by": "agent"}, 200),
    ("tickets/HD-2/pause", {"waiting_on": "customer"}, 200),
    ("tickets/HD-2/resumption", {}, 200),
    ("tickets/HD-2/charge/revision", {"amount": 2, "reason": "Two questions"}, 200),
    ("tickets/HD-2/resolution", {"outcome": "solved"}, 200),
]


@pytest.fixture
async def account(api: Api) -> str:
    """Have a customer with a plan, and everything read once that is read once for all."""
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    return account


async def test_N9_a_tickets_day_is_a_read_and_a_write_each_without_a_lock(
    api: Api, app: FastAPI, account: str
) -> None:
    for path, body, status in DAY:
        async with statements_of(app) as ran:
            headers = {"Idempotency-Key": path}
            reply = await api.post(f"{account}/{path}", body, headers=headers)
        assert reply.status_code == status, reply.text
        # A revision upward also reads what its session may cost, and what its pool has left.
        reads = 3 if path.endswith("/revision") else 1
        assert [each.split()[0] for each in ran] == ["SELECT"] * reads + ["WITH"], path
        assert not [each for each in ran if "FOR UPDATE" in each or "FOR NO KEY" in each], path


async def test_N9_a_rehearsal_is_the_read_alone(api: Api, app: FastAPI, account: str) -> None:
    async with statements_of(app) as ran:
        reply = await api.post(f"{account}/tickets", OPENING, params={"dry_run": "true"})
    assert (reply.status_code, reply.headers["Dry-Run"]) == (201, "true")
    (read,) = ran
    assert read.startswith("SELECT")
