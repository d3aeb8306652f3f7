"""The relay beside others: what happens while it works is passed over by nobody."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.services import deliveries, events
from tests.webhooks.conftest import Desk


class _Interrupted:
    """A connection during which, when the endpoints were listed, something else happens once."""

    def __init__(self, connection: Any, happen: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._happen: Callable[[], Awaitable[None]] | None = happen

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        rows = await self._connection.fetch(sql, *arguments)
        if self._happen is not None and "FROM webhooks" in sql:
            happen, self._happen = self._happen, None
            await happen()
        return rows

    def __getattr__(self, method: str) -> Any:
        return getattr(self._connection, method)


@pytest.mark.parametrize("others", [0, 1])
async def test_nothing_is_passed_over_that_happened_after_a_webhook_was_made(
    desk: Desk, account: str, others: int
) -> None:
    for _ in range(others):
        await desk.make_webhook("https://shop.example/hooks")
        await desk.api.open(account, "HD-0")
    made: list[dict[str, Any]] = []

    async def happen() -> None:
        made.append(await desk.make_webhook("https://helpdesk.example/hooks"))
        await desk.api.open(account, "HD-1")
        async with desk.database.transaction() as db:
            await events.sequence_events(db)

    async with desk.database.transaction() as db:
        await events.sequence_events(db)
    async with desk.database.transaction() as db:
        db.connection = _Interrupted(db.connection, happen)
        await deliveries.relay_events(db)
    await desk.relay()
    assert "ticket.opened" in {each["type"] for each in await desk.read_deliveries(made[0])}
