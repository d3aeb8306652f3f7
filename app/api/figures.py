"""What monitoring reads: figures of this process, counted as it answers.

Counting is plain addition, about a microsecond, as every request pays for it; only reading
the figures makes Prometheus's shapes of them.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class _Times:
    """How many requests took up to each bound, the last being none, and all together."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_SECONDS) + 1))
    seconds: float = 0.0


class Figures(Collector):
    """Counts requests and what came of them. Labels are ours: no caller can add to them."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, ...]] = Counter()
        self._times: defaultdict[str, _Times] = defaultdict(_Times)
        self._refusals: Counter[tuple[str, ...]] = Counter()
        self._opened: Counter[tuple[str, ...]] = Counter()
        self._connections: Mapping[str, int] = {}
        self._deadlines: Mapping[str, int] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def count_request(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        """Count a request that has been answered, by what the application left in its scope."""
        operation = getattr(scope.get("route"), "name", "none")
        self._requests[operation, str(status)] += 1
        times = self._times[operation]
        times.counts[bisect_left(_BOUNDS_SECONDS, seconds)] += 1
        times.seconds += seconds
        state = scope.get("state", {})
        if "problem" in state:
            self._refusals[(state["problem"],)] += 1
        elif status < 300 and not state.get("dry_run", False):
            for name, labels in state.get("noted", ()):
                if name == "ticket_opened":
                    self._opened[labels["catalog"], labels["plan"]] += 1

    def render(self, *, connections: Mapping[str, int], deadlines: Mapping[str, int]) -> bytes:
        """Return all figures as Prometheus reads them, with those of this moment."""
        self._connections, self._deadlines = connections, deadlines
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        yield _counter(
            "surety_requests",
            "Requests answered, by operation and status.",
            ("operation", "status"),
            self._requests,
        )
        yield self._collect_times()
        yield _counter(
            "surety_refusals",
            "Requests answered with a problem, by its code.",
            ("code",),
            self._refusals,
        )
        yield _counter(
            "surety_tickets_opened",
            "Tickets opened, by the plan that pays; the plan none is none.",
            ("catalog", "plan"),
            self._opened,
        )
        yield _gauge(
            "surety_database_connections",
            "Connections to the database working and idle, and transactions waiting for one.",
            self._connections,
        )
        yield _gauge(
            "surety_deadlines",
            "Running clocks at risk, and past their last instant; of the 10,000 soonest.",
            self._deadlines,
        )

    def _collect_times(self) -> Metric:
        family = HistogramMetricFamily(
            "surety_request_seconds",
            "How long requests took to be answered.",
            labels=("operation",),
        )
        bounds = [*map(str, _BOUNDS_SECONDS), "+Inf"]
        for operation, times in self._times.items():
            buckets = list(zip(bounds, accumulate(times.counts), strict=True))
            family.add_metric((operation,), buckets=buckets, sum_value=times.seconds)
        return family


def _counter(
    name: str, text: str, labels: tuple[str, ...], counts: Mapping[tuple[str, ...], int]
) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels)
    for values, count in counts.items():
        family.add_metric(values, count)
    return family


def _gauge(name: str, text: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("state",))
    for state, value in values.items():
        family.add_metric((state,), value)
    return family
