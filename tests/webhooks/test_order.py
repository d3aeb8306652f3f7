"""Endpoints in order: nothing is sent before an earlier event of its account, whatever is asked."""

from typing import Any
from uuid import UUID

import pytest

from app.domain.events.webhooks import Outcome
from app.services.events import attempts, deliveries, events
from tests.support.interruptions import Interrupted
from tests.webhooks.conftest import LOOPBACK, Desk
from tests.webhooks.receivers import BROKEN, OK, Receiver, receive


def tickets_of(receiver: Receiver) -> list[str]:
    return [event["data"]["ticket_id"] for event in receiver.events]


async def list_times(desk: Desk, webhook: dict[str, Any]) -> list[str | None]:
    """Read when each delivery is next sent, in the order they were made."""
    return [each["next_attempt_at"] for each in await desk.read_deliveries(webhook)]


async def put_in_order(desk: Desk, webhook: dict[str, Any]) -> None:
    reply = await desk.api.patch(f"/v1/webhooks/{webhook['id']}", {"ordered": True})
    assert (reply.status_code, reply.json()["ordered"]) == (200, True)


async def redeliver(desk: Desk, webhook: dict[str, Any], delivery: dict[str, Any]) -> Any:
    path = f"/v1/webhooks/{webhook['id']}/deliveries/{delivery['id']}/redelivery"
    reply = await desk.api.post(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_what_waits_is_not_sent_before_what_it_waits_for(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        for number in (1, 2, 3):
            await desk.api.open(account, f"HD-{number}")
        await desk.deliver()
        _, second, third = before = await desk.read_deliveries(webhook)
        for waiting in (second, third):
            assert await redeliver(desk, webhook, waiting) == waiting
        assert await desk.read_deliveries(webhook) == before
        receiver.answer = OK
        assert await desk.deliver() == 0
        desk.clock.advance(seconds=10)
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1", "HD-1", "HD-2", "HD-3"]


async def test_the_first_that_is_not_over_is_sent_again_at_once(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        for number in (1, 2):
            await desk.api.open(account, f"HD-{number}")
        await desk.deliver()
        first, _ = await desk.read_deliveries(webhook)
        receiver.answer = OK
        asked = await redeliver(desk, webhook, first)
        assert asked["next_attempt_at"] < first["next_attempt_at"]
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1", "HD-1", "HD-2"]


async def test_what_was_over_goes_before_what_follows_it_when_it_is_sent_again(
    desk: Desk, account: str
) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        receiver.answer = BROKEN
        await desk.api.open(account, "HD-2")
        await desk.deliver()
        first, _ = await desk.read_deliveries(webhook)
        desk.clock.advance(seconds=10)
        # Both are due.
        await redeliver(desk, webhook, first)
        await desk.deliver()
        assert await list_times(desk, webhook) != [None, None]
        receiver.answer = OK
        desk.clock.advance(seconds=10)
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1", "HD-2", "HD-1", "HD-1", "HD-2"]
        assert receiver.most_at_once == 1


async def test_an_order_that_is_asked_for_later_is_kept_by_what_is_to_be_sent(
    desk: Desk, account: str
) -> None:
    other = await desk.api.make_account("c-2")
    await desk.api.buy(other, "livecart.express-1y")
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        for number in (1, 2, 3):
            await desk.api.open(account, f"HD-{number}")
        await desk.api.open(other, "HD-4")
        await desk.deliver()
        # The other account had its turn when the webhook was made.
        first, *rest, others = await list_times(desk, webhook)
        assert None not in (first, *rest, others)
        await put_in_order(desk, webhook)
        assert await list_times(desk, webhook) == [first, None, None, others]
        receiver.answer = OK
        receiver.received.clear()
        desk.clock.advance(seconds=10)
        await desk.deliver()
        told = tickets_of(receiver)
        told.remove("HD-4")
        assert told == ["HD-1", "HD-2", "HD-3"]


@pytest.mark.parametrize("is_lost", [True, False])
async def test_what_is_under_way_when_an_order_is_asked_for(
    desk: Desk, account: str, is_lost: bool
) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        for number in (1, 2, 3):
            await desk.api.open(account, f"HD-{number}")
        await desk.relay()
        begun = await _continue(desk, webhook)
        assert len(begun) == 3
        times = await list_times(desk, webhook)
        await put_in_order(desk, webhook)
        assert await list_times(desk, webhook) == times
        if not is_lost:
            failed = Outcome("http_error", status_code=500)
            assert await _continue(desk, webhook, [(each, failed) for each in begun]) == []
        desk.clock.advance(seconds=2 * LOOPBACK.time_limit.total_seconds())
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1"]
        assert (await list_times(desk, webhook))[1:] == [None, None]
        receiver.answer = OK
        desk.clock.advance(minutes=1)
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1", "HD-1", "HD-2", "HD-3"]
        results = [
            [attempt["result"] for attempt in each["attempts"]]
            for each in await desk.read_deliveries(webhook)
        ]
        before = "interrupted" if is_lost else "http_error"
        again = [before, "delivered"]
        assert results == [[before, "http_error", "delivered"], again, again]


async def test_an_order_that_is_asked_for_while_events_are_relayed(
    desk: Desk, account: str
) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        for number in (2, 3):
            await desk.api.open(account, f"HD-{number}")
        async with desk.database.transaction() as db:
            await events.sequence_events(db)

        async def happen() -> None:
            await put_in_order(desk, webhook)

        async with desk.database.transaction() as db:
            db.connection = Interrupted(db.connection, after="webhooks", happen=happen)
            await deliveries.relay_events(db)
        receiver.answer = OK
        await desk.deliver()
        assert (await list_times(desk, webhook))[1:] == [None, None]
        desk.clock.advance(seconds=10)
        await desk.deliver()
        assert tickets_of(receiver) == ["HD-1", "HD-1", "HD-2", "HD-3"]


async def _continue(desk: Desk, webhook: dict[str, Any], ended: Any = ()) -> list[attempts.Attempt]:
    """Write what attempts came to, and begin others, as a worker does."""
    async with desk.database.transaction() as db:
        return await attempts.continue_deliveries(
            db,
            UUID(webhook["id"]),
            ended=list(ended),
            under_way=0,
            time_limit=LOOPBACK.time_limit,
            draw_chance=lambda: 0.5,
        )
