"""What happens between two statements of one transaction."""

from collections.abc import Awaitable, Callable
from typing import Any


class Interrupted:
    """A transaction's connection; once, after the rows of a table were read, something happens."""

    def __init__(
        self, connection: Any, *, after: str, happen: Callable[[], Awaitable[None]]
    ) -> None:
        self._connection = connection
        self._after = f"FROM {after}"
        self._happen: Callable[[], Awaitable[None]] | None = happen

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        rows = await self._connection.fetch(sql, *arguments)
        if self._happen is not None and self._after in sql:
            happen, self._happen = self._happen, None
            await happen()
        return rows

    def __getattr__(self, method: str) -> Any:
        return getattr(self._connection, method)
