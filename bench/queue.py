"""Views across accounts where a thousand tickets are open, and where very many are.

Each has a database and a process of its own; requests go one at a time, now to the one, now to
the other.
"""

import asyncio
from functools import partial
from statistics import median

from app.db.database import read_clock
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig
from bench.seeding import tidy, write_open_tickets
from bench.timing import percentile, take_turns

_SMALL = 1_000
_REQUESTS = 60
_QUEUE = "/v1/queue"
_PATHS = {
    "a page of the queue": _QUEUE,
    "a page of running deadlines": "/v1/deadlines?status=running",
}


def run(rig: Rig) -> Part:
    """Measure a page of the queue and one of deadlines on both."""
    large = rig.options.tickets
    part = Part("queue", "Views across accounts", sizes={"open tickets": large})
    urls = {}
    for name, tickets in (("queue_large", large), ("queue_small", _SMALL)):
        task = rig.progress.add_task(f"opening {tickets:,} tickets", total=None)
        urls[name] = rig.make_database(name)
        asyncio.run(_write_tickets(urls[name], tickets))
        rig.progress.remove_task(task)
    with (
        rig.serve(urls["queue_large"]) as crowded,
        rig.serve(urls["queue_small"]) as quiet,
        Client(crowded.url) as of_many,
        Client(quiet.url) as of_few,
    ):
        for what, path in _PATHS.items():
            took = take_turns(
                {
                    f"{large:,} open": partial(_ask, of_many, path),
                    f"{_SMALL:,} open": partial(_ask, of_few, path),
                },
                _REQUESTS,
            )
            many, few = (median(times) for times in took.values())
            for who, times in took.items():
                part.figures.append(
                    Figure(
                        what,
                        who,
                        median(times),
                        "ms",
                        p50_ms=median(times),
                        p99_ms=percentile(times, 0.99),
                        times=median(times) / few,
                    )
                )
            if path == _QUEUE:
                part.goals.append(
                    Goal(f"{what}: {large:,} open as against {_SMALL:,}", many / few, 1.5, "×")
                )
    return part


def _ask(client: Client, path: str, _: int) -> float:
    return client.ask("GET", path)[0]


async def _write_tickets(url: str, tickets: int) -> None:
    await write_open_tickets(url, tickets, now=read_clock())
    await tidy(url)
