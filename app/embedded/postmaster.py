"""The server process: started, kept running, stopped; and what an earlier one left behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from app.domain.values import Value
from app.embedded.errors import EmbeddedError, explain_output, explained
from app.embedded.lock import open_own
from app.embedded.users import User, start_as

_LOG_BYTES = 8 * 1024 * 1024

# A checkpoint at the end, or recovery at the beginning, takes as long as the disk takes.
_STOP_SECONDS = 30.0
_START_SECONDS = 300.0
_LEFTOVER_SECONDS = 5.0

# Ended by something else, it is started again, at most this often before we give up.
_RESTARTS = 5
_RESTARTS_SECONDS = 60.0


class Postmaster:
    """A running `postgres`, and the thread that starts it again if something else ends it.

    The thread lives as long as this process, and so the server is told to stop when this
    process dies, even by kill -9. `on_lost` hears, on that thread, why it cannot be kept.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        user: User,
        cluster: Path,
        log: Path,
        on_lost: Callable[[str], None],
    ) -> None:
        self._command = command
        self._user = user
        self._cluster = cluster
        self._log = log
        self._on_lost = on_lost
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._failure: EmbeddedError | None = None
        self._thread = threading.Thread(target=self._watch, name="postgres", daemon=True)

    def start(self) -> None:
        """Start it and return when it takes connections. Raises EmbeddedError."""
        self._thread.start()
        self._settled.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop it: connections are ended, and everything is on disk."""
        self._stopping.set()
        for wanted in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with self._changing:
                if self._process is not None:
                    self._process.send_signal(wanted)
            self._thread.join(_STOP_SECONDS)
            if not self._thread.is_alive():
                return

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def _watch(self) -> None:
        started: list[float] = []
        try:
            while not self._stopping.is_set():
                started = [at for at in started if at > time.monotonic() - _RESTARTS_SECONDS]
                if len(started) > _RESTARTS:
                    raise EmbeddedError(f"Postgres ends again and again; {self._log} says why.")
                started.append(time.monotonic())
                process = self._start()
                self._settled.set()
                process.wait()
        except EmbeddedError as error:
            self._failure = error
            if self._settled.is_set() and not self._stopping.is_set():
                self._on_lost(str(error))
        finally:
            self._settled.set()

    def _start(self) -> subprocess.Popen[bytes]:
        end_leftovers(self._cluster)
        with explained(self._log):
            log = _open_log(self._log)
        begins_at = os.fstat(log).st_size
        try:
            with explained(Path(self._command[0])), self._changing:
                process = self._process = start_as(self._user, self._command, log=log)
                if self._stopping.is_set():
                    process.send_signal(signal.SIGINT)
        finally:
            os.close(log)
        if _wait_until_ready(process, self._cluster):
            return process
        process.kill()
        process.wait()
        with explained(self._log), self._log.open("rb") as words:
            words.seek(begins_at)
            said = words.read().decode(errors="replace")
        raise EmbeddedError(explain_output(said, self._cluster))


def end_leftovers(cluster: Path) -> None:
    """End every Postgres process that still works on the cluster, whoever started it.

    Only called by the holder of the lock: what is there was left by a holder that was killed.
    They end at once, and the start that follows recovers what is on disk.
    """
    began = time.monotonic()
    while pids := _find_processes(cluster):
        is_late = time.monotonic() > began + _LEFTOVER_SECONDS
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if is_late else signal.SIGQUIT)
        time.sleep(0.01)
    said = _read_said(cluster)
    if said is not None and _is_alive(said.pid):
        # The number is another process's by now, which Postgres could not tell from its own.
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def find_socket(cluster: Path) -> Path | None:
    """Return the socket's folder if a server that takes connections works on the cluster."""
    said = _read_said(cluster)
    if said is None or not said.is_ready or said.pid not in _find_processes(cluster):
        return None
    return said.socket


def _find_processes(cluster: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_postgres = (entry / "exe").readlink().name.startswith("postgres")
            if is_postgres and (entry / "cwd").readlink() == cluster:
                found.append(int(entry.name))
    return found


class _Said(Value):
    """What a server says of itself in `postmaster.pid`."""

    pid: int
    socket: Path
    is_ready: bool


def _read_said(cluster: Path) -> _Said | None:
    try:
        lines = (cluster / "postmaster.pid").read_text().split("\n")
        return _Said(int(lines[0]), Path(lines[4]), lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _open_log(path: Path) -> int:
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return open_own(path, os.O_WRONLY | os.O_APPEND)


def _wait_until_ready(process: subprocess.Popen[bytes], cluster: Path) -> bool:
    """Wait for the line that Postgres adds to its own file when it takes connections."""
    ends_at = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < ends_at:
        said = _read_said(cluster)
        if said is not None and said.is_ready and said.pid == process.pid:
            return True
        time.sleep(0.005)
    return False
