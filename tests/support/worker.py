"""Helpers of the tests of worker, shared with others."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.conftest import Connection

WORKER = (sys.executable, "-c", "from app.cli import main; main()", "worker")

JOB = "prune_idempotency_keys"


class Worker:
    """A running `surety worker`, and the lines it wrote."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def read_until(self, event: str) -> dict[str, Any]:
        """Read its log up to an event; the event."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = _read_event(line)
            if said.get("event") == event:
                return said
        raise AssertionError(f"it ended without {event}")

    def stop(self) -> tuple[int, list[dict[str, Any]]]:
        """Tell it to stop; its exit code and what it still said."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, [_read_event(line) for line in rest.splitlines()]


def _read_event(line: str) -> dict[str, Any]:
    """Read a line of its log; the time and the logger are not what a test asks for."""
    said: dict[str, Any] = json.loads(line)
    for each in ("timestamp", "level", "logger"):
        del said[each]
    return said


@contextmanager
def work(url: str, **settings: str) -> Iterator[Worker]:
    with subprocess.Popen(
        WORKER,
        env=os.environ
        | {"SURETY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/pooler"}
        | {"SURETY_WORKER_DATABASE_URL": url}
        | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Worker(process)
        finally:
            process.kill()


async def keep_replies(connection: Connection, count: int, *, age: timedelta) -> None:
    """Write replies kept long ago, a microsecond apart."""
    await connection.execute(
        "INSERT INTO idempotency_keys (account_id, digest, request_digest, created_at)"
        " SELECT 'c-1', decode(md5(n || $2::interval::text), 'hex'), 'x',"
        " now() - $2::interval + n * interval '1 microsecond' FROM generate_series(1, $1) n",
        count,
        age,
    )


async def make_due(connection: Connection) -> None:
    """Make the job's next time now, and free it of a worker that was killed."""
    await connection.execute(
        "INSERT INTO jobs.pgqueuer_schedules (entrypoint, expression, next_run)"
        " VALUES ($1, '*/10 * * * *', now()) ON CONFLICT (entrypoint, expression)"
        " DO UPDATE SET next_run = now(), heartbeat = now() - interval '1 minute'",
        JOB,
    )
