"""A customer to whom things happen at random, in a service that is stepped through."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.api.conftest import TUESDAY, Api, Clock
from tests.support.stepped_service import run_in_steps

# The same histories every day, new ones by `make test-long`.
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
HISTORIES = st.lists(st.integers(0, 2**32), min_size=8, max_size=16)
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
    *["wait"] * 5,
    *["continue", "buy", "cancel", "pause", "resume", "dispute", "session", "suspend", "work"],
    *["rename", "open", "decide", "reopen", "call_off"],
)
WHY = {"reason": "A test", "actor": "Ada"}


def compare_histories(url: str, compare: Callable[["Stage"], None], *, examples: int) -> None:
    """Compare what is said of a customer after each thing that happens, in so many histories."""
    opened = 0

    @given(seeds=HISTORIES)
    @settings(
        max_examples=200 if LONG else examples,
        derandomize=not LONG,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    def check(seeds: list[int]) -> None:
        nonlocal opened
        stage.begin()
        for seed in seeds:
            stage.live(seed)
            compare(stage)
        opened += len(stage.list("tickets"))

    with set_stage(url) as stage:
        check()
    assert opened >= examples  # that there was something to compare


@contextmanager
def set_stage(url: str) -> Iterator["Stage"]:
    """Run the service in a loop of its own, which a history steps through."""
    clock = Clock(TUESDAY)
    with run_in_steps(url, clock) as (runner, api):
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
        match what:
            case "wait":
                self.clock.now += chance.choice(
                    (timedelta(minutes=20), timedelta(hours=5), timedelta(days=1), timedelta(40))
                )
            case "rename":
                self.runner.run(self.api.patch(self.account, {"name": f"Name {seed}"}))
            case "open":
                self.post("tickets", self.ticket(chance))
            case "buy" | "cancel" | "suspend" | "continue":
                self.sell(what, chance)
            case _:
                if tickets := self.list("tickets"):
                    self.serve(what, f"tickets/{chance.choice(tickets)['ticket_id']}", chance)

    def sell(self, what: str, chance: Random) -> None:
        """Let something happen to what the customer has bought."""
        held = f"subscriptions/{chance.choice(self.list('subscriptions'))['id']}/suspension"
        match what:
            case "buy":
                self.post("purchases", self.order(chance.choice(OFFERS)))
            case "cancel":
                order = chance.choice(self.list("purchases"))["order_id"]
                self.post(f"purchases/{order}/cancellation", {"refund": "none"} | WHY)
            case "suspend":
                self.post(held, WHY)
            case _:
                reply = self.runner.run(self.api.delete(f"{self.account}/{held}"))
                note(f"{self.clock.now} {held} ends: {reply.status_code}")

    def serve(self, what: str, ticket: str, chance: Random) -> None:
        """Let something happen to a ticket."""
        match what:
            case "call_off":
                for each in self.list(f"{ticket}/sessions"):
                    self.post(f"{ticket}/sessions/{each['session_id']}/no-show", {})
            case "session":
                slot = self.clock.now + timedelta(minutes=chance.choice((0, 90, 2_000)))
                body = {"session_id": self.name("S"), "kind": "chat", "starts_at": slot.isoformat()}
                self.post(f"{ticket}/sessions", body)
            case _:
                actions: dict[str, tuple[str, dict[str, Any]]] = {
                    "reply": ("replies", {"by": chance.choice(("agent", "customer"))}),
                    "pause": ("pause", {"waiting_on": "customer"}),
                    "resume": ("resumption", {}),
                    "dispute": ("dispute", {"reason": "Too dear"}),
                    "decide": ("dispute/decision", {"refund_amount": 0} | WHY),
                    "reopen": ("reopening", {"reason": "It fails again"}),
                    "resolve": ("resolution", {"outcome": "solved"}),
                    "work": ("work", {"work_id": self.name("W"), "minutes": 30, "by": "jon"}),
                }
                path, more = actions[what]
                self.post(f"{ticket}/{path}", more)

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
