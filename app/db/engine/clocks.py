"""Clocks: what is asked what time it is, and ours, the only one that is read."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
# Seconds since some instant, that nobody sets back or forward.
Steady = Callable[[], float]


def read_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  the one place where the clock is read
