"""Whatever is opened, worked on, corrected and resolved, in any order: hours add up.

Each history is random, and reported out of order: work lies up to three days back.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI

from app.services.ledger.verification import verify_ledger
from tests.api.conftest import Api, Clock

MONTHS = 3
BEGINS = "2026-11-24T08:00:00Z"
SUNDAY = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
YEAR = {"from": BEGINS, "to": "2027-11-24T00:00:00Z"}


class History:
    """One random history of an account with a small package: 10 hours a month, 5 a week."""

    def __init__(self, api: Api, clock: Clock, account: str, random: Random) -> None:
        self.api, self.clock, self.account, self.random = api, clock, account, random
        self.opened: dict[str, str] = {}
        self.work: dict[str, str] = {}
        self.refusals: set[str] = set()

    async def live(self, steps: int) -> None:
        for number in range(steps):
            self.clock.advance(hours=self.random.choice([0, 1, 5, 20, 40]))
            act = self.random.choice(
                [self.open, self.log, self.log, self.log, self.correct, self.revise, self.resolve]
            )
            await act(number)

    async def open(self, number: int) -> None:
        amount = self.random.choice([None, None, 30, 120, 300])
        body = {"ticket_id": f"HD-{number}", "subject": "A theme", "amount": amount}
        if await self.post("tickets", body | {"plan": "flexible"}):
            self.opened[f"HD-{number}"] = self.clock().isoformat()

    async def log(self, number: int) -> None:
        if not self.opened:
            return
        ticket = self.random.choice(sorted(self.opened))
        back = timedelta(minutes=self.random.choice([0, 0, 30, 500, 4_000]))
        body = {
            "work_id": f"W-{number}",
            "minutes": self.random.choice([1, 30, 61, 240, 400]),
            "at": (self.clock() - back).isoformat(),
            "by": "jon",
        }
        if await self.post(f"tickets/{ticket}/work", body):
            self.work[f"W-{number}"] = ticket

    async def correct(self, _: int) -> None:
        if not self.work:
            return
        work_id = self.random.choice(sorted(self.work))
        body = {"minutes": self.random.choice([0, 20, 90, 300]), "reason": "Wrong", "actor": "mara"}
        await self.post(f"tickets/{self.work[work_id]}/work/{work_id}/correction", body)

    async def revise(self, _: int) -> None:
        if self.opened:
            ticket = self.random.choice(sorted(self.opened))
            body = {"amount": self.random.choice([0, 60, 350, 500]), "reason": "More to do"}
            await self.post(f"tickets/{ticket}/charge/revision", body)

    async def resolve(self, _: int) -> None:
        if self.opened and self.random.random() < 0.5:
            ticket = self.random.choice(sorted(self.opened))
            outcome = self.random.choice(["solved", "withdrawn"])
            await self.post(f"tickets/{ticket}/resolution", {"outcome": outcome})

    async def post(self, path: str, body: dict[str, Any]) -> bool:
        reply = await self.api.post(f"{self.account}/{path}", body)
        assert reply.status_code in (200, 201, 402, 409), reply.text
        if reply.status_code >= 400:
            self.refusals.add(reply.json()["code"])
        return reply.status_code < 400


async def buy_small_package(api: Api) -> str:
    account = await api.make_account()
    quote = {
        "offer": "agency.flexible",
        "contract_months": MONTHS,
        "allowance": 600,
        "price": {"amount": 100_000, "currency": "EUR"},
    }
    quoted = (await api.post(f"{account}/quotes", quote)).json()
    order = {"order_id": "SO-1", "quote_id": quoted["quote_id"], "payment": {"status": "paid"}}
    assert (await api.post(f"{account}/purchases", order)).status_code == 201
    return account


async def read_all(api: Api, path: str) -> list[Any]:
    found: list[Any] = []
    asked: dict[str, Any] = {"limit": 200}
    while True:
        page = (await api.get(path, params=asked)).json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


@pytest.mark.parametrize("seed", range(6))
async def test_hours_add_up(api: Api, app: FastAPI, clock: Clock, seed: int) -> None:
    account = await buy_small_package(api)
    history = History(api, clock, account, Random(seed))
    await history.live(60)
    async with app.state.database.transaction(read_only=True) as db:
        assert (await verify_ledger(db)).describe() == []
    logged = [
        work
        for ticket in sorted(set(history.work.values()))
        for work in await read_all(api, f"{account}/tickets/{ticket}/work")
    ]
    parts = [part for work in logged for part in work["parts"]]
    for work in logged:
        assert sum(part["minutes"] for part in work["parts"]) == work["minutes"]
    used = sum(part["minutes"] for part in parts if part["lot_id"] is not None)
    overage = sum(part["minutes"] for part in parts if part["source"] == "overage")
    assert used > 0
    assert "cap_reached" in history.refusals
    assert (await api.units(account, "minute"))["used"] == used
    report = (await api.get(f"{account}/overage", params=YEAR)).json()
    assert report["total_minutes"] == overage
    entries = await read_all(api, f"{account}/entries")
    assert sum(each["amount"] for each in entries if each["kind"] == "overage") == overage
    for week in range(14):  # the last second of each week, over three months
        at = (SUNDAY + timedelta(days=7 * week)).isoformat()
        caps = (await api.get(f"{account}/balance", params={"at": at})).json()["caps"]
        assert all(cap["used"] <= cap["limit"] == 300 for cap in caps), at
