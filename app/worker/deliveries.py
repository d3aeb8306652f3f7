"""Deliveries: one job for each endpoint that something is due for, so that none waits for another.

What is due is in the endpoint's rows, and a job only says that somebody should look; so a job
lost, or one too many, changes nothing.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.db.database import Database
from app.domain.addresses import Network
from app.domain.webhooks import AT_ONCE, Outcome
from app.services import attempts
from app.services.attempts import Attempt
from app.worker.sender import Sender

# The name that its jobs have in the queue.
DELIVER_WEBHOOK = "deliver_webhook"

# How long something due may wait while others of the same endpoint are under way.
_LOOK_AGAIN_S = 1.0
# How long attempts under way may still take once the worker is told to stop.
_GRACE_S = 3.0
_STOPPED = Outcome("interrupted", detail="The worker was stopped before the receiver answered.")


@dataclass(frozen=True, slots=True)
class Reach:
    """Where webhooks may be sent, and how long a receiver may take.

    `allowed` are networks that are reached although they are not public, without TLS too.
    """

    allowed: Sequence[Network] = ()
    time_limit: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Post:
    """What deliveries are made with, whichever endpoint they are for.

    `turns` bounds how many endpoints' transactions there are at once: the others wait for their
    turn, rather than for a connection that they might be refused.
    """

    database: Database
    stopping: asyncio.Event
    reach: Reach
    turns: asyncio.Semaphore


async def deliver_webhook(post: Post, webhook_id: UUID) -> None:
    """Make the attempts that are due for an endpoint until there are none, or we are to stop."""
    sending: dict[asyncio.Task[Outcome], Attempt] = {}
    async with Sender(allowed=post.reach.allowed, time_limit=post.reach.time_limit) as sender:
        told = asyncio.create_task(post.stopping.wait())
        try:
            ended: list[tuple[Attempt, Outcome]] = []
            while not told.done():
                for attempt in await _continue(post, webhook_id, ended, under_way=len(sending)):
                    task = asyncio.create_task(sender.send(attempt, now=post.database.clock()))
                    sending[task] = attempt
                if not sending:
                    return
                await asyncio.wait(
                    {*sending, told}, timeout=_LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED
                )
                ended = _take_ended(sending)
            await _stop(post, webhook_id, sending, ended)
        finally:
            told.cancel()
            for task in sending:
                task.cancel()


async def _continue(
    post: Post, webhook_id: UUID, ended: Sequence[tuple[Attempt, Outcome]], *, under_way: int
) -> list[Attempt]:
    async with post.turns, post.database.transaction() as db:
        return await attempts.continue_deliveries(
            db,
            webhook_id,
            ended=ended,
            under_way=under_way,
            time_limit=post.reach.time_limit,
            draw_chance=random.random,
        )


def _take_ended(sending: dict[asyncio.Task[Outcome], Attempt]) -> list[tuple[Attempt, Outcome]]:
    return [(sending.pop(task), task.result()) for task in list(sending) if task.done()]


async def _stop(
    post: Post,
    webhook_id: UUID,
    sending: dict[asyncio.Task[Outcome], Attempt],
    ended: list[tuple[Attempt, Outcome]],
) -> None:
    """Wait a little for what is under way, and give up the rest for others to send at once."""
    if sending:
        await asyncio.wait(sending, timeout=_GRACE_S)
    ended += _take_ended(sending)
    ended += [(attempt, _STOPPED) for attempt in sending.values()]
    if ended:
        await _continue(post, webhook_id, ended, under_way=AT_ONCE)
