"""A process that has just started: how soon it answers, and what it costs to be the first.

Cold is a new process on a database of which nothing is in Postgres's memory; warm is the same
process afterwards. Then the same load again and again, to see whether its memory grows.
"""

import json
from statistics import median

from bench.accounts import ACCOUNTS, prepare
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.load import drive
from bench.operations import OPERATIONS
from bench.rig import Rig, Server
from bench.stage import Operation

_STARTS = 3
_WARM = 50
_LOADS = 6
_CONNECTIONS = 16
_NUMBERS_A_LOAD = 1_000_000
_GROWTH_MB = 5


def run(rig: Rig) -> Part:
    """Measure starts, first replies, and memory under the same load again and again."""
    part = Part("cold", "A process that has just started", sizes={"starts": _STARTS})
    prepare(rig, "cold_model")
    url = rig.make_database("cold", like="cold_model", cold=True)
    with rig.serve(url) as service:
        _add_first_replies(part, service)
        _add_growth(part, rig, service)
    _add_starts(part, rig, url)
    return part


def _add_first_replies(part: Part, service: Server) -> None:
    with Client(service.url) as client:
        for operation in OPERATIONS:
            what = f"{operation.title}, one at a time"
            took = [_ask(client, operation, number) for number in range(_WARM + 1)]
            first, warm = took[0], median(took[1:])
            part.figures += [
                Figure(what, "the first", first, "ms", times=first / warm),
                Figure(what, "warm", warm, "ms", times=1),
            ]


def _ask(client: Client, operation: Operation, number: int) -> float:
    template = operation.template.of(number=number, account=str(number % ACCOUNTS))
    body = json.loads(template.body) if template.body else None
    return client.ask(template.method, template.path, body)[0]


def _add_growth(part: Part, rig: Rig, service: Server) -> None:
    """Add its memory after a load, and after the same load several times over."""
    repeated = [each for each in OPERATIONS if not each.of_opened]
    task = rig.progress.add_task("the same load again", total=_LOADS * len(repeated))
    used = []
    for load in range(_LOADS):
        for operation in repeated:
            drive(
                service.url,
                operation.template,
                first=(load + 1) * _NUMBERS_A_LOAD,
                accounts=ACCOUNTS,
                seconds=operation.lasts * rig.options.seconds,
                connections=_CONNECTIONS,
            )
            rig.progress.advance(task)
        used.append(service.memory_mb())
    rig.progress.remove_task(task)
    for after in (1, _LOADS // 2, _LOADS):
        part.figures.append(Figure(f"memory after {after} loads", "surety", used[after - 1], "MB"))
    grown = used[-1] - used[_LOADS // 2 - 1]
    part.goals.append(Goal("memory: growth in the second half", grown, _GROWTH_MB, "MB"))


def _add_starts(part: Part, rig: Rig, url: str) -> None:
    """Add how soon a process answers on a database that is as it should be."""
    starts = []
    for _ in range(_STARTS):
        with rig.serve(url) as service:
            starts.append((service.started_in_s, service.started_with_cpu_s))
    took, cpu = min(starts)
    what = "start on an existing database"
    part.figures.append(Figure(what, "surety", took, "s", cpu_us=cpu * 1_000_000))
    part.goals.append(Goal(what, took, 1.5, "s"))
