"""Postgres without a server: one of our own, from the wheel's programs, on a private socket.

Real Postgres with nothing to install, for `surety serve` and for the tests. Its data is kept
between runs, and outlives kill -9 of us, of it, or of everything.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from app.embedded.binaries import find_client, find_program, find_programs_for
from app.embedded.cluster import DATABASE, USER, ensure_cluster
from app.embedded.errors import EmbeddedError
from app.embedded.lock import Lock
from app.embedded.places import PORT, find_places, make_socket_folder, remove_socket_folder
from app.embedded.postmaster import Postmaster, end_leftovers, find_socket

__all__ = [
    "EmbeddedError",
    "EmbeddedPostgres",
    "find_client",
    "find_program",
    "find_running",
    "temporary_postgres",
]


def _log(why: str) -> None:
    sys.stderr.write(f"surety: {why}\n")
    os.kill(os.getpid(), signal.SIGTERM)


class EmbeddedPostgres:
    """A Postgres whose cluster is in `data_dir`, running while the context is entered.

    Entering makes what is missing, and raises EmbeddedError with the remedy when it cannot run:
    another process holds the folder, the disk is full, the folder is not ours. Nothing outside
    its own folders changes mode or owner. `durable` off trades safety for speed, for tests.
    If it ends and cannot be started again, `on_lost` is told why, on another thread.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        max_connections: int = 100,
        durable: bool = True,
        on_lost: Callable[[str], None] = _log,
    ) -> None:
        self._data_dir = data_dir
        self._max_connections = max_connections
        self._durable = durable
        self._on_lost = on_lost
        self._undo: list[Callable[[], None]] = []
        self._socket: Path | None = None
        self._postmaster: Postmaster | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def url(self) -> str:
        """The URL of the database, as libpq and the driver take it."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """The server's process id, while it runs."""
        return None if self._postmaster is None else self._postmaster.pid

    def url_of(self, database: str) -> str:
        """Return the URL of another database of this cluster."""
        return _url(database, self._socket)

    def _start(self) -> None:
        find_program("postgres")  # an installation without it is refused before anything is made
        places = find_places(self._data_dir)
        lock = Lock(places.lock)
        lock.take()
        self._undo.append(lock.release)
        programs = find_programs_for(places.user)
        end_leftovers(places.cluster)
        ensure_cluster(places, programs, durable=self._durable)
        self._socket = make_socket_folder(places)
        self._undo.append(lambda: remove_socket_folder(places))
        self._postmaster = Postmaster(
            [programs / "postgres", "-D", places.cluster, *self._options(self._socket)],
            user=places.user,
            cluster=places.cluster,
            log=places.log,
            on_lost=self._on_lost,
        )
        self._undo.append(self._postmaster.stop)
        self._postmaster.start()

    def _stop(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _options(self, socket: Path) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(socket),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "max_connections": str(self._max_connections),
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            "log_checkpoints": "off",
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]


def find_running(data_dir: Path) -> str | None:
    """Return the URL of the Postgres that another process runs in the folder, if one does."""
    socket = find_socket((data_dir / "postgres").resolve())
    return None if socket is None else _url(DATABASE, socket)


def _url(database: str, socket: Path | None) -> str:
    return f"postgresql://{USER}@/{database}?host={quote(str(socket), safe='')}"


@contextmanager
def temporary_postgres(
    *, max_connections: int = 100, within: Path | None = None
) -> Iterator[EmbeddedPostgres]:
    """Run a Postgres that is fast, forgets everything at the end, and is alone.

    Its data is in a folder of its own, which is made in `within`, or else among temporary files.
    """
    folder = Path(tempfile.mkdtemp(prefix="surety-test-", dir=within))
    folder.chmod(0o711)  # Postgres's user has to reach its cluster in it
    try:
        with EmbeddedPostgres(folder, max_connections=max_connections, durable=False) as postgres:
            yield postgres
    finally:
        shutil.rmtree(folder, ignore_errors=True)
