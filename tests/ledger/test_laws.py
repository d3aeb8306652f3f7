"""The laws of `docs/laws.md`, over random histories."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.conftest import Api, Clock
from tests.ledger.conftest import LAWS
from tests.ledger.history import START, Host
from tests.ledger.machine import Histories
from tests.support.stepped_service import run_in_steps


@pytest.fixture
def host(published_url: str) -> Iterator[Host]:
    """Run the service in a loop of its own, which a history steps through."""
    clock = Clock(START)
    with run_in_steps(published_url, clock) as (runner, api):
        yield Host(runner, api, clock, api.app.state.database)


def test_every_history_keeps_the_laws(host: Host) -> None:
    """Laws 1, 2, 7, 11 and 12, and all that a charge may become."""
    histories = type("Histories", (Histories,), {"host": host})
    run_state_machine_as_test(histories, settings=LAWS)


@dataclass(frozen=True)
class Revised:
    """Lots as (amount, days), and a charge of them: first held, then revised, in the end `cost`."""

    lots: list[tuple[int, int]]
    amounts: list[int]
    cost: int


@st.composite
def revised(draw: Any) -> Revised:
    lots = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=5))
    most = st.integers(0, sum(amount for amount, _ in lots))
    return Revised(lots, draw(st.lists(most, min_size=1, max_size=5)), draw(most))


def test_a_hold_however_revised_settles_as_a_direct_charge(host: Host) -> None:
    """Law 5: and a refund of all of it leaves every lot as it was before."""

    @given(case=revised())
    @settings(LAWS, max_examples=LAWS.max_examples // 2)
    def check(case: Revised) -> None:
        first, *more = case.amounts
        in_steps, at_once = _Charged(host, case.lots), _Charged(host, case.lots)
        untouched = at_once.lots()
        in_steps.open(first)
        at_once.open(case.cost)
        at_once.act("resolution", outcome="solved")
        for amount in more:
            host.clock.advance(minutes=7)
            in_steps.act("charge/revision", amount=amount, reason="it changes")
        in_steps.act("resolution", outcome="solved", amount=case.cost)
        assert in_steps.lots() == at_once.lots()
        if case.cost:
            for charged in (in_steps, at_once):
                charged.act("refund", reason="sorry", actor="Maria")
                assert charged.lots() == untouched

    check()


class _Charged:
    """An account with lots, granted in order, and one ticket."""

    def __init__(self, host: Host, lots: list[tuple[int, int]]) -> None:
        host.clock.now = START
        host.accounts += 1
        self.host = host
        self.path = host.run(host.api.make_account(f"law5-{host.accounts}"))
        for number, (amount, days) in enumerate(lots):
            self._post(
                "grants",
                reference=f"G-{number}",
                catalog="desk",
                plan="wide",
                unit="incident",
                amount=amount,
                expires_at=START.replace(day=START.day + days).isoformat(),
                reason="a gift",
                actor="Maria",
            )

    def open(self, amount: int) -> None:
        self._post("tickets", ticket_id="HD", subject="All", catalog="desk", amount=amount)

    def act(self, what: str, **body: Any) -> None:
        self._post(f"tickets/HD/{what}", **body)

    def lots(self) -> list[tuple[int, int, int]]:
        """List what each lot has, holds and has used, in the order of their grants."""
        reply = self.host.run(self.host.api.get(f"{self.path}/lots?order=asc"))
        return [(lot["available"], lot["held"], lot["used"]) for lot in reply.json()["data"]]

    def _post(self, path: str, **body: Any) -> None:
        reply = self.host.run(self.host.api.post(f"{self.path}/{path}", body))
        assert reply.status_code in (200, 201), reply.text


async def test_stored_balances_are_a_cache(api: Api, clock: Clock) -> None:
    """Law 1: without them a balance is the same."""
    account = await api.make_account()
    await api.buy(account, "desk.wide-30d")
    await api.open(account, plan="wide", amount=4)
    clock.advance(days=2)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved", "amount": 3})
    asked = [{}, {"at": "2026-11-25T00:00:00Z"}, {"sequence": 2}]
    before = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    async with api.app.state.database.connection() as connection:
        await connection.execute("UPDATE lots SET held = 0, used = 0, revoked = 0")
        await connection.execute("UPDATE tallies SET granted = 0, held = 0, used = 0, revoked = 0")
    after = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    assert after == before
    assert before[0]["units"]["incident"]["used"] == 3
