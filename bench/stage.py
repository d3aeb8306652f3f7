"""One setting of servers, and the loads that ours and the floors take turns in."""

from dataclasses import dataclass, replace

from bench.accounts import ACCOUNTS
from bench.figures import Figure
from bench.load import Load, Template, drive
from bench.pgbench import drive_postgres
from bench.rig import Rig, Server

CONNECTIONS = 16
_NUMBERS_A_LOAD = 1_000_000
_HALF_FOR_SECONDS = 3
_FLOORS_OF_TWO_PROCESSES = ("two", "select")
# What those compared are called in a report.
WHO = {
    "surety": "surety",
    "bare": "bare FastAPI",
    "select": "one select",
    "two": "two statements",
    "guarded": "select, guarded statement",
    "orm": "ORM session",
    "pgbench": "pgbench",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it is asked for, and the floors it stands beside.

    `goal` is the floor of which ours is to do a share, and `least_rate` another one of its rate.
    `p99_ms` is what 99 of 100 replies are to take at most, at half of what one process can do.
    `lasts` is in loads of usual length. One that is `of_opened` takes the tickets that one which
    `opens` made last, by their numbers.
    """

    name: str
    template: Template
    floors: tuple[str, ...]
    goal: tuple[str, float] | None = None
    least_rate: float | None = None
    p99_ms: float | None = None
    lasts: int = 1
    opens: bool = False
    of_opened: bool = False

    @property
    def title(self) -> str:
        """What a report calls it."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Found:
    """The best load of one of those compared, and what a request cost the server at least."""

    load: Load
    cpu_us: float | None

    def better(self, other: "Found | None") -> "Found":
        """Return the better of both in each."""
        if other is None:
            return self
        load = max(self.load, other.load, key=lambda each: each.rate)
        cpu_us = min(self.cpu_us, other.cpu_us) if self.cpu_us and other.cpu_us else None
        return Found(load, cpu_us)


class Stage:
    """Our server and the floors', with so many processes each, and what was found on them."""

    def __init__(self, rig: Rig, service: Server, floors: Server, *, processes: int) -> None:
        self.rig = rig
        self.service = service
        self.floors = floors
        self.processes = processes
        self.best: dict[tuple[str, str], Found] = {}
        self._opened = 0
        self._first_opened = 0
        self._first = processes * 1_000 * _NUMBERS_A_LOAD

    def measure(self, operations: tuple[Operation, ...], *, rounds: int) -> None:
        """Let ours and the floors of each operation take turns, in so many rounds."""
        turns = [(each, who) for each in operations for who in ("surety", *self._floors_of(each))]
        task = self.rig.progress.add_task(
            f"operations, processes: {self.processes}", total=len(turns) * rounds
        )
        for _ in range(rounds):
            for operation, who in turns:
                key = (operation.name, who)
                self.best[key] = self._load(operation, who).better(self.best.get(key))
                self.rig.progress.advance(task)
        self.rig.progress.remove_task(task)

    def ask(self, operation: Operation) -> Load:
        """Ask ours as fast as it answers."""
        return self._load(operation, "surety").load

    def ask_evenly(self, operation: Operation, who: str = "surety") -> tuple[float, Load]:
        """Ask at half of the best rate found, whatever the replies; that rate, and what came."""
        rate = self.best[operation.name, who].load.rate / 2
        server, template = self._find(operation, who)
        load = drive(
            server.url,
            template,
            first=self._take_numbers(operation, ours=who == "surety"),
            accounts=ACCOUNTS,
            seconds=_HALF_FOR_SECONDS * self.rig.options.seconds,
            rate=rate,
            limit=self._opened if operation.of_opened else None,
        )
        if operation.opens and who == "surety":
            self._opened = load.requests
        return rate, load

    def list_figures(self, operation: Operation, what: str) -> list[Figure]:
        """Return what was found of an operation, of ours and of its floors."""
        ours = self.best[operation.name, "surety"].load.rate
        return [
            Figure(
                what,
                WHO[who],
                found.load.rate,
                "/s",
                p50_ms=found.load.p50_ms or None,
                p99_ms=found.load.p99_ms or None,
                cpu_us=found.cpu_us,
                times=found.load.rate / ours,
            )
            for (name, who), found in self.best.items()
            if name == operation.name
        ]

    def _floors_of(self, operation: Operation) -> tuple[str, ...]:
        if self.processes == 1:
            return operation.floors
        return tuple(each for each in operation.floors if each in _FLOORS_OF_TWO_PROCESSES)

    def _load(self, operation: Operation, who: str) -> Found:
        seconds = self.rig.options.seconds * operation.lasts
        if who == "pgbench":
            rate = drive_postgres(
                self.rig.databases["floors"],
                accounts=ACCOUNTS,
                connections=CONNECTIONS,
                seconds=seconds,
            )
            return Found(Load(round(rate * seconds), seconds, 0, 0, 0), None)
        server, template = self._find(operation, who)
        busy_before = server.cpu_seconds()
        load = drive(
            server.url,
            template,
            first=self._take_numbers(operation, ours=who == "surety"),
            accounts=ACCOUNTS,
            seconds=seconds,
            connections=CONNECTIONS,
            limit=self._opened if operation.of_opened else None,
        )
        if operation.opens and who == "surety":
            # Those under way when the time was up may not have been.
            self._opened = load.requests - 4 * CONNECTIONS
        busy = server.cpu_seconds() - busy_before
        return Found(load, busy / load.requests * 1_000_000)

    def _find(self, operation: Operation, who: str) -> tuple[Server, Template]:
        """Return whom to ask, and what."""
        if who == "surety":
            return self.service, operation.template
        template = replace(operation.template, path=f"/{who}/{operation.name}/b-{{a}}")
        return self.floors, template

    def _take_numbers(self, operation: Operation, *, ours: bool) -> int:
        """Return the first number of a load: for those of tickets, of the ones opened last."""
        if operation.of_opened:
            return self._first_opened
        self._first += _NUMBERS_A_LOAD
        if operation.opens and ours:
            self._first_opened = self._first
        return self._first
