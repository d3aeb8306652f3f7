"""Calculations: short ones at once, long ones one after another beside the event loop.

What a caller gives, a calendar or ten thousand items, decides how long one takes. So each is
tried within a little work first; what takes more is worked out in a thread, up to a limit.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.domain.time.calculation_limits import CalculationTooLarge, limit_work

Answer = TypeVar("Answer")

# In dates and shifts of a calendar that are to be worked out: some fifteen years of an ordinary
# one, and three hundred.
AT_ONCE = 10_000
MOST = 250_000
# Items, and values in what is given, that are dealt with at once.
FEW = 500
# One thread: more would only take the event loop's turns.
_beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="calculation")


async def work_out(calculate: Callable[[], Answer], *, large: bool) -> Answer:
    """Return what a pure function returns; refuses with `calculation_too_large`."""
    if not large:
        try:
            with limit_work(AT_ONCE):
                return calculate()
        except CalculationTooLarge:
            pass
    return await asyncio.get_running_loop().run_in_executor(_beside, _calculate, calculate)


def is_large(given: object) -> bool:
    """Say whether a document of objects and lists has more than a few values."""
    left, seen = [given], 0
    while left:
        value = left.pop()
        seen += 1
        if seen > FEW:
            return True
        if isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return False


def _calculate(calculate: Callable[[], Answer]) -> Answer:
    with limit_work(MOST):
        return calculate()
