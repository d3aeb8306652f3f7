"""What else is written in a day, one after the other on one connection, beside an opening.

In each round every account is asked for all of it, one kind after the other: a ticket, an order on
account, its payment and its cancellation, a session from its booking to its end, and work. The best
round of a kind counts, by what a request cost the service's processes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.db.engine.clocks import read_clock
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig, Server

_ACCOUNTS = 100
_PATHS = tuple(f"/v1/accounts/w-{each}" for each in range(_ACCOUNTS))
_REFERENCE = "open ticket"
# Of an opening's processor time, what sells takes at most.
_MOST_TIMES = 1.6
_OF_SALES = ("order on account", "confirm payment", "cancel purchase")
_MINUTES = 10
_BECAUSE = {"reason": "Wrong plan", "actor": "bench"}
_PAID = {"status": "paid"}


@dataclass(slots=True)
class _Day:
    """A round: all that is asked for, by what it is called, of every account."""

    number: int
    times: Iterator[datetime]
    asked: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = field(default_factory=list)

    def plan(self) -> None:
        """Write down all that is asked for in this round."""
        order, ticket = f"SO-{self.number}", f"HD-{self.number}"
        session, work = f"S-{self.number}", f"W-{self.number}"
        opened = {"ticket_id": ticket, "subject": "Checkout fails", "catalog": "livecart"}
        self._ask(_REFERENCE, "tickets", opened)
        bought = {"order_id": order, "offer": "livecart.express-1y"}
        self._ask("order on account", "purchases", bought | {"payment": {"status": "pending"}})
        self._ask(
            "confirm payment", f"purchases/{order}/payment", {"reference": f"P-{self.number}"}
        )
        refunded = _BECAUSE | {"refund": "unused"}
        self._ask("cancel purchase", f"purchases/{order}/cancellation", refunded)
        booked = {"session_id": session, "kind": "chat", "minutes": _MINUTES}
        booking = [booked | {"starts_at": next(self.times).isoformat()} for _ in _PATHS]
        talk = "tickets/first/sessions"
        self.asked.append(
            (
                "book session",
                [(f"{path}/{talk}", body) for path, body in zip(_PATHS, booking, strict=True)],
            )
        )
        # One at a time, as the seller has it.
        steps = [f"{path}/{talk}/{session}/{step}" for path in _PATHS for step in ("start", "end")]
        self.asked.append(("start session, end session", [(step, {}) for step in steps]))
        logged = {"work_id": work, "minutes": 5, "by": "bench"}
        self._ask("log work", "tickets/job/work", logged)

    def _ask(self, what: str, path: str, body: dict[str, Any]) -> None:
        self.asked.append((what, [(f"{account}/{path}", body) for account in _PATHS]))


def run(rig: Rig) -> Part:
    """Measure a day's other writes."""
    part = Part(
        "writes",
        "A day's writes, one after the other",
        sizes={"accounts": _ACCOUNTS, "rounds": rig.options.rounds},
    )
    url = rig.make_database("writes")
    cost: dict[str, float] = {}
    took: dict[str, list[float]] = {}
    with rig.serve(url) as service, Client(service.url) as client:
        _make_accounts(rig, client)
        times = _list_times()
        rounds = rig.options.rounds + 1
        task = rig.progress.add_task("a day's writes", total=rounds)
        for number in range(rounds):
            day = _Day(number, times)
            day.plan()
            for what, asked in day.asked:
                cpu_us, milliseconds = _time(service, client, asked)
                if number:  # the first is for warming up
                    cost[what] = min(cost.get(what, cpu_us), cpu_us)
                    took.setdefault(what, []).extend(milliseconds)
            rig.progress.advance(task)
        rig.progress.remove_task(task)
    for what, cpu_us in cost.items():
        ranked = sorted(took[what])
        p50_ms, p99_ms = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]
        as_against = cpu_us / cost[_REFERENCE]
        part.figures.append(
            Figure(
                *(f"{what}, one connection", "surety", p50_ms, "ms"),
                p50_ms=p50_ms,
                p99_ms=p99_ms,
                cpu_us=cpu_us,
                times=as_against,
            )
        )
        if what in _OF_SALES:
            part.goals.append(Goal(f"{what}, of an opening", as_against, _MOST_TIMES, "×"))
    return part


def _time(
    service: Server, client: Client, asked: list[tuple[str, dict[str, Any]]]
) -> tuple[float, list[float]]:
    """Ask one after the other; the processor time of each, and how long each reply took."""
    busy_before = service.cpu_seconds()
    took = [client.ask("POST", path, body)[0] for path, body in asked]
    return (service.cpu_seconds() - busy_before) / len(asked) * 1_000_000, took


def _make_accounts(rig: Rig, client: Client) -> None:
    """Make accounts with incidents, with hours, and with a ticket on each."""
    hours: dict[str, Any] = {
        "reference": "hours",
        "catalog": "agency",
        "plan": "starter",
        "unit": "minute",
        "amount": 60_000,
        "reason": "A month's work",
        "actor": "bench",
        "expires_at": (read_clock() + timedelta(days=28)).isoformat(),
    }
    task = rig.progress.add_task("making accounts", total=_ACCOUNTS)
    for account in _PATHS:
        client.ask("PUT", account, {"name": "Nordwind Handel GmbH"})
        order = {"order_id": "talks", "offer": "livecart.express-3y", "payment": _PAID}
        client.ask("POST", f"{account}/purchases", order)
        client.ask("POST", f"{account}/grants", hours)
        for ticket, catalog in (("first", "livecart"), ("job", "agency")):
            body = {"ticket_id": ticket, "subject": "Checkout fails", "catalog": catalog}
            client.ask("POST", f"{account}/tickets", body)
        rig.progress.advance(task)
    rig.progress.remove_task(task)


def _list_times() -> Iterator[datetime]:
    """Yield times at which a session can be: of the weeks to come, on working days, in turn."""
    at = read_clock().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while True:
        if at.weekday() < 5 and 9 <= at.hour < 15:
            yield at
        at += timedelta(minutes=_MINUTES)
