"""Times of single calls, and percentiles."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_ROUNDS = 10
_ROUND_SECONDS = 0.02
_PASS_SECONDS = 0.05
_WARMING = 5


def time_calls(
    contestants: Mapping[str, Callable[[Any], object]], arguments: Mapping[str, Sequence[Any]]
) -> dict[str, float]:
    """Return the microseconds of one call of each: the mean of a pass over its arguments.

    They take turns, and the best pass of each counts: whatever else the machine does makes a
    pass slower, never faster. Of slow ones a pass has fewer arguments.
    """
    fitting = {name: _fit(call, arguments[name]) for name, call in contestants.items()}
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(_ROUNDS):
        for name, call in contestants.items():
            best[name] = min(best[name], _best_pass(call, fitting[name]))
    return best


def take_turns(
    contestants: Mapping[str, Callable[[int], float]], count: int
) -> dict[str, list[float]]:
    """Return what each of them gave for the numbers up to `count`, after a few to warm up.

    Who goes first changes from number to number.
    """
    found: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants.items())
    for number in range(count + _WARMING):
        for name, call in order if number % 2 else order[::-1]:
            found[name].append(call(number))
    return {name: values[_WARMING:] for name, values in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _fit(call: Callable[[Any], object], arguments: Sequence[Any]) -> Sequence[Any]:
    began = time.perf_counter()
    call(arguments[0])
    took = time.perf_counter() - began
    return arguments[: max(1, int(_PASS_SECONDS / took))]


def _best_pass(call: Callable[[Any], object], arguments: Sequence[Any]) -> float:
    best = float("inf")
    ends_at = time.perf_counter() + _ROUND_SECONDS
    while True:
        began = time.perf_counter()
        for argument in arguments:
            call(argument)
        ended = time.perf_counter()
        best = min(best, (ended - began) / len(arguments) * 1_000_000)
        if ended >= ends_at:
            return best
