"""Deliveries: what a receiver gets, when it gets it again, and what is kept of every attempt."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.events.webhooks import FAILING_LIMIT, KEPT, RETRY_DELAYS
from app.domain.time.instants import write_instant
from app.services.events import attempts, deliveries
from app.worker.deliveries import DeliveryContext, deliver_webhook
from tests.webhooks.conftest import LOOPBACK, Desk
from tests.webhooks.receivers import BROKEN, GONE, NOTHING, OK, Received, Receiver, receive


def ticket_of(event: dict[str, Any]) -> str | None:
    ticket: str | None = event["data"].get("ticket_id")
    return ticket


async def test_a_receiver_gets_what_events_show_signed(desk: Desk, account: str) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url)
        before = (await desk.api.get("/v1/events?account_id=c-1&after=0")).json()["last"]
        await desk.api.open(account, "HD-1")
        assert await desk.deliver() == 1
        shown = (await desk.api.get(f"/v1/events?account_id=c-1&after={before}")).json()["data"]
        assert shown[0]["type"] == "ticket.opened"
        got = sorted(receiver.received, key=lambda each: each.event["sequence"])
        assert [each.verify(webhook["secret"]) for each in got] == shown
        assert [each.headers["webhook-id"] for each in got] == [each["id"] for each in shown]
        first = got[0].headers
        assert {name: first[name] for name in (":request", "host", "content-type")} == {
            ":request": "POST /hooks?from=surety HTTP/1.1",
            "host": f"127.0.0.1:{receiver.port}",
            "content-type": "application/json",
        }
        assert first["user-agent"].startswith("Surety/")
        assert await desk.deliver() == 0


async def test_a_delivery_is_shown_with_its_attempts(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        opened_at = desk.clock.now
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        desk.clock.advance(seconds=7)
        receiver.answer = OK
        await desk.deliver()
    (delivery,) = await desk.read_deliveries(webhook)
    durations = [each.pop("duration_ms") for each in delivery["attempts"]]
    assert all(0 <= each < 5000 for each in durations)
    again_at = write_instant(opened_at + timedelta(seconds=7))
    assert delivery == {
        "id": delivery["id"],
        "event_id": receiver.events[0]["id"],
        "type": "ticket.opened",
        "account_id": "c-1",
        "sequence": receiver.events[0]["sequence"],
        "status": "delivered",
        "created_at": write_instant(opened_at),
        "next_attempt_at": None,
        "ended_at": again_at,
        "attempts": [
            {
                "number": 1,
                "at": write_instant(opened_at),
                "result": "http_error",
                "status_code": 500,
                "detail": None,
            },
            {
                "number": 2,
                "at": again_at,
                "result": "delivered",
                "status_code": 200,
                "detail": None,
            },
        ],
    }


async def test_what_fails_is_tried_for_about_a_day_and_given_up(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        began = desk.clock.now
        await desk.api.open(account, "HD-1")
        for delay in RETRY_DELAYS:
            await desk.deliver()
            (delivery,) = await desk.read_deliveries(webhook, status="pending")
            due = datetime.fromisoformat(delivery["next_attempt_at"])
            assert 0.8 <= (due - desk.clock.now) / delay < 1.2
            desk.clock.move_to(due - timedelta(microseconds=1))
            assert await desk.deliver() == 0
            desk.clock.move_to(due)
        assert timedelta(hours=18) < desk.clock.now - began < timedelta(hours=29)
        await desk.deliver()
        (delivery,) = await desk.read_deliveries(webhook, status="failed")
        assert (delivery["next_attempt_at"], delivery["ended_at"]) == (
            None,
            write_instant(desk.clock.now),
        )
        assert len(receiver.received) == len(delivery["attempts"]) == len(RETRY_DELAYS) + 1
        assert {each.headers["webhook-id"] for each in receiver.received} == {delivery["event_id"]}
        assert await desk.deliver() == 0


async def test_410_ends_it_at_once_and_says_why(desk: Desk, account: str) -> None:
    async with receive(GONE) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        read = await desk.read_webhook(webhook)
        assert (read["enabled"], read["disabled_reason"], read["disabled_at"]) == (
            False,
            "gone",
            write_instant(desk.clock.now),
        )
        (delivery,) = await desk.read_deliveries(webhook)
        assert (delivery["status"], delivery["attempts"][0]["result"]) == ("failed", "gone")
        await desk.api.open(account, "HD-2")
        assert await desk.deliver() == 0
        assert len(receiver.received) == 1


async def test_five_days_of_failures_only_disable_a_webhook(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        since = write_instant(desk.clock.now)
        assert (await desk.read_webhook(webhook))["failing_since"] == since
        desk.clock.advance(days=2)
        receiver.answer = OK
        await desk.deliver()
        assert (await desk.read_webhook(webhook))["failing_since"] is None
        receiver.answer = BROKEN
        await desk.api.open(account, "HD-2")
        await desk.deliver()
        desk.clock.advance(seconds=FAILING_LIMIT.total_seconds() - 1)
        await desk.deliver()
        assert (await desk.read_webhook(webhook))["enabled"] is True
        desk.clock.advance(days=1)
        await desk.deliver()
        assert (await desk.read_webhook(webhook))["disabled_reason"] == "failing"


async def test_a_webhook_enabled_again_gets_what_waited_but_not_what_it_missed(
    desk: Desk, account: str
) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        path = f"/v1/webhooks/{webhook['id']}"
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        assert (await desk.api.patch(path, {"enabled": False})).json()["disabled_reason"] == (
            "operator"
        )
        await desk.api.open(account, "HD-2")
        await desk.relay()
        desk.clock.advance(days=3)
        assert await desk.deliver() == 0
        receiver.answer = OK
        enabled = (await desk.api.patch(path, {"enabled": True})).json()
        assert (enabled["enabled"], enabled["disabled_at"], enabled["failing_since"]) == (
            True,
            None,
            None,
        )
        await desk.api.open(account, "HD-3")
        await desk.deliver()
        assert [ticket_of(each) for each in receiver.events] == ["HD-1", "HD-1", "HD-3"]


async def test_only_what_is_wanted_is_sent(desk: Desk, account: str) -> None:
    other = await desk.api.make_account("c-2")
    await desk.api.buy(other, "livecart.express-1y")
    desk.clock.advance(seconds=1)
    async with receive(OK) as tickets, receive(OK) as one, receive(OK) as keys:
        await desk.make_webhook(tickets.url, types=["ticket.*"])
        await desk.make_webhook(one.url, types=["ticket.opened"], account_ids=["c-2"])
        await desk.make_webhook(keys.url, types=["key.*"])
        await desk.api.open(account, "HD-1")
        await desk.api.open(other, "HD-2")
        await desk.api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})
        await desk.deliver()
    assert {each["type"].partition(".")[0] for each in tickets.events} == {"ticket"}
    assert {each["account_id"] for each in tickets.events} == {"c-1", "c-2"}
    assert [(each["type"], ticket_of(each)) for each in one.events] == [("ticket.opened", "HD-2")]
    assert [(each["type"], each["account_id"]) for each in keys.events] == [("key.created", "-")]


async def test_during_the_overlap_both_secrets_sign(desk: Desk, account: str) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        path = f"/v1/webhooks/{webhook['id']}"
        rotated = (await desk.api.post(f"{path}/rotate", {"overlap": "PT1M"})).json()
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        for secret in (webhook["secret"], rotated["secret"]):
            receiver.received[0].verify(secret)
        desk.clock.advance(minutes=1)
        await desk.api.open(account, "HD-2")
        await desk.deliver()
        assert len(receiver.received[0].headers["webhook-signature"].split(" ")) == 2
        assert len(receiver.received[1].headers["webhook-signature"].split(" ")) == 1
        receiver.received[1].verify(rotated["secret"])


async def test_a_ping_is_sent_whatever_is_wanted(desk: Desk) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["key.revoked"], ordered=True)
        reply = await desk.api.post(f"/v1/webhooks/{webhook['id']}/ping")
        pinged = reply.json()
        assert (reply.status_code, pinged["status"], pinged["attempts"]) == (201, "pending", [])
        await desk.deliver()
        at = write_instant(desk.clock.now)
        assert receiver.received[0].verify(webhook["secret"]) == {
            "id": pinged["event_id"],
            "type": "webhook.ping",
            "timestamp": at,
            "recorded_at": at,
            "account_id": "-",
            "sequence": 0,
            "sandbox": False,
            "data": {"webhook_id": webhook["id"]},
        }
        (delivery,) = await desk.read_deliveries(webhook)
        assert (delivery["status"], delivery["sequence"]) == ("delivered", None)


@pytest.mark.parametrize("answer", [OK, BROKEN])
async def test_a_redelivery_sends_the_same_event_at_once(
    desk: Desk, account: str, answer: bytes
) -> None:
    async with receive(answer) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        (delivery,) = await desk.read_deliveries(webhook)
        receiver.answer = OK
        path = f"/v1/webhooks/{webhook['id']}/deliveries/{delivery['id']}/redelivery"
        asked = (await desk.api.post(path)).json()
        assert (asked["status"], asked["ended_at"]) == ("pending", None)
        assert len(asked["attempts"]) == 1
        await desk.deliver()
        (delivery,) = await desk.read_deliveries(webhook)
        first = "delivered" if answer == OK else "http_error"
        assert [(each["number"], each["result"]) for each in delivery["attempts"]] == [
            (1, first),
            (2, "delivered"),
        ]
        assert delivery["status"] == "delivered"
        assert receiver.events[0] == receiver.events[1]


async def test_a_disabled_webhook_is_neither_pinged_nor_sent_anything_again(
    desk: Desk, account: str
) -> None:
    webhook = await desk.make_webhook("https://helpdesk.example/hooks", types=["ticket.opened"])
    path = f"/v1/webhooks/{webhook['id']}"
    await desk.api.open(account, "HD-1")
    await desk.relay()
    (delivery,) = await desk.read_deliveries(webhook)
    await desk.api.patch(path, {"enabled": False})
    for action in ("ping", f"deliveries/{delivery['id']}/redelivery"):
        reply = await desk.api.post(f"{path}/{action}")
        assert (reply.status_code, reply.json()["code"]) == (409, "webhook_disabled")
        assert reply.json()["reason"] == "operator"


async def test_in_order_each_account_has_one_event_under_way(desk: Desk, account: str) -> None:
    other = await desk.api.make_account("c-2")
    await desk.api.buy(other, "livecart.express-1y")
    desk.clock.advance(seconds=1)
    under_way: list[str] = []
    seen: dict[str, list[int]] = {"c-1": [], "c-2": []}
    both = asyncio.Event()

    async def note(request: Received) -> None:
        event = request.event
        assert event["account_id"] not in under_way
        under_way.append(event["account_id"])
        seen[event["account_id"]].append(event["sequence"])
        if len(under_way) == 2:
            both.set()
        async with asyncio.timeout(5):
            await both.wait()  # accounts do not wait for each other
        under_way.remove(event["account_id"])

    async with receive(OK) as receiver:
        receiver.before_answer = note
        await desk.make_webhook(receiver.url, types=["ticket.*"], ordered=True)
        for number in range(1, 5):
            await desk.api.open(account, f"HD-{number}")
            await desk.api.open(other, f"HD-{number}")
        await desk.deliver()
    for sequences in seen.values():
        assert len(sequences) >= 4
        assert sequences == sorted(set(sequences))


async def test_in_order_what_follows_a_failure_waits_for_it(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        await desk.api.open(account, "HD-2")
        assert await desk.deliver() == 0
        waiting = (await desk.read_deliveries(webhook))[1]
        assert (waiting["status"], waiting["next_attempt_at"]) == ("pending", None)
        desk.clock.advance(seconds=6)
        receiver.answer = OK
        await desk.deliver()
        assert [ticket_of(each) for each in receiver.events] == ["HD-1", "HD-1", "HD-2"]


async def test_in_order_what_is_given_up_holds_nothing_up(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        for number in (1, 2, 3):
            await desk.api.open(account, f"HD-{number}")
        for _ in range(len(RETRY_DELAYS)):
            await desk.deliver()
            desk.clock.advance(hours=10)
        assert {ticket_of(each) for each in receiver.events} == {"HD-1"}
        receiver.answer = OK
        first, *_ = await desk.read_deliveries(webhook)
        assert len(first["attempts"]) == len(RETRY_DELAYS)
        receiver.before_answer = lambda request: _answer(
            receiver, BROKEN if ticket_of(request.event) == "HD-1" else OK
        )
        await desk.deliver()
        assert [each["status"] for each in await desk.read_deliveries(webhook)] == [
            "failed",
            "delivered",
            "delivered",
        ]


async def _answer(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer


async def test_an_order_no_longer_asked_for_releases_what_waits(desk: Desk, account: str) -> None:
    async with receive(BROKEN) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        for number in (1, 2, 3):
            await desk.api.open(account, f"HD-{number}")
        await desk.deliver()
        receiver.answer = OK
        await desk.api.patch(f"/v1/webhooks/{webhook['id']}", {"ordered": False})
        await desk.deliver()
        assert [ticket_of(each) for each in receiver.events] == ["HD-1", "HD-2", "HD-3"]


async def test_a_receiver_that_fails_gets_one_at_a_time_until_one_arrives(
    desk: Desk, account: str
) -> None:
    async with receive(BROKEN) as receiver:
        await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-0")
        await desk.deliver()
        for number in range(1, 9):
            await desk.api.open(account, f"HD-{number}")
        receiver.most_at_once = 0
        await desk.deliver()
        assert receiver.most_at_once == 1


async def test_receivers_that_hang_keep_no_other_waiting(desk: Desk, account: str) -> None:
    stopping = asyncio.Event()
    post = DeliveryContext(desk.database, stopping, LOOPBACK, asyncio.Semaphore(4))
    async with receive(NOTHING) as hanging, receive(OK) as good:
        webhooks = [await desk.make_webhook(hanging.url) for _ in range(40)]
        webhooks.append(await desk.make_webhook(good.url))
        for number in range(6):
            await desk.api.open(account, f"HD-{number}")
        await desk.relay()
        jobs = [asyncio.create_task(deliver_webhook(post, UUID(w["id"]))) for w in webhooks]
        wanted = len(await desk.read_deliveries(webhooks[-1]))
        assert wanted >= 12
        await good.wait_for(lambda: len(good.received) == wanted)
        assert not any(job.done() for job in jobs[:-1])
        await hanging.wait_for(lambda: hanging.at_once == 40 * 8)
        stopping.set()
        await asyncio.gather(*jobs)


async def test_what_happened_before_there_was_a_webhook_is_passed_over(
    desk: Desk, account: str
) -> None:
    for number in range(5):
        await desk.api.open(account, f"HD-{number}")
    desk.clock.advance(seconds=1)
    relayed = [await desk.relay(), await desk.relay()]
    assert relayed[0] > 10
    assert relayed[1] == 0
    webhook = await desk.make_webhook("https://helpdesk.example/hooks")
    assert await desk.relay() == 0
    await desk.api.open(account, "HD-9")
    assert await desk.relay() >= 2
    assert {each["type"] for each in await desk.read_deliveries(webhook)} >= {"ticket.opened"}


async def test_two_relays_at_once_make_each_delivery_once(desk: Desk, account: str) -> None:
    webhook = await desk.make_webhook("https://helpdesk.example/hooks", types=["ticket.opened"])
    for number in range(15):
        await desk.api.open(account, f"HD-{number}")
    await asyncio.gather(*(desk.relay() for _ in range(6)))
    made = await desk.read_deliveries(webhook)
    assert len({each["event_id"] for each in made}) == len(made) == 15


async def test_an_attempt_of_a_worker_that_was_killed_is_made_again(
    desk: Desk, account: str
) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.relay()
        begun = await _begin(desk, webhook)
        assert [each.number for each in begun] == [1]
        assert await _begin(desk, webhook) == []
        assert await desk.deliver() == 0
        desk.clock.advance(seconds=2 * LOOPBACK.time_limit.total_seconds())
        assert await desk.deliver() == 1
        (delivery,) = await desk.read_deliveries(webhook)
        assert [each["result"] for each in delivery["attempts"]] == ["interrupted", "delivered"]
        assert len(receiver.received) == 1


async def test_what_is_under_way_when_a_worker_stops_is_left_to_others_at_once(
    desk: Desk, account: str
) -> None:
    async with receive(NOTHING) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.relay()
        stopping = asyncio.Event()
        post = DeliveryContext(desk.database, stopping, LOOPBACK, asyncio.Semaphore(4))
        delivering = asyncio.create_task(deliver_webhook(post, UUID(webhook["id"])))
        await receiver.wait_for(lambda: receiver.at_once == 1)
        stopping.set()
        async with asyncio.timeout(10):
            await delivering
        receiver.answer = OK
        await desk.deliver()
        (delivery,) = await desk.read_deliveries(webhook)
        assert [each["result"] for each in delivery["attempts"]] == ["interrupted", "delivered"]


async def _begin(desk: Desk, webhook: dict[str, Any]) -> list[attempts.Attempt]:
    """Begin what is due, as a worker does that is killed then."""
    async with desk.database.transaction() as db:
        return await attempts.continue_deliveries(
            db,
            UUID(webhook["id"]),
            ended=[],
            under_way=0,
            time_limit=LOOPBACK.time_limit,
            draw_chance=lambda: 0.5,
        )


async def test_deliveries_are_kept_for_30_days(desk: Desk, account: str) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        desk.clock.advance(days=1)
        await desk.api.open(account, "HD-2")
        await desk.deliver()
    assert timedelta(days=30) == KEPT
    desk.clock.advance(days=29)
    assert await _prune(desk) == 0
    desk.clock.advance(seconds=1)
    assert await _prune(desk) == 1
    (kept,) = await desk.read_deliveries(webhook)
    assert len(kept["attempts"]) == 1


async def test_what_waits_for_a_disabled_webhook_is_kept_as_long(desk: Desk, account: str) -> None:
    webhook = await desk.make_webhook("https://helpdesk.example/hooks", types=["ticket.opened"])
    await desk.api.open(account, "HD-1")
    await desk.relay()
    desk.clock.advance(days=20)
    await desk.api.patch(f"/v1/webhooks/{webhook['id']}", {"enabled": False})
    desk.clock.advance(days=30)
    assert await _prune(desk) == 0
    desk.clock.advance(seconds=1)
    assert await _prune(desk) == 1


async def test_in_order_an_event_that_is_kept_no_longer_holds_nothing_up(
    desk: Desk, account: str
) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"], ordered=True)
        for number in (1, 2):
            await desk.api.open(account, f"HD-{number}")
        await desk.relay()
        async with desk.database.connection() as connection:
            await connection.execute("DELETE FROM events WHERE data->>'ticket_id' = 'HD-1'")
        assert [await desk.deliver() for _ in range(3)] == [1, 1, 0]
        assert [ticket_of(each) for each in receiver.events] == ["HD-2"]
    first, second = await desk.read_deliveries(webhook)
    assert (first["status"], second["status"]) == ("failed", "delivered")
    assert [each["result"] for each in first["attempts"]] == ["event_expired"]


async def test_what_a_removed_webhook_leaves_goes_at_once(desk: Desk, account: str) -> None:
    async with receive(OK) as receiver:
        webhook = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        await desk.deliver()
        await desk.api.open(account, "HD-2")
        await desk.relay()
        removed = await desk.api.delete(f"/v1/webhooks/{webhook['id']}")
        assert (removed.status_code, removed.content) == (204, b"")
        assert await desk.deliver() == 0
        assert len(receiver.received) == 1
    assert await _prune(desk) == 2
    async with desk.database.connection() as connection:
        left = await connection.fetchval(
            "SELECT (SELECT count(*) FROM webhooks) + (SELECT count(*) FROM webhook_deliveries)"
            " + (SELECT count(*) FROM webhook_attempts)"
        )
    assert left == 0


async def _prune(desk: Desk) -> int:
    async with desk.database.transaction() as db:
        return await deliveries.prune_deliveries(db)


async def test_a_sandbox_is_told_of_whenever_its_clock_stands(desk: Desk) -> None:
    made = await desk.api.put("/v1/accounts/box", {"name": "Nordwind", "sandbox": True})
    assert made.status_code == 201, made.text
    desk.clock.advance(hours=1)
    webhook = await desk.make_webhook("https://helpdesk.example/hooks")
    # What happens in it happened an hour ago by its own clock.
    await desk.api.buy("/v1/accounts/box", "livecart.express-1y")
    assert await desk.relay() >= 1
    told = [each["type"] for each in await desk.read_deliveries(webhook)]
    assert "purchase.activated" in told
