"""Whatever happens to a customer, the summary says what everything else says of them."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, note, settings

from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.stepped_service import run_in_steps

STORE = "https://shop.example"
OFFERS = (
    "livecart.standard-1m",
    "livecart.express-1y",
    "xcart-points.60",
    "xcart-support.subscription-1m",
    "corporate.gold",
)
STEPS = (
    *["open"] * 6,
    *["reply"] * 3,
    *["resolve"] * 3,
    *["wait"] * 6,
    *["buy", "buy", "pause", "resume", "dispute", "session", "suspend", "work", "rename"],
)
WHY = {"reason": "A test", "actor": "Ada"}
# The same histories every day, new ones by `make test-long`.
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@pytest.fixture
def stage(published_url: str) -> Iterator["Stage"]:
    """Run the service in a loop of its own, which a history steps through."""
    clock = Clock(TUESDAY)
    with run_in_steps(published_url, clock) as (runner, api):
        yield Stage(runner, api, clock)


class Stage:
    """The service, and a customer of it to whom things happen."""

    def __init__(self, runner: asyncio.Runner, api: Api, clock: Clock) -> None:
        self.runner, self.api, self.clock = runner, api, clock
        self.customers = 0

    def begin(self) -> None:
        """Begin anew, with a new customer of two sellers."""
        self.customers += 1
        self.clock.now = TUESDAY
        self.numbers = 0
        self.account = self.runner.run(self.api.make_account(f"c-{self.customers}"))
        self.post("purchases", self.order("livecart.express-1y"))
        self.post("purchases", self.order("corporate.gold"))

    def live(self, seed: int) -> None:
        """Let something happen; what is refused moves nothing."""
        chance = Random(seed)
        what = chance.choice(STEPS)
        tickets = self.list("tickets")
        ticket = f"tickets/{chance.choice(tickets)['ticket_id']}" if tickets else None
        match what:
            case "wait":
                self.clock.now += chance.choice(
                    (timedelta(minutes=20), timedelta(hours=5), timedelta(days=1), timedelta(40))
                )
            case "buy":
                self.post("purchases", self.order(chance.choice(OFFERS)))
            case "open":
                self.post("tickets", self.ticket(chance))
            case "rename":
                self.runner.run(self.api.patch(self.account, {"name": f"Name {seed}"}))
            case "suspend":
                held = chance.choice(self.list("subscriptions"))["id"]
                self.post(f"subscriptions/{held}/suspension", WHY)
            case "session" if ticket:
                slot = self.clock.now + timedelta(minutes=chance.choice((0, 90, 2_000)))
                body = {"session_id": self.name("S"), "kind": "chat", "starts_at": slot.isoformat()}
                self.post(f"{ticket}/sessions", body)
            case _ if ticket:
                actions: dict[str, tuple[str, dict[str, Any]]] = {
                    "reply": ("replies", {"by": chance.choice(("agent", "customer"))}),
                    "pause": ("pause", {"waiting_on": "customer"}),
                    "resume": ("resumption", {}),
                    "dispute": ("dispute", {"reason": "Too dear"}),
                    "resolve": ("resolution", {"outcome": "solved"}),
                    "work": ("work", {"work_id": self.name("W"), "minutes": 30, "by": "jon"}),
                }
                path, body = actions[what]
                self.post(f"{ticket}/{path}", body)

    def compare(self) -> None:
        """Compare the summary with balance, subscriptions, tickets, deadlines and sessions."""
        shown, balance = self.read("summary"), self.read("balance")
        now = balance["as_of"]
        assert (shown["sequence"], shown["as_of"]) == (balance["sequence"], now)
        assert shown["name"] == self.read("")["name"]
        held = {each["id"]: each for each in self.list("subscriptions")}
        current = {
            each for each, of in held.items() if of["ends_at"] is None or of["ends_at"] > now
        }
        assert {each["subscription_id"] for each in shown["plans"]} == current
        for plan in shown["plans"]:
            self.compare_plan(plan, held[plan["subscription_id"]], balance["lots"], now)
        opened = [each for each in self.list("tickets") if each["status"] != "resolved"]
        clocks = {
            each["ticket_id"]: self.read(f"tickets/{each['ticket_id']}/deadlines")["deadlines"]
            for each in opened
        }
        tickets = shown["tickets"]
        assert (tickets["open"], tickets["paused"]) == tuple(
            sum(each["status"] == status for each in opened) for status in ("open", "paused")
        )
        self.compare_counts(tickets, opened, clocks, now)
        assert len(tickets["next"]) == min(len(opened), 3)
        for line in tickets["next"]:
            (ticket,) = (each for each in opened if each["ticket_id"] == line["ticket_id"])
            self.compare_ticket(line, ticket, clocks[line["ticket_id"]])
        # What is booked ends with its ticket.
        booked = [
            each["session_id"]
            for ticket in self.list("tickets")
            for each in self.list(f"tickets/{ticket['ticket_id']}/sessions")
            if each["status"] == "running"
            or (
                each["status"] == "booked"
                and each["ends_at"] > now
                and ticket["status"] != "resolved"
            )
        ]
        assert {each["session_id"] for each in shown["sessions"]} <= set(booked)
        assert len(shown["sessions"]) == min(len(booked), 3)
        assert shown["disputes"] == len(
            [
                each
                for each in self.runner.run(
                    self.api.get("/v1/disputes", params={"status": "open", "limit": 200})
                ).json()["data"]
                if f"/v1/accounts/{each['account_id']}" == self.account
            ]
        )

    def compare_counts(
        self, tickets: Any, opened: list[Any], clocks: dict[str, list[Any]], now: str
    ) -> None:
        """Compare what is at risk and late with each ticket's own clocks, and with the queue."""
        found = {"at_risk": 0, "breached": 0, "missed": 0}
        for ticket in opened:
            owed = [
                each
                for each in clocks[ticket["ticket_id"]]
                if each["met_at"] is None
                and each["breaches_after"] is not None
                and (each["status"] == "running" or _is_lapsed(each))
            ]
            if ticket["status"] == "paused" or not owed:
                continue
            first = min(owed, key=lambda each: each["breaches_after"])
            if _is_lapsed(first):
                found[first["status"]] += 1
            elif any(_is_at_risk(each, now) for each in owed):
                found["at_risk"] += 1
        assert {name: tickets[name] for name in found} == found
        if self.customers == 1:  # whose alone the queue is
            queue = self.runner.run(self.api.get("/v1/queue", params={"limit": 200})).json()
            assert {name: queue["counts"][name] for name in found} == found

    def compare_plan(self, plan: Any, held: Any, lots: list[Any], now: str) -> None:
        names = ("catalog", "plan", "site", "starts_at", "ends_at", "status")
        assert {name: plan[name] for name in names} == {name: held[name] for name in names}
        usable = [
            lot
            for lot in lots
            if lot["subscription_id"] == plan["subscription_id"]
            and lot["valid_from"] <= now < (lot["expires_at"] or "9999")
        ]
        left = plan["remaining"]
        assert left["held"] == sum(lot["held"] for lot in usable)
        if left["unlimited"]:
            assert all(lot["granted"] is None for lot in usable)
        else:
            assert left["available"] == sum(lot["available"] for lot in usable)

    def compare_ticket(self, line: Any, ticket: Any, clocks: list[Any]) -> None:
        assert (line["subject"], line["status"]) == (ticket["subject"], ticket["status"])
        charge = ticket["charge"]
        assert line["charge"]["held"] == charge["held"]
        owed = [each for each in clocks if each["status"] == "running" or _is_lapsed(each)]
        if line["next_deadline"] is None:
            assert not [each for each in owed if each["met_at"] is None]
        else:
            next_ = line["next_deadline"]
            assert (next_["metric"], next_["due_at"], next_["status"]) in [
                (each["metric"], each["due_at"], each["status"]) for each in owed
            ]

    def ticket(self, chance: Random) -> dict[str, Any]:
        body = {"ticket_id": self.name("HD"), "subject": f"Question {self.numbers}"}
        catalog = chance.choice(
            ("livecart", "corporate", "xcart-points", "xcart-support", "agency")
        )
        more: dict[str, dict[str, Any]] = {
            "corporate": {"severity": chance.randint(1, 4)},
            "xcart-points": {"category": "level-1"},
            "xcart-support": {"site": STORE},
        }
        return body | {"catalog": catalog} | more.get(catalog, {})

    def order(self, offer: str) -> dict[str, Any]:
        order = {"order_id": self.name("SO"), "offer": offer, "payment": {"status": "paid"}}
        return order | ({"site": STORE} if "xcart-support" in offer else {})

    def name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}-{self.numbers}"

    def post(self, path: str, body: dict[str, Any]) -> None:
        reply = self.runner.run(self.api.post(f"{self.account}/{path}", body))
        note(f"{self.clock.now} {path} {body}: {reply.status_code}")
        assert reply.status_code < 500, reply.text

    def read(self, path: str) -> Any:
        reply = self.runner.run(self.api.get(f"{self.account}/{path}".rstrip("/")))
        assert reply.status_code == 200, reply.text
        return reply.json()

    def list(self, path: str) -> list[Any]:
        data: list[Any] = self.read(f"{path}?limit=200")["data"]
        return data


def _is_lapsed(clock: Any) -> bool:
    return clock["status"] in ("breached", "missed")


def _is_at_risk(clock: Any, now: str) -> bool:
    return clock["status"] == "running" and clock["warn_at"] is not None and clock["warn_at"] <= now


def test_N7_the_summary_says_what_everything_else_says(stage: Stage) -> None:
    @given(seeds=st.lists(st.integers(0, 2**32), min_size=8, max_size=16))
    @settings(
        max_examples=200 if LONG else 12,
        derandomize=not LONG,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    def check(seeds: list[int]) -> None:
        stage.begin()
        for seed in seeds:
            stage.live(seed)
            stage.compare()

    check()
