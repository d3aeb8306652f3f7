"""Views across accounts where a thousand tickets are open, and where very many are.

Each has a database and a process of its own; requests go one at a time, now to the one, now to
the other.
"""

import asyncio
from pathlib import Path
from statistics import median

import asyncpg

from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig
from bench.seeding import tidy
from bench.timing import percentile

_SMALL = 1_000
_REQUESTS = 60
_WARMING = 5
_QUEUE = "/v1/queue"
_PATHS = {
    "a page of the queue": _QUEUE,
    "a page of running deadlines": "/v1/deadlines?status=running",
}
_OPEN_TICKETS = (Path(__file__).parent / "open_tickets.sql").read_text(encoding="utf-8")


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
            many, few = _ask_in_turns((of_many, of_few), path)
            for who, took in ((f"{large:,} open", many), (f"{_SMALL:,} open", few)):
                part.figures.append(
                    Figure(
                        what,
                        who,
                        median(took),
                        "ms",
                        p50_ms=median(took),
                        p99_ms=percentile(took, 0.99),
                        times=median(took) / median(few),
                    )
                )
            if path == _QUEUE:
                times = median(many) / median(few)
                part.goals.append(
                    Goal(f"{what}: {large:,} open as against {_SMALL:,}", times, 1.5, "×")
                )
    return part


def _ask_in_turns(clients: tuple[Client, Client], path: str) -> tuple[list[float], ...]:
    """Return the milliseconds of each client's requests, the first ones left out."""
    took: tuple[list[float], ...] = ([], [])
    for number in range(_WARMING + _REQUESTS):
        order = (0, 1) if number % 2 else (1, 0)
        for place in order:
            took[place].append(clients[place].ask("GET", path)[0])
    return tuple(times[_WARMING:] for times in took)


async def _write_tickets(url: str, tickets: int) -> None:
    connection = await asyncpg.connect(url, statement_cache_size=0)
    await connection.execute(_OPEN_TICKETS.format(tickets=tickets))
    await connection.close()
    await tidy(url)
