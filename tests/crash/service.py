"""`surety serve` as a process that is killed, or whose Postgres is, and comes back."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

SURETY = (sys.executable, "-c", "from app.cli import main; main()")
ADMIN_KEY = "an-admin-key-that-outlives-every-crash"
_READY = re.compile(r"^Surety is ready\. Swagger UI: (http://127\.0\.0\.1:\d+)/docs$")


class Service:
    """The service on its own Postgres in a folder, started again whenever it is gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def ensure_running(self) -> None:
        """Start it, unless it runs, and return when it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = subprocess.Popen(
            [*SURETY, "serve"],
            cwd=self.folder,
            env=self._environment() | {"SURETY_PORT": "0", "SURETY_LOG_LEVEL": "error"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if found := _READY.match(line.rstrip()):
                self.url = found[1]
                return
        raise AssertionError(f"it ended: {said}")

    def kill_server(self) -> None:
        """End the process that serves, as the kernel would; its Postgres is left to itself."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def kill_postgres(self) -> None:
        """End Postgres's first process; whoever serves has to notice, and start another."""
        file = self.folder / "data" / "postgres" / "postmaster.pid"
        try:
            os.kill(int(file.read_text().split()[0]), signal.SIGKILL)
        except (FileNotFoundError, IndexError, ProcessLookupError):
            return  # it was killed just before, and is on its way back

    def verify(self) -> str:
        """Verify the ledger beside the running service, as an operator would."""
        done = subprocess.run(
            [*SURETY, "ledger", "verify"],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.communicate(timeout=60)

    def _environment(self) -> dict[str, str]:
        return os.environ | {"SURETY_ADMIN_KEY": ADMIN_KEY}
