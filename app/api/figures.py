"""What monitoring reads: figures of this process, counted as it answers."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

# Half as many lines, and nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]

_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    """Counts requests and what came of them. Labels are ours: no caller can add to them."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "surety_requests",
            "Requests answered, by operation and status.",
            ["operation", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "surety_request_seconds",
            "How long requests took to be answered.",
            ["operation"],
            buckets=_BUCKETS_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "surety_refusals",
            "Requests answered with a problem, by its code.",
            ["code"],
            registry=registry,
        )
        self._opened = Counter(
            "surety_tickets_opened",
            "Tickets opened, by the plan that pays; the plan none is none.",
            ["catalog", "plan"],
            registry=registry,
        )
        self._connections = Gauge(
            "surety_database_connections",
            "Connections to the database working and idle, and transactions waiting for one.",
            ["state"],
            registry=registry,
        )
        self._deadlines = Gauge(
            "surety_deadlines",
            "Running clocks at risk, and past their last instant; of the 10,000 soonest.",
            ["state"],
            registry=registry,
        )
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """Count a request that has been answered, by what the application left in its scope."""
        operation = getattr(scope.get("route"), "name", "none")
        key = (operation, status)
        if key not in self._children:
            children = self._requests.labels(operation, status), self._seconds.labels(operation)
            self._children[key] = children
        requests, took = self._children[key]
        requests.inc()
        took.observe(seconds)
        state = scope.get("state", {})
        if "problem" in state:
            self._refusals.labels(state["problem"]).inc()
        elif status < 300 and not state.get("dry_run", False):
            for name, labels in state.get("noted", ()):
                self._count(name, labels)

    def render(self, *, connections: Mapping[str, int], deadlines: Mapping[str, int]) -> bytes:
        """Return all figures as Prometheus reads them, with those of this moment."""
        for state, count in connections.items():
            self._connections.labels(state).set(count)
        for state, count in deadlines.items():
            self._deadlines.labels(state).set(count)
        return generate_latest(self._registry)

    def _count(self, name: str, labels: Mapping[str, str]) -> None:
        if name == "ticket_opened":
            self._opened.labels(**labels).inc()
