"""What is asked all day, over HTTP, beside floors with the same requests and replies.

Ours and its floors take turns, round by round; the best round of each counts. Sixteen connections
each ask again as soon as they are answered. One process first, then two. After that one process
is asked at half of what it could do, evenly, and one account by 64 connections at once.
"""

import json
import tempfile
from pathlib import Path

from rich.progress import Progress

from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.load import Template, find_tool
from bench.rig import Rig, Server
from bench.stage import ACCOUNTS, CONNECTIONS, HOT_CONNECTIONS, Operation, Stage

_A = "/v1/accounts/b-{a}"


# A resolution takes a ticket that was opened before it, so there have to be more of those.
_OPEN = Operation(
    "open_ticket",
    Template("POST", f"{_A}/tickets", '{"ticket_id": "HD-{n}", "subject": "Checkout fails"}'),
    ("bare", "two", "orm", "pgbench"),
    goal=("two", 0.6),
    p99_ms=15,
    lasts=2,
    opens=True,
)
_RESOLVE = Operation(
    "resolve_ticket",
    Template("POST", f"{_A}/tickets/HD-{{n}}/resolution", '{"outcome": "solved"}'),
    ("bare",),
    p99_ms=15,
    closes=True,
)
OPERATIONS = (
    _OPEN,
    _RESOLVE,
    Operation(
        "ask_coverage",
        Template("POST", f"{_A}/coverage", '{"subject": "Checkout fails"}'),
        ("bare", "select"),
        goal=("select", 0.6),
        p99_ms=8,
    ),
    Operation(
        "get_balance",
        Template("GET", f"{_A}/balance"),
        ("bare", "select"),
        goal=("select", 0.6),
        p99_ms=8,
    ),
    Operation(
        "get_ticket_deadlines",
        Template("GET", f"{_A}/tickets/first/deadlines"),
        ("bare", "select"),
        goal=("select", 0.6),
        p99_ms=8,
    ),
    Operation("list_offers", Template("GET", "/v1/offers"), ("bare",), goal=("bare", 0.7)),
    Operation("read_queue", Template("GET", "/v1/queue"), ("bare", "select"), lasts=2),
    Operation(
        "place_purchase",
        Template(
            "POST",
            "/v1/accounts/s-{a}/purchases",
            '{"order_id": "SO-{n}", "offer": "livecart.express-1y", "payment": {"status": "paid"}}',
        ),
        ("bare",),
    ),
)
_WHO = {
    "surety": "surety",
    "bare": "bare FastAPI",
    "select": "one select",
    "two": "two statements",
    "orm": "ORM session",
    "pgbench": "pgbench",
}


def run(rig: Rig) -> Part:
    """Measure every operation beside its floors, then evenly, then on one account."""
    part = Part(
        "operations",
        "Operations over HTTP",
        sizes={
            "accounts": ACCOUNTS,
            "connections": CONNECTIONS,
            "rounds": rig.options.rounds,
            "load": f"{rig.options.seconds:g} s by {find_tool()}",
        },
    )
    url = rig.make_database("operations")
    with rig.serve(url) as service, Client(service.url) as client:
        replies = prepare(client, rig.progress)
    floors_url = rig.make_database("floors", like="operations")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(replies, file)
        file.flush()
        for processes in (1, 2):
            with (
                rig.serve(url, processes=processes) as service,
                rig.serve_floors(
                    floors_url, replies=Path(file.name), processes=processes
                ) as floors,
            ):
                stage = Stage(rig, service, floors, processes=processes)
                stage.measure(OPERATIONS, rounds=max(1, rig.options.rounds - processes + 1))
                _add_loads(part, stage)
                if processes == 1:
                    _add_shares(part, stage)
                    _add_even_loads(part, stage)
                    _add_one_account(part, stage)
                    _add_process(part, service)
    return part


def prepare(client: Client, progress: Progress) -> dict[str, tuple[str, str]]:
    """Make the accounts, each with a purchase; return each operation's method and a reply."""
    task = progress.add_task("making accounts", total=ACCOUNTS)
    for number in range(ACCOUNTS):
        for letter in "bs":
            client.ask("PUT", f"/v1/accounts/{letter}-{number}", {"name": "Nordwind Handel GmbH"})
        account = f"/v1/accounts/b-{number}"
        order = {"order_id": "SO-1", "offer": "livecart.express-3y", "quantity": 1_000}
        client.ask("POST", f"{account}/purchases", order | {"payment": {"status": "paid"}})
        client.ask("POST", f"{account}/tickets", {"ticket_id": "first", "subject": "It fails"})
        progress.advance(task)
    progress.remove_task(task)
    replies = {}
    for operation in OPERATIONS:
        method, path, body = (
            text.replace("{n}", "0").replace("{a}", "0")
            for text in (
                operation.template.method,
                operation.template.path,
                operation.template.body,
            )
        )
        asked = json.loads(body) if body else None
        replies[operation.name] = (method, client.ask(method, path, asked)[1].decode())
    return replies


def _add_loads(part: Part, stage: Stage) -> None:
    """Add what was found of ours and of the floors."""
    for operation in OPERATIONS:
        what = operation.name.replace("_", " ")
        if stage.processes > 1:
            what += f", {stage.processes} processes"
        ours = stage.best[operation.name, "surety"].load.rate
        for (name, who), found in stage.best.items():
            if name == operation.name:
                load = found.load
                part.figures.append(
                    Figure(
                        what,
                        _WHO[who],
                        load.rate,
                        "/s",
                        p50_ms=load.p50_ms or None,
                        p99_ms=load.p99_ms or None,
                        cpu_us=found.cpu_us,
                        times=load.rate / ours,
                    )
                )


def _add_shares(part: Part, stage: Stage) -> None:
    """Add how much of their floors ours do, by requests and by processor time."""
    for operation in OPERATIONS:
        if operation.goal is None:
            continue
        who, share = operation.goal
        ours, floor = stage.best[operation.name, "surety"], stage.best[operation.name, who]
        what = f"{operation.name.replace('_', ' ')}, share of {_WHO[who]}"
        rates = 100 * ours.load.rate / floor.load.rate
        part.goals.append(Goal(what, rates, 100 * share, "%", at_least=True))
        if ours.cpu_us and floor.cpu_us:
            times = 100 * floor.cpu_us / ours.cpu_us
            part.goals.append(
                Goal(f"{what}, by processor time", times, 100 * share, "%", at_least=True)
            )
    by_orm = stage.best["open_ticket", "orm"].load.rate
    ours_by_orm = stage.best["open_ticket", "surety"].load.rate / by_orm
    part.goals.append(
        Goal("open ticket, as against an ORM session", ours_by_orm, 3, "×", at_least=True)
    )


def _add_even_loads(part: Part, stage: Stage) -> None:
    for operation in OPERATIONS:
        if operation.p99_ms is None:
            continue
        rate, load = stage.ask_evenly(operation)
        what = f"{operation.name.replace('_', ' ')}, evenly at half"
        part.figures.append(
            Figure(what, "surety", rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms)
        )
        part.goals.append(Goal(f"{what}: p99", load.p99_ms, operation.p99_ms, "ms"))


def _add_one_account(part: Part, stage: Stage) -> None:
    load = stage.ask_one_account(_OPEN)
    what = f"open ticket, one account, {HOT_CONNECTIONS} connections"
    part.figures.append(
        Figure(what, "surety", load.rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms)
    )
    part.goals.append(Goal(what, load.rate, 400, "/s", at_least=True))


def _add_process(part: Part, service: Server) -> None:
    """Add how soon the process answered when it started, and its memory after all that."""
    part.figures += [
        Figure(
            "start on an existing database",
            "surety",
            service.started_in_s,
            "s",
            cpu_us=service.started_with_cpu_s * 1_000_000,
        ),
        Figure("memory of a process, afterwards", "surety", service.memory_mb(), "MB"),
    ]
    part.goals += [
        Goal("start on an existing database", service.started_in_s, 1.5, "s"),
        Goal("memory of a process, afterwards", service.memory_mb(), 150, "MB"),
    ]
