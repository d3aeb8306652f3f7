"""Whatever happened, and for any period: a statement ties, and so do its neighbours."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings

from app.services.ledger.verification import verify_ledger
from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.entries import PROOF, add_up
from tests.support.statement import read, require_tied

_numbers = itertools.count(1)

NOTHING = dict.fromkeys(
    ("granted", "available", "held", "used", "expired", "revoked", "upcoming"), 0
) | {"unlimited": False}
OUTCOMES = {"resolve": "solved", "withdraw": "withdrawn", "defect": "vendor_defect"}
HAPPENINGS = (
    *("points", "months", "unlimited", "give"),
    *("open", "open", "open", "open_late"),
    *("revise", "resolve", "withdraw", "defect", "refund"),
    *("wait", "wait", "wait_long"),
)
# What may happen, to which of six tickets, and how much.
steps = st.lists(
    st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 5), st.integers(0, 60)),
    min_size=3,
    max_size=14,
)
edges = st.lists(st.integers(-5, 900), min_size=2, max_size=5, unique=True).map(sorted)


@dataclass
class Life:
    """One account, to which things happen; what is refused did not happen."""

    api: Api
    clock: Clock
    account: str
    tickets: int = 0
    orders: int = 0

    async def do(self, what: str, which: int, amount: int) -> None:
        match what:
            case "points":
                await self._buy("xcart-points.60")
            case "months":
                await self._buy("corporate.enterprise", payment=PROOF)
            case "unlimited":
                await self._buy("livecart.standard-1m", starts="after_current")
            case "give":
                await self._give(amount + 1)
            case "open":
                await self._open(catalog="xcart-points", category="other", amount=amount)
            case "open_late":
                at = (self.clock.now - timedelta(hours=amount)).isoformat()
                await self._open(catalog="corporate", channel="email", severity=2, at=at)
            case "wait":
                self.clock.advance(days=amount // 3, hours=which)
            case "wait_long":
                self.clock.advance(days=amount * 8)
            case _:
                await self._act(f"{self.account}/tickets/HD-{which}", what, amount)

    async def _act(self, ticket: str, what: str, amount: int) -> None:
        if what == "revise":
            await self.api.post(f"{ticket}/charge/revision", {"amount": amount, "reason": "?"})
        elif what == "refund":
            body = {"amount": amount + 1, "reason": "?", "actor": "ines"}
            await self.api.post(f"{ticket}/refund", body)
        else:
            await self.api.post(f"{ticket}/resolution", {"outcome": OUTCOMES[what]})

    async def _buy(self, offer: str, **more: Any) -> None:
        self.orders += 1
        await self.api.buy(self.account, offer, f"SO-{self.orders}", **more)

    async def _give(self, amount: int) -> None:
        self.orders += 1
        grant = {"reference": f"G-{self.orders}", "catalog": "xcart-points", "unit": "point"}
        ends = (self.clock.now + timedelta(days=amount)).isoformat()
        why = {"amount": amount, "expires_at": ends, "reason": "?", "actor": "ines"}
        await self.api.post(f"{self.account}/grants", grant | why)

    async def _open(self, **more: Any) -> None:
        body = {"ticket_id": f"HD-{self.tickets}", "subject": "?"} | more
        await self.api.post(f"{self.account}/tickets", body)
        self.tickets = (self.tickets + 1) % 6


def day(number: int) -> str:
    at: datetime = TUESDAY + timedelta(days=number)
    return at.isoformat()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=steps, days=edges)
@example(story=[("points", 0, 0)], days=[-1, 0, 1])
async def test_statements_of_any_periods_tie(
    api: Api, app: FastAPI, clock: Clock, story: list[tuple[str, int, int]], days: list[int]
) -> None:
    clock.move_to(TUESDAY)
    account = await api.make_account(f"c-{next(_numbers)}")
    life = Life(api, clock, account)
    for what, which, amount in [("points", 0, 0), ("months", 0, 0), *story]:
        await life.do(what, which, amount)
    statements = [
        await read(api, account, from_=day(start), to=day(end))
        for start, end in itertools.pairwise(days)
    ]
    for statement in (*statements, await read(api, account)):
        require_tied(statement)
    for earlier, later in itertools.pairwise(statements):
        # A unit that one of them has nothing of, it may leave out.
        for unit in earlier["closing"].keys() | later["opening"].keys():
            closing = earlier["closing"].get(unit, NOTHING)
            assert later["opening"].get(unit, NOTHING) == closing
    exported = await api.get(f"{account}/entries", headers={"Accept": "text/csv"})
    add_up(exported.text)
    async with app.state.database.transaction(read_only=True) as db:
        found = await verify_ledger(db, account_id=account.rpartition("/")[2])
    assert found.describe() == []
