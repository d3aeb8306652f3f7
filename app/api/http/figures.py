"""Metrics of this process: what was answered, counted, and how things stand at the moment.

Prometheus's own client counts. Where several processes answer, it keeps their counts in one
folder, PROMETHEUS_MULTIPROC_DIR, and whichever process is asked adds them up.
"""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app.services.monitoring.figures import Moment

_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# They would be twice the series, for nobody.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Figures:
    """Counts requests and what came of them. Labels are ours: no caller can add to them."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._requests = Counter(
            "surety_requests",
            "Requests answered, by operation and status.",
            ("operation", "status"),
            registry=own,
        )
        self._seconds = Histogram(
            "surety_request_seconds",
            "How long requests took to be answered.",
            ("operation",),
            buckets=_BOUNDS_SECONDS,
            registry=own,
        )
        self._refusals = Counter(
            "surety_refusals",
            "Requests answered with a problem, by its code.",
            ("code",),
            registry=own,
        )
        self._opened = Counter(
            "surety_tickets_opened",
            "Tickets opened, by the plan that pays; the plan none is none.",
            ("catalog", "plan"),
            registry=own,
        )
        self._connections = Gauge(
            "surety_database_connections",
            "Connections to the database working and idle, and transactions waiting for one.",
            ("state",),
            registry=own,
            multiprocess_mode="livesum",
        )
        # Finding a series by its labels costs more than adding to it.
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """Count a request that has been answered, by what the application left in its scope."""
        operation = getattr(scope.get("route"), "name", "none")
        series = self._answered.get((operation, status))
        if series is None:
            counted = self._requests.labels(operation, str(status))
            series = counted, self._seconds.labels(operation)
            self._answered[operation, status] = series
        series[0].inc()
        series[1].observe(seconds)
        state = scope.get("state", {})
        if "problem" in state:
            self._refusals.labels(state["problem"]).inc()
        elif status < 300 and not state.get("dry_run", False):
            for name, labels in state.get("counted", ()):
                if name == "ticket_opened":
                    self._opened.labels(labels["catalog"], labels["plan"]).inc()

    def count_connections(self, use: Mapping[str, int]) -> None:
        """Note how this process's connections to the database are used now."""
        for state, count in use.items():
            self._connections.labels(state).set(count)

    def render(self, moment: Moment | None) -> bytes:
        """Return all figures as Prometheus reads them, with those of this moment, if known."""
        now = CollectorRegistry()
        if moment is not None:
            now.register(_OfTheMoment(moment))
        folder = shared_folder()
        if folder is None:
            return b"".join(map(generate_latest, (self._registry, now, REGISTRY)))
        _drop_ended_processes(folder)
        MultiProcessCollector(now, path=str(folder))  # type: ignore[no-untyped-call]
        return generate_latest(now)


class _OfTheMoment(Collector):
    """What the database says when it is asked, the same whichever process asks."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "surety_deadlines",
            "Running clocks at risk, of the 10,000 next; past their last instant (guarantees"
            " breached, targets missed), 10,000 at most.",
            "state",
            self._moment.deadlines,
        )
        yield _gauge(
            "surety_units_held",
            "Units set aside for tickets being worked on; of a quarter of a minute ago at most.",
            "unit",
            self._moment.held,
        )
        lag = self._moment.worker.lag
        if lag is None:
            return
        yield GaugeMetricFamily(
            "surety_outbox_lag_seconds",
            "Since the oldest event was recorded that the worker has not passed on.",
            value=lag.outbox_s,
        )
        yield GaugeMetricFamily(
            "surety_job_lag_seconds",
            "Since the longest waiting job is due.",
            value=lag.jobs_s,
        )
        yield GaugeMetricFamily(
            "surety_webhook_deliveries_pending",
            "Deliveries to be sent, to endpoints that are not disabled; of 10,000 at most.",
            value=lag.pending_deliveries,
        )


def shared_folder() -> Path | None:
    """Return where the processes count together; None: each is alone."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None


def _drop_ended_processes(folder: Path) -> None:
    """Leave out the connections of processes that are no more. What they counted stays."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for each, value in values.items():
        family.add_metric((each,), value)
    return family
