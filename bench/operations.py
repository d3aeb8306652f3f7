"""What is asked all day, over HTTP, beside floors with the same requests and replies.

Ours and its floors take turns, round by round; the best round of each counts. Sixteen connections
each ask again as soon as they are answered. One process first, then two. After that one process
is asked at half of what it could do, evenly.
"""

import json
import tempfile
from functools import partial
from pathlib import Path

from bench.accounts import ACCOUNTS, prepare
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.load import Template, find_tool
from bench.rig import Rig, Server
from bench.same_rows import require_same_rows
from bench.stage import CONNECTIONS, WHO, Operation, Stage
from bench.tails import add_tails

_A = "/v1/accounts/b-{a}"
_TICKET = f"{_A}/tickets/HD-{{n}}"

# A revision and a resolution take a ticket that was opened before them, so there have to be more
# of those.
OPEN = Operation(
    "open_ticket",
    Template("POST", f"{_A}/tickets", '{"ticket_id": "HD-{n}", "subject": "Checkout fails"}'),
    ("bare", "two", "guarded", "orm", "pgbench"),
    goal=("two", 0.65),
    least_rate=0.8,
    lasts=2,
    opens=True,
)
OPERATIONS = (
    OPEN,
    Operation(
        "reply_to_ticket",
        Template("POST", f"{_TICKET}/replies", '{"by": "agent"}'),
        ("bare",),
        of_opened=True,
    ),
    Operation(
        "revise_charge",
        Template("POST", f"{_TICKET}/charge/revision", '{"amount": 2, "reason": "Two faults"}'),
        ("bare",),
        p99_ms=15,
        of_opened=True,
    ),
    Operation(
        "resolve_ticket",
        Template("POST", f"{_TICKET}/resolution", '{"outcome": "solved"}'),
        ("bare",),
        p99_ms=15,
        of_opened=True,
    ),
    Operation(
        "ask_coverage",
        Template("POST", f"{_A}/coverage", '{"subject": "Checkout fails"}'),
        ("bare", "select"),
        goal=("select", 0.65),
        p99_ms=8,
    ),
    Operation(
        "get_balance",
        Template("GET", f"{_A}/balance"),
        ("bare", "select"),
        goal=("select", 0.85),
        p99_ms=8,
    ),
    Operation(
        "get_ticket_deadlines",
        Template("GET", f"{_A}/tickets/first/deadlines"),
        ("bare", "select"),
        goal=("select", 0.75),
        p99_ms=8,
    ),
    Operation("list_offers", Template("GET", "/v1/offers"), ("bare",), goal=("bare", 0.7)),
    Operation(
        "get_catalog", Template("GET", "/v1/catalogs/livecart"), ("bare",), goal=("bare", 0.7)
    ),
    Operation("read_queue", Template("GET", "/v1/queue"), ("bare", "select"), lasts=2),
    Operation(
        "place_purchase",
        Template(
            "POST",
            "/v1/accounts/s-{a}/purchases",
            '{"order_id": "SO-{n}", "offer": "livecart.express-1y", "payment": {"status": "paid"}}',
        ),
        ("bare",),
        opens=True,
    ),
    Operation(
        "cancel_purchase",
        Template(
            "POST",
            "/v1/accounts/s-{a}/purchases/SO-{n}/cancellation",
            '{"reason": "Wrong plan", "actor": "bench", "refund": "unused"}',
        ),
        ("bare",),
        of_opened=True,
    ),
)
# What they cost at most as against an opening, by processor time.
_TIMES_AN_OPENING = {
    "reply_to_ticket": 1.15,
    "revise_charge": 1.15,
    "resolve_ticket": 1.15,
    "place_purchase": 1.6,
}


def run(rig: Rig) -> Part:
    """Measure every operation beside its floors, then evenly."""
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
    url = prepare(rig, "operations")
    with rig.serve(url) as service, Client(service.url) as client:
        replies = {each.name: ask_once(client, each) for each in OPERATIONS}
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
                if processes == 1:
                    _require_same_rows(rig, service, floors)
                stage = Stage(rig, service, floors, processes=processes)
                stage.measure(OPERATIONS, rounds=max(1, rig.options.rounds - processes + 1))
                _add_loads(part, stage)
                if processes == 1:
                    _add_shares(part, stage)
                    add_tails(part, stage, OPEN, "two")
                    _add_even_loads(part, stage)
                    _add_memory(part, service)
    return part


def ask_once(client: Client, operation: Operation) -> tuple[str, str]:
    """Ask of the first account; the method and the reply."""
    template = operation.template.of(number=0, account="0")
    asked = json.loads(template.body) if template.body else None
    return template.method, client.ask(template.method, template.path, asked)[1].decode()


def _require_same_rows(rig: Rig, service: Server, floors: Server) -> None:
    """Refuse to go on where the floors of an opening write less or more than ours."""
    with Client(service.url) as ours, Client(floors.url) as theirs:
        ticket = {"ticket_id": "compared", "subject": "Checkout fails"}
        floors_url = rig.databases["floors"]
        contestants = {
            "surety": (
                rig.databases["operations"],
                partial(ours.ask, "POST", "/v1/accounts/b-0/tickets", ticket),
            )
        } | {
            who: (floors_url, partial(theirs.ask, "POST", f"/{who}/open_ticket/b-{place}", ticket))
            for place, who in enumerate(("two", "guarded", "orm"))
        }
        require_same_rows(contestants)


def _add_loads(part: Part, stage: Stage) -> None:
    """Add what was found of ours and of the floors."""
    suffix = f", {stage.processes} processes" if stage.processes > 1 else ""
    for operation in OPERATIONS:
        part.figures += stage.list_figures(operation, f"{operation.title}{suffix}")


def _add_shares(part: Part, stage: Stage) -> None:
    """Add how much of their floors ours do, by requests and by processor time."""
    for operation in OPERATIONS:
        if operation.goal is None:
            continue
        who, share = operation.goal
        ours, floor = stage.best[operation.name, "surety"], stage.best[operation.name, who]
        what = f"{operation.title}, share of {WHO[who]}"
        rates = 100 * ours.load.rate / floor.load.rate
        least = 100 * (operation.least_rate or share)
        part.goals.append(Goal(what, rates, least, "%", at_least=True))
        if ours.cpu_us and floor.cpu_us:
            times = 100 * floor.cpu_us / ours.cpu_us
            part.goals.append(
                Goal(f"{what}, by processor time", times, 100 * share, "%", at_least=True)
            )
    guarded = stage.best["open_ticket", "guarded"].cpu_us or 0
    opening = stage.best["open_ticket", "surety"].cpu_us or 1
    what = f"open ticket, share of {WHO['guarded']}, by processor time"
    part.goals.append(Goal(what, 100 * guarded / opening, 55, "%", at_least=True))
    for name, limit in _TIMES_AN_OPENING.items():
        times = (stage.best[name, "surety"].cpu_us or 0) / opening
        part.goals.append(Goal(f"{name.replace('_', ' ')}, of an opening", times, limit, "×"))
    by_orm = stage.best["open_ticket", "orm"].load.rate
    ours_by_orm = stage.best["open_ticket", "surety"].load.rate / by_orm
    part.goals.append(
        Goal("open ticket, as against an ORM session", ours_by_orm, 5, "×", at_least=True)
    )


def _add_even_loads(part: Part, stage: Stage) -> None:
    for operation in OPERATIONS:
        if operation.p99_ms is None:
            continue
        rate, load = stage.ask_evenly(operation)
        what = f"{operation.title}, evenly at half"
        part.figures.append(
            Figure(what, "surety", rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms)
        )
        part.goals.append(Goal(f"{what}: p99", load.p99_ms, operation.p99_ms, "ms"))


def _add_memory(part: Part, service: Server) -> None:
    used = service.memory_mb()
    part.figures.append(Figure("memory of a process, afterwards", "surety", used, "MB"))
    part.goals.append(Goal("memory of a process, afterwards", used, 150, "MB"))
