"""Helpers of the tests of serve, shared with others."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SURETY = (sys.executable, "-c", "from app.cli import main; main()")

READY = re.compile(r"^Surety is ready\. Swagger UI: http://127\.0\.0\.1:(\d+)/docs$")

KEY = re.compile(r"^The first admin key, shown this once: (surety_sk_\S+)$")


class Service:
    """A running `surety serve`: where it is, the lines it wrote, and its process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        while not (ready := READY.match(self._read_line())):
            pass
        self.url = f"http://127.0.0.1:{ready[1]}"

    def read_key(self) -> str:
        """Return the admin key that the first start shows."""
        found = KEY.match(self.lines[0])
        assert found is not None
        return found[1]

    def stop(self, wanted: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it as a terminal would; its exit code and all that it said."""
        self.process.send_signal(wanted)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, "".join(self.lines) + rest

    def _read_line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"it ended: {self.lines}"
        self.lines.append(line)
        return line.rstrip()


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[Service]:
    environment = os.environ | {"SURETY_PORT": "0", "SURETY_LOG_LEVEL": "warning"} | settings
    with subprocess.Popen(
        [*SURETY, "serve"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Service(process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SURETY, *arguments],
        cwd=folder,
        env=os.environ | {"SURETY_LOG_LEVEL": "warning"} | settings,
        capture_output=True,
        text=True,
        check=False,
    )
