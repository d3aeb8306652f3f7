"""Where one ticket is open, where a thousand are, and where very many: most of them overdue.

Each has a database and a process of its own; requests go one at a time, to one after the other.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median

from app.db.engine.clocks import read_clock
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig
from bench.seeding import tidy, write_open_tickets
from bench.timing import percentile, take_turns

_ONE, _SMALL = 1, 1_000
_REQUESTS = 60
_MOST_TIMES = 1.5
_ACCOUNT = "/v1/accounts/q-1"
_TICKETS = f"{_ACCOUNT}/tickets"
_PAGES = {
    "the queue": "/v1/queue",
    "running deadlines": "/v1/deadlines?status=running",
    "breached deadlines": "/v1/deadlines?status=breached",
}

MakeRequest = Callable[[int], tuple[str, str, object]]
"""Gives method, path and body for a number."""


def run(rig: Rig) -> Part:
    """Measure views across accounts, and what happens to a ticket, on all three."""
    large = rig.options.tickets
    part = Part("queue", "As more tickets are open", sizes={"open tickets, most": large})
    with ExitStack() as running:
        clients = {
            f"{tickets:,} open": running.enter_context(_serve(rig, tickets))
            for tickets in (large, _SMALL, _ONE)
        }
        for client in clients.values():
            order = {"order_id": "SO-1", "offer": "livecart.express-3y", "quantity": 100}
            client.ask("POST", f"{_ACCOUNT}/purchases", order | {"payment": {"status": "paid"}})
        for what, make_request in _list_operations():
            askers = {who: partial(_ask, client, make_request) for who, client in clients.items()}
            _add(part, what, take_turns(askers, _REQUESTS))
    return part


@contextmanager
def _serve(rig: Rig, tickets: int) -> Iterator[Client]:
    """Give a client of a service with so many open tickets."""
    url = rig.make_database(f"queue_{tickets}")
    asyncio.run(write_open_tickets(url, tickets, rig.progress, now=read_clock()))
    asyncio.run(tidy(url))
    with rig.serve(url) as service, Client(service.url) as client:
        yield client


def _list_operations() -> Iterator[tuple[str, MakeRequest]]:
    for what, path in _PAGES.items():
        yield f"a page of {what}", partial(_read, path)
    yield (
        "open a ticket",
        lambda number: ("POST", _TICKETS, {"ticket_id": f"new-{number}", "subject": "It fails"}),
    )
    yield (
        "answer it",
        lambda number: ("POST", f"{_TICKETS}/new-{number}/replies", {"by": "agent"}),
    )
    yield (
        "settle it",
        lambda number: ("POST", f"{_TICKETS}/new-{number}/resolution", {"outcome": "solved"}),
    )


def _read(path: str, _: int) -> tuple[str, str, object]:
    return "GET", path, None


def _ask(client: Client, make_request: MakeRequest, number: int) -> float:
    return client.ask(*make_request(number))[0]


def _add(part: Part, what: str, took: dict[str, list[float]]) -> None:
    many, few, _ = (median(times) for times in took.values())
    for who, times in took.items():
        middle = median(times)
        part.figures.append(
            Figure(
                what,
                who,
                middle,
                "ms",
                p50_ms=middle,
                p99_ms=percentile(times, 0.99),
                times=middle / few,
            )
        )
    large, small, _ = took
    part.goals.append(Goal(f"{what}: {large} as against {small}", many / few, _MOST_TIMES, "×"))
