"""The relay: it puts new events in their order after their commit, and sees that they are sent.

No request waits for it, or calls it: it looks twice a second. What it does is exact, whoever is
killed when: events are turned into deliveries in the transaction that moves its place among them.
"""

import asyncio
from contextlib import suppress

from pgqueuer.adapters.persistence.queries import Queries

from app.db.engine.database import Database
from app.services.events import attempts, deliveries, events
from app.worker.deliveries import DELIVER_WEBHOOK

_LOOK_EVERY_S = 0.5


async def run_relay(database: Database, queries: Queries, stopping: asyncio.Event) -> None:
    """Relay events, and ask for the deliveries that are due, until `stopping` is set."""
    while not stopping.is_set():
        while await relay_events(database, queries) and not stopping.is_set():
            pass
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_S)


async def relay_events(database: Database, queries: Queries) -> bool:
    """Relay some of the new events and ask for what is due; say whether there were any."""
    async with database.transaction() as db:
        placed = await events.sequence_events(db)
    async with database.transaction() as db:
        relayed = await deliveries.relay_events(db)
        due = await attempts.list_due_webhooks(db)
    if due:
        # Once for each endpoint, however many workers ask; a lost job is asked for again.
        await queries.enqueue(
            [DELIVER_WEBHOOK] * len(due),
            [webhook_id.bytes for webhook_id in due],
            [0] * len(due),
            dedupe_key=[f"{DELIVER_WEBHOOK}:{webhook_id}" for webhook_id in due],
            on_conflict="skip",
        )
    return bool(placed or relayed)
