"""A webhook's beginning: it is sent all that is recorded after it was made, whatever clocks say."""

import asyncio

import asyncpg
from alembic import command

from app.cli.migrations import configure, migrate
from app.services.events import events
from tests.support import cluster
from tests.support.waiting import until
from tests.webhooks.conftest import Desk

_WAITERS = f"SELECT count(*) FROM {cluster.ACTIVITY} WHERE wait_event_type = 'Lock'"  # noqa: S608
URL = "https://helpdesk.example/hooks"


async def test_what_was_decided_before_and_is_written_after_is_sent(
    desk: Desk, account: str, published_url: str
) -> None:
    other = await asyncpg.connect(published_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT version FROM accounts WHERE account_id = 'c-1' FOR UPDATE")
    opening = asyncio.create_task(desk.api.open(account, "HD-1"))

    async def waits() -> bool:
        async with desk.database.connection() as connection:
            return bool(await connection.fetchval(_WAITERS))

    await until(waits)
    desk.clock.advance(seconds=1)
    webhook = await desk.make_webhook(URL, types=["ticket.opened"])
    await transaction.rollback()
    await other.close()
    await opening
    await desk.relay()
    assert [each["account_id"] for each in await desk.read_deliveries(webhook)] == ["c-1"]


async def test_what_a_machine_records_whose_clock_is_behind_is_sent(
    desk: Desk, account: str
) -> None:
    desk.clock.advance(minutes=2)
    webhook = await desk.make_webhook(URL, types=["ticket.opened"])
    desk.clock.advance(minutes=-2)
    await desk.api.open(account, "HD-1")
    await desk.relay()
    assert [each["account_id"] for each in await desk.read_deliveries(webhook)] == ["c-1"]


async def test_what_a_machine_recorded_whose_clock_is_ahead_is_not_sent(
    desk: Desk, account: str
) -> None:
    desk.clock.advance(minutes=2)
    await desk.api.open(account, "HD-1")
    desk.clock.advance(minutes=-2)
    webhook = await desk.make_webhook(URL, types=["ticket.opened"])
    await desk.relay()
    assert await desk.read_deliveries(webhook) == []


async def test_what_happened_in_a_sandbox_before_is_not_sent(desk: Desk) -> None:
    box = "/v1/accounts/box"
    await desk.api.put(box, {"name": "Nordwind", "sandbox": True})
    await desk.api.buy(box, "livecart.express-1y")
    async with desk.database.transaction() as db:
        await events.sequence_events(db)
    webhook = await desk.make_webhook(URL, types=["ticket.*", "purchase.*"])
    await desk.api.open(box, "HD-1")
    await desk.relay()
    types = {each["type"] for each in await desk.read_deliveries(webhook)}
    assert types == {"ticket.opened", "ticket.charged"}


async def test_a_webhook_of_the_version_before_is_sent_each_event_once(
    desk: Desk, account: str, published_url: str
) -> None:
    webhook = await desk.make_webhook(URL, types=["ticket.opened"])
    await desk.api.open(account, "HD-1")
    await desk.relay()
    await desk.api.open(account, "HD-2")
    async with desk.database.transaction() as db:
        await events.sequence_events(db)
    await desk.api.open(account, "HD-3")
    await asyncio.to_thread(_migrate_again, published_url)
    await desk.relay()
    told = [each["event_id"] for each in await desk.read_deliveries(webhook)]
    assert len(told) == len(set(told)) == 3


def _migrate_again(url: str) -> None:
    """Take a database back to the version before webhooks had a beginning, and migrate it."""
    with configure(url) as config:
        command.downgrade(config, "2026_11_30_bookings")
    assert migrate(url) is True
