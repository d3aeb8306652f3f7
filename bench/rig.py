"""What the benchmark runs on: one Postgres as `surety serve` keeps it, and servers beside it.

Every server is a process of its own, on a free port of this machine, and ends with its block.
"""

import asyncio
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
from rich.progress import Progress

from app.cli.migrations import migrate
from app.db.engine.database import Database
from app.embedded import EmbeddedPostgres
from app.services.catalog.bootstrap import bootstrap
from bench.settings import ADMIN_KEY, RESULTS, ROOT

_TEMPLATE = "bench_template"
_READY_WITHIN_S = 30
_LOOK_EVERY_S = 0.3
_IDLE_S = 0.02


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked for: sizes, and how long each load lasts, in seconds."""

    entries: int
    tickets: int
    seconds: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, and what it took until it did."""

    url: str
    process: psutil.Process
    started_in_s: float
    started_with_cpu_s: float

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used since they began."""
        return float(sum(sum(each.cpu_times()[:2]) for each in self._family()))

    def memory_mb(self) -> float:
        """Return the resident memory of its largest process."""
        return float(max(each.memory_info().rss for each in self._family()) / 1_000_000)

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


class Rig:
    """The Postgres, its databases, and the servers that are started on them."""

    def __init__(self, postgres: EmbeddedPostgres, options: Options, progress: Progress) -> None:
        self.options = options
        self.progress = progress
        self.databases: dict[str, str] = {}
        self._postgres = postgres

    def make_database(self, name: str, *, like: str = "template", cold: bool = False) -> str:
        """Make a database like another that nobody uses now; its URL.

        The template is migrated, with the five catalogues. Of a `cold` one nothing is in
        Postgres's memory yet.
        """
        if not self.databases:
            asyncio.run(self._make_template())
        self.databases[name] = self._postgres.url_of(f"bench_{name}")
        asyncio.run(self._create(f"bench_{name}", template=f"bench_{like}", cold=cold))
        return self.databases[name]

    @contextmanager
    def serve(
        self,
        database_url: str,
        *,
        processes: int = 1,
        under: tuple[str, ...] = (),
        locks: bool = False,
    ) -> Iterator[Server]:
        """Run `surety serve` on a database, `under` another command that runs it if one is given.

        That one is ended by SIGINT, as at a terminal. `locks`: every write locks its account.
        """
        port = _find_free_port()
        settings = {
            "SURETY_DATABASE_URL": database_url,
            "SURETY_ADMIN_KEY": ADMIN_KEY,
            "SURETY_PORT": str(port),
            "SURETY_PROCESSES": str(processes),
            "SURETY_LOG_LEVEL": "warning",
            "SURETY_OPTIMISTIC_WRITES": str(not locks).lower(),
        }
        command = [*under, sys.executable, "-m", "app.cli", "serve"]
        with _run(command, settings, port) as server:
            yield server

    @contextmanager
    def serve_floors(
        self, database_url: str, *, replies: Path, processes: int = 1
    ) -> Iterator[Server]:
        """Run the floors' application as `surety serve` runs ours, on a database."""
        settings = {"BENCH_DATABASE_URL": database_url, "BENCH_REPLIES": str(replies)}
        with _serve_plainly("bench.floors:create_app", settings, processes) as server:
            yield server

    @contextmanager
    def serve_bare(self, modules: list[str]) -> Iterator[Server]:
        """Run an application that does nothing, and has imported these modules."""
        settings = {"BENCH_MODULES": " ".join(modules)}
        with _serve_plainly("bench.bare:create_app", settings, 1) as server:
            yield server

    async def _make_template(self) -> None:
        await self._create(_TEMPLATE, template="template1")
        url = self._postgres.url_of(_TEMPLATE)
        await asyncio.to_thread(migrate, url)
        database = Database(url, pool_size=1)
        await database.open()
        await bootstrap(database, make_key=False)
        await database.close()

    async def _create(self, name: str, *, template: str, cold: bool = False) -> None:
        # Copied as files it is behind Postgres's back; as a log it goes through its memory.
        strategy = "file_copy" if cold else "wal_log"
        connection = await asyncpg.connect(self._postgres.url)
        try:
            await connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {strategy}"
            )
        finally:
            await connection.close()


@contextmanager
def open_rig(options: Options, progress: Progress) -> Iterator[Rig]:
    """Start a Postgres in a folder of its own, as durable as ours is; it is gone in the end."""
    folder = Path(tempfile.mkdtemp(prefix="surety-bench-"))
    folder.chmod(0o711)  # Postgres's user has to reach its cluster in it
    try:
        with EmbeddedPostgres(folder, max_connections=200) as postgres:
            yield Rig(postgres, options, progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serve_plainly(factory: str, settings: dict[str, str], processes: int) -> Iterator[Server]:
    port = _find_free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", factory, "--factory"),
        *("--workers", str(processes), "--port", str(port), "--loop", "uvloop"),
        *("--http", "httptools", "--ws", "none", "--no-access-log", "--no-server-header"),
        *("--log-level", "warning"),
    ]
    with _run(command, settings, port) as server:
        yield server


@contextmanager
def _run(command: list[str], settings: dict[str, str], port: int) -> Iterator[Server]:
    # As where it is installed, a start finds its modules compiled by the one before it.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SURETY_") and name != "PYTHONDONTWRITEBYTECODE"
    } | settings
    RESULTS.mkdir(exist_ok=True)
    began = time.monotonic()
    with (
        (RESULTS / "servers.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            _wait_for_reply(process, port)
            running = psutil.Process(process.pid)
            server = Server(
                f"http://127.0.0.1:{port}",
                running,
                started_in_s=time.monotonic() - began,
                started_with_cpu_s=float(sum(running.cpu_times()[:2])),
            )
            _wait_until_idle(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)


def _wait_for_reply(process: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.monotonic() + _READY_WITHIN_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_READY_WITHIN_S)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            if process.poll() is not None or time.monotonic() > ends_at:
                raise RuntimeError(
                    f"{process.args!r} does not answer; {RESULTS}/servers.log says why"
                ) from None
            time.sleep(0.01)
        else:
            return
        finally:
            connection.close()


def _wait_until_idle(server: Server) -> None:
    """Wait for the processes that start after the first one has answered."""
    ends_at = time.monotonic() + _READY_WITHIN_S
    used = -1.0
    while time.monotonic() < ends_at and server.cpu_seconds() - used > _IDLE_S:
        used = server.cpu_seconds()
        time.sleep(_LOOK_EVERY_S)


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
