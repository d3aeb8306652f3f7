"""`surety serve` as a process that is killed, or whose Postgres is, and comes back."""

import os
import re
import signal
from pathlib import Path

from tests.crash.starts import Started, Starts

ADMIN_KEY = "an-admin-key-that-outlives-every-crash"
_READY = re.compile(r"^Surety is ready\. Swagger UI: (http://127\.0\.0\.1:\d+)/docs$")


class Service:
    """The service on its own Postgres in a folder, started again whenever it is gone.

    `settings` are environment variables besides: with one for the database it has no own.
    """

    def __init__(self, folder: Path, starts: Starts, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.url = ""
        self._starts = starts
        self._server: Started | None = None

    def ensure_running(self) -> None:
        """Start it, unless it runs, and return when it answers."""
        if self._server is not None and self._server.is_running():
            return
        self._server = self._start("serve", SURETY_PORT="0", SURETY_LOG_LEVEL="error")
        said = []
        for line in self._server.output:
            said.append(line)
            if found := _READY.match(line.rstrip()):
                self.url = found[1]
                return
        raise AssertionError(f"it ended: {said}")

    def kill_server(self) -> None:
        """End the process that serves, as the kernel would; its Postgres is left to itself."""
        assert self._server is not None
        self._server.end(signal.SIGKILL)

    def kill_postgres(self) -> None:
        """End Postgres's first process; whoever serves has to notice, and start another."""
        file = self.folder / "data" / "postgres" / "postmaster.pid"
        try:
            os.kill(int(file.read_text().split()[0]), signal.SIGKILL)
        except (FileNotFoundError, IndexError, ProcessLookupError):
            return  # it was killed just before, and is on its way back

    def verify(self) -> str:
        """Verify the ledger beside the running service, as an operator would."""
        with self._start("ledger", "verify").output as output:
            return output.read()

    def stop(self) -> None:
        if self._server is not None and self._server.is_running():
            self._server.end(signal.SIGINT)

    def _start(self, *arguments: str, **settings: str) -> Started:
        return self._starts.start(
            self.folder, arguments, self.settings | settings | {"SURETY_ADMIN_KEY": ADMIN_KEY}
        )
