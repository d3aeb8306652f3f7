"""A Postgres of Debian's, older than the one that the package carries, and a replica of it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.ports import find_free_port
from tests.support.waiting import until_now

# The oldest that are supported, where they are installed.
OLDER = sorted(Path("/usr/lib/postgresql").glob("1[567]/bin"))
_NOBODY = 65534


@contextmanager
def older_postgres(folder: Path, *, copy_of: str | None = None) -> Iterator[str]:
    """Run one in a folder, empty or a streaming copy of another; the URL of its own database."""
    programs, data = OLDER[0], folder / ("copy" if copy_of else "older")
    data.mkdir(mode=0o700)
    as_somebody: dict[str, Any] = {"cwd": "/"}
    if os.geteuid() == 0:  # as whom it would not run
        os.chown(data, _NOBODY, _NOBODY)
        as_somebody |= {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    made: list[str | Path] = [programs / "initdb", "-D", data, "-U", "surety", "-A", "trust"]
    if copy_of is not None:
        made = [programs / "pg_basebackup", "-D", data, "-d", copy_of, "-R", "-c", "fast"]
    subprocess.run([*made, "--no-sync"], check=True, capture_output=True, **as_somebody)
    port = find_free_port()
    settings = ["-h", "127.0.0.1", "-p", str(port), "-c", "unix_socket_directories=", "-F"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *settings], stderr=subprocess.DEVNULL, **as_somebody
    )
    url = f"postgresql://surety@127.0.0.1:{port}/postgres"
    try:
        _wait_for(programs, url)
        yield url
    finally:
        # Without waiting for whoever is connected still, as a test that failed may be.
        server.send_signal(signal.SIGINT)
        server.wait()


def _wait_for(programs: Path, url: str) -> None:
    ready: list[str | Path] = [programs / "pg_isready", "-q", "-d", url]
    until_now(lambda: subprocess.run(ready, check=False).returncode == 0)
