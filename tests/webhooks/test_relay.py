"""The relay beside others: what happens while it works is passed over by nobody."""

from typing import Any

import pytest

from app.services.events import deliveries, events
from tests.support.interruptions import Interrupted
from tests.webhooks.conftest import Desk


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
        db.connection = Interrupted(db.connection, after="webhooks", happen=happen)
        await deliveries.relay_events(db)
    await desk.relay()
    assert "ticket.opened" in {each["type"] for each in await desk.read_deliveries(made[0])}
