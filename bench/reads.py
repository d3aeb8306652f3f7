"""Reads: what is looked at all day, each beside a select of the same rows; tails, and starts.

Ours and its floor take turns, round by round; the best round of each counts. After that both are
asked evenly, each at half of what it could do, in turns as well. A start is compared with that of
an application which does nothing and has imported the same libraries.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from app.db.engine.clocks import read_clock
from bench.accounts import ACCOUNTS, prepare
from bench.client import Client
from bench.dues import add_dues
from bench.figures import Figure, Goal, Part
from bench.load import Template
from bench.operations import OPERATIONS, ask_once
from bench.rig import Rig
from bench.seeding import tidy, write_open_tickets
from bench.settings import ROOT
from bench.stage import CONNECTIONS, Operation, Stage
from bench.tails import add_tails

_OPEN_TICKETS = 1_000
_STARTS = 9
_MOST_START = 1.6
_A = "/v1/accounts/b-{a}"
_SHARES = {
    "ask_coverage": 0.65,
    "get_balance": 0.85,
    "get_ticket_deadlines": 0.75,
    "get_summary": 0.55,
    "read_queue": 0.35,
    "list_deadlines": 0.35,
}
_TAILS = ("ask_coverage", "get_balance")
_MORE = (
    Operation("get_summary", Template("GET", f"{_A}/summary"), ("select",)),
    Operation("list_deadlines", Template("GET", "/v1/deadlines?status=running"), ("select",)),
)
READS = (*(each for each in OPERATIONS if each.name in _SHARES), *_MORE)


def run(rig: Rig) -> Part:
    """Measure reads beside their floors, their tails, ten thousand dues, and starts."""
    part = Part(
        "reads",
        "Reads over HTTP, and starts",
        sizes={
            "accounts": ACCOUNTS,
            "open tickets": _OPEN_TICKETS,
            "connections": CONNECTIONS,
            "rounds": rig.options.rounds,
        },
    )
    url = prepare(rig, "reads")
    asyncio.run(write_open_tickets(url, _OPEN_TICKETS, rig.progress, now=read_clock()))
    asyncio.run(tidy(url))
    with rig.serve(url) as service, Client(service.url) as client:
        replies = {each.name: ask_once(client, each) for each in READS}
        add_dues(part, client)
    floors_url = rig.make_database("reads_floors", like="reads")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(replies, file)
        file.flush()
        with (
            rig.serve(url) as service,
            rig.serve_floors(floors_url, replies=Path(file.name)) as floors,
        ):
            stage = Stage(rig, service, floors, processes=1)
            reads = tuple(_beside_select(each) for each in READS)
            stage.measure(reads, rounds=rig.options.rounds)
            for operation in reads:
                _add_share(part, stage, operation)
            for operation in reads:
                if operation.name in _TAILS:
                    add_tails(part, stage, operation, "select")
    _add_starts(part, rig, url)
    return part


def _beside_select(operation: Operation) -> Operation:
    return Operation(operation.name, operation.template, ("select",), lasts=operation.lasts)


def _add_share(part: Part, stage: Stage, operation: Operation) -> None:
    ours, floor = stage.best[operation.name, "surety"], stage.best[operation.name, "select"]
    part.figures += stage.list_figures(operation, operation.title)
    if ours.cpu_us and floor.cpu_us:
        share = 100 * floor.cpu_us / ours.cpu_us
        wanted = 100 * _SHARES[operation.name]
        goal = f"{operation.title}, share of one select, by processor time"
        part.goals.append(Goal(goal, share, wanted, "%", at_least=True))


def _add_starts(part: Part, rig: Rig, url: str) -> None:
    """Add what a start takes, beside an application that does nothing."""
    modules = _list_libraries()
    ours, bare = [], []
    for _ in range(_STARTS):
        with rig.serve(url) as service:
            ours.append((service.started_with_cpu_s, service.started_in_s))
        with rig.serve_bare(modules) as service:
            bare.append((service.started_with_cpu_s, service.started_in_s))
    cpu = [median(seconds for seconds, _ in found) for found in (ours, bare)]
    for who, found, used in zip(("surety", "bare FastAPI"), (ours, bare), cpu, strict=True):
        took = median(seconds for _, seconds in found)
        part.figures.append(Figure("start", who, took, "s", cpu_us=used * 1_000_000))
    times = cpu[0] / cpu[1]
    goal = "start as against a bare application's, by processor time"
    part.goals.append(Goal(goal, times, _MOST_START, "×"))


def _list_libraries() -> list[str]:
    """Return the libraries' modules that a process of ours has imported once it serves."""
    asked = (
        "import json, sys\n"
        "import app.cli.serving.serve, app.cli.serving.heads, app.cli.serving.process\n"
        "import app.cli.migrations\n"
        "print(json.dumps([name for name, module in sys.modules.items()"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')]))"
    )
    command = [sys.executable, "-c", asked]
    found = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True).stdout
    modules: list[str] = json.loads(found)
    return modules
