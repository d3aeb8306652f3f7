"""Whatever is bought, used, cancelled, upgraded and renewed: no unit and no cent is lost.

Random histories of one account, done to the service as a storefront and a helpdesk do them.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.engine.database import Database
from app.services.ledger.verification import verify_ledger
from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.statement import require_tied
from tests.support.stepped_service import run_in_steps

Answer = TypeVar("Answer")
HISTORIES = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 20
OFFERS = (
    "livecart.standard-1m",
    "livecart.standard-1y",
    "livecart.priority-1y",
    "livecart.express-1y",
    "livecart.express-2y",
    "corporate.gold",
    "xcart-points.60",
    "xcart-support.incident-normal",
)
# What a shop may ask for in vain.
REFUSED = ("site_already_covered", "quote_expired", "quote_outdated", "purchase_cancelled")
PLAIN = ("granted", "available", "held", "used", "expired", "revoked", "upcoming")

# Something to use, to cancel and to upgrade is there from the beginning.
BEGINNING = [(("buy", "livecart.standard-1y"), 0), (("buy", "corporate.gold"), 0)]

picks = st.integers(0, 99)
steps = st.one_of(
    st.tuples(st.just("buy"), st.sampled_from(OFFERS)),
    st.tuples(st.just("open"), picks),
    st.tuples(st.just("open"), picks),
    st.tuples(st.just("resolve"), st.sampled_from(("solved", "withdrawn", "vendor_defect"))),
    st.tuples(st.just("cancel"), st.sampled_from(("none", "unused", "full"))),
    st.tuples(st.just("upgrade"), st.sampled_from(OFFERS)),
    st.tuples(st.just("quote"), st.sampled_from(OFFERS)),
    st.tuples(st.just("buy quote"), st.sampled_from(("paid", "pending"))),
    st.tuples(st.just("order"), st.sampled_from(OFFERS)),
    st.tuples(st.just("pay"), picks),
    st.tuples(st.just("grant"), st.integers(1, 5)),
    st.tuples(st.just("license"), picks),
    st.tuples(st.just("refund"), picks),
    st.tuples(st.just("renew"), picks),
    st.tuples(st.just("wait"), st.sampled_from((1, 20, 31, 200))),
)


class Shop:
    """One account's history, and what it has paid."""

    def __init__(self, api: Api, clock: Clock, account: str) -> None:
        self.api, self.clock, self.account = api, clock, account
        self.orders: list[str] = []
        self.tickets: list[str] = []
        self.cash = 0
        self.quotes: list[str] = []
        self.pending: list[str] = []
        self.resolved: list[str] = []
        self.marks = 0

    async def do(self, step: tuple[str, Any], pick: int) -> None:
        what, how = step
        match what:
            case "buy":
                await self._buy({"offer": how})
            case "open":
                await self._open(("livecart", "corporate")[how % 2])
            case "resolve" if self.tickets:
                ticket = self.tickets.pop(pick % len(self.tickets))
                body = {"outcome": how}
                await self._post(f"tickets/{ticket}/resolution", body, 200)
                self.resolved.append(ticket)
            case "cancel" if self.orders:
                body = {"refund": how, "reason": "Moved", "actor": "ines"}
                reply = await self._post(f"purchases/{self._pick(pick)}/cancellation", body)
                if reply.status_code == 200:
                    self.cash -= reply.json()["cancellation"]["refund_amount"]["amount"]
            case "upgrade" if self.orders:
                body = {"offer": how}
                reply = await self._post(f"purchases/{self._pick(pick)}/upgrade-quote", body)
                if reply.status_code == 201:
                    await self._buy({"quote_id": reply.json()["quote_id"]})
            case "renew" if self.orders:
                order_id = f"SO-{len(self.orders)}"
                path = f"purchases/{self._pick(pick)}/renewal"
                self._paid(order_id, await self._post(path, {"order_id": order_id}))
            case "wait":
                self.clock.advance(days=how)
            case _:
                await self._do_more(what, how, pick)

    async def _do_more(self, what: str, how: Any, pick: int) -> None:
        match what:
            case "quote" if self.orders:
                body = {"offer": how}
                reply = await self._post(f"purchases/{self._pick(pick)}/upgrade-quote", body)
                if reply.status_code == 201:
                    self.quotes.append(reply.json()["quote_id"])
            case "buy quote" if self.quotes:
                quote = {"quote_id": self.quotes.pop(pick % len(self.quotes))}
                await (self._buy(quote) if how == "paid" else self._order(quote))
            case "order":
                await self._order({"offer": how})
            case "pay" if self.pending:
                await self._pay(self.pending.pop(pick % len(self.pending)))
            case "grant":
                await self._grant(how)
            case "license":
                licence = {"license_id": f"LIC-{pick % 3}", "product": "Shop"}
                await self._post("licenses", licence | {"catalog": "xcart-points"})
            case "refund" if self.resolved:
                body = {"reason": "A bug", "actor": "ines", "cause": "vendor_defect"}
                await self._post(f"tickets/{self.resolved.pop()}/refund", body)

    async def check(self) -> None:
        """Money and units add up, and nothing is below zero."""
        orders = (await self._get("purchases"))["data"]
        kept = sum(
            each["cancellation"]["kept_amount"]["amount"]
            if each["cancellation"]
            else -sum(line["amount"] for line in each["lines"] if _is_credit(line))
            + each["total"]["amount"]
            for each in orders
            if each["paid_at"]
        )
        assert self.cash == kept >= 0
        paid = {each["order_id"]: each["total"]["amount"] for each in orders if each["paid_at"]}
        for each in (each["cancellation"] for each in orders if each["cancellation"]):
            for part in each["payments"]:
                paid[part["order_id"]] -= part["amount"]["amount"]
        assert min(paid.values(), default=0) >= 0
        for lot in (lot for each in orders for lot in each["lots"] if lot["granted"] is not None):
            total = sum(lot[name] for name in ("available", "held", "used", "expired", "revoked"))
            if lot["valid_from"] <= _show(self.clock):
                assert total == lot["granted"]
            else:  # of what is to come, only what is taken back counts
                assert total == lot["revoked"]
        balance = await self._get("balance")
        for totals in balance["units"].values():
            assert all((totals[name] or 0) >= 0 for name in PLAIN)
        assert all((lot["available"] or 0) >= 0 for lot in balance["lots"])
        require_tied(await self._get("statement"))

    async def _buy(self, what: dict[str, Any]) -> None:
        order_id = f"SO-{len(self.orders)}"
        body = {"order_id": order_id, "payment": {"status": "paid"}} | what
        reply = await self._post("purchases", body)
        assert reply.status_code == 201 or reply.json()["code"] in REFUSED, reply.text
        self._paid(order_id, reply)

    def _paid(self, order_id: str, reply: Any) -> None:
        if reply.status_code == 201:
            self.orders.append(order_id)
            self.cash += reply.json()["total"]["amount"]

    async def _order(self, what: dict[str, Any]) -> None:
        """Place an order that is to be paid later."""
        self.marks += 1
        order_id = f"SO-P{self.marks}"
        body = {"order_id": order_id, "payment": {"status": "pending"}} | what
        reply = await self._post("purchases", body)
        if reply.status_code == 201:
            self.pending.append(order_id)

    async def _pay(self, order_id: str) -> None:
        reply = await self._post(f"purchases/{order_id}/payment", {"reference": order_id})
        if reply.status_code == 200:
            self.cash += reply.json()["total"]["amount"]
            self.orders.append(order_id)

    async def _grant(self, amount: int) -> None:
        self.marks += 1
        body = {"reference": f"goodwill-{self.marks}", "catalog": "livecart", "plan": "express"}
        body |= {"unit": "incident", "reason": "Goodwill", "actor": "ines"}
        await self._post("grants", body | {"amount": amount}, 201)

    async def _open(self, catalog: str) -> None:
        ticket_id = f"HD-{self.account[-4:]}-{len(self.tickets)}-{self.clock.now.timestamp()}"
        body: dict[str, Any] = {"ticket_id": ticket_id, "subject": "How?", "catalog": catalog}
        body["severity"] = 2 if catalog == "corporate" else None
        reply = await self._post("tickets", body)
        assert reply.status_code in (200, 201, 402), reply.text
        if reply.status_code == 201:
            self.tickets.append(ticket_id)

    def _pick(self, pick: int) -> str:
        return self.orders[pick % len(self.orders)]

    async def _get(self, path: str) -> Any:
        params = {"limit": 200} if path == "purchases" else {}
        reply = await self.api.get(f"{self.account}/{path}", params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def _post(self, path: str, body: Any, expected: int | None = None) -> Any:
        reply = await self.api.post(f"{self.account}/{path}", body)
        assert expected in (None, reply.status_code), reply.text
        assert reply.status_code < 500
        return reply


def _is_credit(line: Any) -> bool:
    return str(line["text"]).startswith("Credit for the order")


def _show(clock: Clock) -> str:
    return clock.now.isoformat().replace("+00:00", "Z")


class Host:
    """The service, in a loop of its own that histories step through."""

    def __init__(self, runner: asyncio.Runner, api: Api, clock: Clock) -> None:
        self.runner, self.api, self.clock = runner, api, clock
        self.accounts = 0

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    async def live(self, history: list[tuple[tuple[str, Any], int]]) -> None:
        self.accounts += 1
        self.clock.now = TUESDAY
        account_id = f"h-{self.accounts:04}"
        shop = Shop(self.api, self.clock, await self.api.make_account(account_id))
        for step, pick in [*BEGINNING, *history]:
            await shop.do(step, pick)
            await shop.check()
            self.clock.now += timedelta(minutes=1)
        database: Database = self.api.app.state.database
        async with database.transaction(read_only=True) as db:
            assert (await verify_ledger(db, account_id=account_id)).describe() == []


@pytest.fixture
def host(published_url: str) -> Iterator[Host]:
    clock = Clock(TUESDAY)
    with run_in_steps(published_url, clock) as (runner, api):
        yield Host(runner, api, clock)


def test_no_history_of_sales_loses_a_unit_or_a_cent(host: Host) -> None:
    @settings(
        max_examples=HISTORIES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(history=st.lists(st.tuples(steps, picks), min_size=10, max_size=14))
    def live(history: list[tuple[tuple[str, Any], int]]) -> None:
        host.run(host.live(history))

    live()
