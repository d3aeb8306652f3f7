"""Deliveries: one job for each endpoint that something is due for, so that none waits for another.

What is due is in the endpoint's rows, and a job only says that somebody should look; so a job
lost, or one too many, changes nothing.
"""

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from opentelemetry import trace

from app.db.engine.database import Database
from app.domain.events.addresses import Network
from app.domain.events.webhooks import AT_ONCE, Outcome
from app.domain.values import Value
from app.services.events import attempts
from app.services.events.attempts import Attempt
from app.worker import figures
from app.worker.sender import Sender

_log = logging.getLogger("surety.deliveries")
_tracer = trace.get_tracer("surety")

# The name that its jobs have in the queue.
DELIVER_WEBHOOK = "deliver_webhook"

# How long something due may wait while others of the same endpoint are under way.
_LOOK_AGAIN_S = 1.0
# How long attempts under way may still take once the worker is told to stop.
_GRACE_S = 3.0
_STOPPED = Outcome("interrupted", detail="The worker was stopped before the receiver answered.")


class DeliveryPolicy(Value):
    """Where webhooks may be sent, and how long a receiver may take.

    `allowed` are networks that are reached although they are not public, without TLS too.
    """

    allowed: Sequence[Network] = ()
    time_limit: timedelta = timedelta(seconds=15)


class DeliveryContext(Value):
    """What deliveries are made with, whichever endpoint they are for.

    `turns` bounds how many endpoints' transactions there are at once: the others wait for their
    turn, rather than for a connection that they might be refused.
    """

    database: Database
    stopping: asyncio.Event
    reach: DeliveryPolicy
    turns: asyncio.Semaphore


async def deliver_webhook(post: DeliveryContext, webhook_id: UUID) -> None:
    """Make the attempts that are due for an endpoint until there are none, or we are to stop."""
    sending: dict[asyncio.Task[Outcome], Attempt] = {}
    async with Sender(allowed=post.reach.allowed, time_limit=post.reach.time_limit) as sender:
        stopped = asyncio.create_task(post.stopping.wait())
        try:
            ended: list[tuple[Attempt, Outcome]] = []
            while not stopped.done():
                for attempt in await _continue(post, webhook_id, ended, under_way=len(sending)):
                    task = asyncio.create_task(_send(sender, attempt, now=post.database.clock()))
                    sending[task] = attempt
                if not sending:
                    return
                await asyncio.wait(
                    {*sending, stopped}, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED
                )
                ended = _take_ended(sending)
            await _stop(post, webhook_id, sending, ended)
        finally:
            stopped.cancel()
            await _cancel(sending)


async def _send(sender: Sender, attempt: Attempt, *, now: datetime) -> Outcome:
    with _tracer.start_as_current_span("webhook attempt") as span:
        outcome = await sender.send(attempt, now=now)
        span.set_attribute("surety.event_id", str(attempt.event_id))
        span.set_attribute("surety.result", outcome.result)
    return outcome


async def _continue(
    post: DeliveryContext,
    webhook_id: UUID,
    ended: Sequence[tuple[Attempt, Outcome]],
    *,
    under_way: int,
) -> list[Attempt]:
    async with post.turns, post.database.transaction() as db:
        begun = await attempts.continue_deliveries(
            db,
            webhook_id,
            ended=ended,
            under_way=under_way,
            time_limit=post.reach.time_limit,
            draw_chance=random.random,
        )
    for attempt, outcome in ended:
        _log_outcome(webhook_id, attempt, outcome)
    return begun


def _log_outcome(webhook_id: UUID, attempt: Attempt, outcome: Outcome) -> None:
    """Count an attempt that has ended, and write its line in the log."""
    figures.count_attempt(outcome.result)
    _log.info(
        {
            "event": "webhook_attempt",
            "webhook_id": str(webhook_id),
            "delivery_id": str(attempt.delivery_id),
            "event_id": str(attempt.event_id),
            "account_id": attempt.account_id,
            "attempt": attempt.number,
            "result": outcome.result,
            "status": outcome.status_code,
            "ms": outcome.duration_ms,
        }
    )


def _take_ended(sending: dict[asyncio.Task[Outcome], Attempt]) -> list[tuple[Attempt, Outcome]]:
    return [(sending.pop(task), task.result()) for task in list(sending) if task.done()]


async def _stop(
    post: DeliveryContext,
    webhook_id: UUID,
    sending: dict[asyncio.Task[Outcome], Attempt],
    ended: list[tuple[Attempt, Outcome]],
) -> None:
    """Wait a little for what is under way, and leave the rest for others to send at once."""
    if sending:
        await asyncio.wait(sending, timeout=_GRACE_S)
    ended += _take_ended(sending)
    # Cut off before it is left to others, so that it is not under way twice.
    await _cancel(sending)
    ended += [(attempt, _STOPPED) for attempt in sending.values()]
    if ended:
        await _continue(post, webhook_id, ended, under_way=AT_ONCE)


async def _cancel(sending: Iterable[asyncio.Task[Outcome]]) -> None:
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
