"""Waiting for what no event of ours announces: another process, a lock, a server that starts."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

_AGAIN_S = 0.02


async def until(
    condition: Callable[[], object] | Callable[[], Awaitable[object]], *, within: float = 20
) -> None:
    """Ask a condition again and again until it holds, `within` so many seconds."""
    async with asyncio.timeout(within):
        while True:
            held = condition()
            if await held if inspect.isawaitable(held) else held:
                return
            await asyncio.sleep(_AGAIN_S)


def until_now(condition: Callable[[], object], *, within: float = 20) -> None:
    """Do as `until` does where there is no loop."""
    ends_at = time.monotonic() + within
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(_AGAIN_S)
