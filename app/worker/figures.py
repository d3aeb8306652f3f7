"""Figures of jobs, for monitoring: how often they ran, how they ended, how long they took.

They are in Prometheus's default registry: `/metrics` shows them where the jobs run beside a
server, and `surety worker` by itself at SURETY_WORKER_METRICS_PORT.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram, disable_created_metrics

# They would be twice the series, for nobody.
disable_created_metrics()  # type: ignore[no-untyped-call]

_RUNS = Counter("surety_job_runs", "Jobs run, by how they ended.", ("job", "outcome"))
_SECONDS = Histogram(
    "surety_job_seconds",
    "How long jobs took.",
    ("job",),
    buckets=(0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0),
)

_ATTEMPTS = Counter(
    "surety_webhook_attempts", "Attempts to deliver an event, by what came of them.", ("result",)
)


@contextmanager
def counted(job: str) -> Iterator[None]:
    """Count a job's run, and time it."""
    outcome = "failed"
    try:
        with _SECONDS.labels(job).time():
            yield
        outcome = "done"
    finally:
        _RUNS.labels(job, outcome).inc()


def count_attempt(result: str) -> None:
    """Count an attempt to deliver that has ended."""
    _ATTEMPTS.labels(result).inc()
