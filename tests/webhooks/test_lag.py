"""How far the worker is behind, as monitoring sees it."""

from app.services.monitoring.lag import Lag, read_lag
from app.worker.queue import install_queue, queries_on
from tests.webhooks.conftest import Desk
from tests.webhooks.receivers import OK, receive


async def look(desk: Desk) -> Lag:
    async with desk.database.transaction(read_only=True) as db:
        return await read_lag(db)


async def test_events_are_behind_until_they_are_relayed(desk: Desk, account: str) -> None:
    await desk.relay()
    assert await look(desk) == Lag(outbox_s=0, jobs_s=0, pending_deliveries=0)
    await desk.api.open(account, "HD-1")
    desk.clock.advance(seconds=30)
    await desk.api.open(account, "HD-2")
    assert (await look(desk)).outbox_s == 30
    # Somebody who reads the events puts them in their order, and sends them nowhere.
    await desk.api.get("/v1/events")
    desk.clock.advance(seconds=5)
    assert (await look(desk)).outbox_s == 35
    await desk.relay()
    assert (await look(desk)).outbox_s == 0


async def test_deliveries_are_pending_until_they_are_over(desk: Desk, account: str) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        off = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        for number in (1, 2):
            await desk.api.open(account, f"HD-{number}")
        await desk.relay()
        await desk.api.patch(f"/v1/webhooks/{off['id']}", {"enabled": False})
        assert (await look(desk)).pending_deliveries == 2
        await desk.deliver()
        assert (await look(desk)).pending_deliveries == 0
        assert len(await desk.read_deliveries(webhook, status="delivered")) == 2


async def test_a_job_is_late_that_no_worker_takes(desk: Desk, published_url: str) -> None:
    await install_queue(published_url)
    async with desk.database.connection() as connection:
        await queries_on(connection).enqueue("a_job", b"")
        due_at = await connection.fetchval("SELECT execute_after FROM jobs.pgqueuer")
    desk.clock.move_to(due_at)
    desk.clock.advance(minutes=2)
    assert (await look(desk)).jobs_s == 120
    await _schedule_an_hour_ago(desk)
    assert 3600 < (await look(desk)).jobs_s < 3900


async def _schedule_an_hour_ago(desk: Desk) -> None:
    async with desk.database.connection() as connection:
        await connection.execute(
            "INSERT INTO jobs.pgqueuer_schedules (entrypoint, expression, next_run)"
            " VALUES ('another_job', '0 * * * *', now() - interval '1 hour')"
        )
