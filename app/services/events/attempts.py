"""Attempts: begun and ended for one endpoint at a time, by whichever worker is there."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.db.accounts import event_log
from app.db.engine.unit_of_work import Db
from app.db.events import attempts, deliveries, webhooks
from app.db.events.attempts import EndedAttempt
from app.domain.events.deliveries import Delivery, Webhook
from app.domain.events.events import Event
from app.domain.events.webhooks import (
    AT_ONCE,
    AT_ONCE_WHILE_FAILING,
    Outcome,
    decide_health,
    decide_next,
)
from app.domain.time.instants import write_instant
from app.domain.values import Value

_EXPIRED = Outcome("event_expired", detail="The event is kept no longer.")


class Attempt(Value):
    """One attempt that was begun, with all that it takes to make it; no body, no event any more."""

    delivery_id: UUID
    number: int
    failures: int
    account_id: str
    event_id: UUID
    url: str
    body: str
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Return what a log may show: nothing of its secrets."""
        return f"Attempt({self.delivery_id}, {self.number})"


async def list_due_webhooks(db: Db) -> list[UUID]:
    """Return the endpoints that something is due for now, those that are disabled left out."""
    return await deliveries.list_due_webhooks(db, now=db.read_clock())


async def continue_deliveries(
    db: Db,
    webhook_id: UUID,
    *,
    ended: Sequence[tuple[Attempt, Outcome]],
    under_way: int,
    time_limit: timedelta,
    draw_chance: Callable[[], float],
) -> list[Attempt]:
    """Write what attempts came to, and begin others: as many as may be under way at once.

    An attempt that is not ended within twice `time_limit` is taken for lost, and made again by
    whoever is there. `draw_chance` gives random numbers in [0, 1). None is begun for an endpoint
    that was removed or is disabled.
    """
    webhook = await webhooks.find_webhook(db, webhook_id, lock=True)
    if webhook is None:
        return []
    now = db.read_clock()
    failing_since, reason = decide_health(
        [outcome.result for _, outcome in ended], failing_since=webhook.failing_since, now=now
    )
    await _end_attempts(db, webhook, ended, now=now, draw_chance=draw_chance)
    if reason is not None and webhook.is_enabled:
        await webhooks.disable_webhook(db, webhook_id, reason=reason, now=now)
        return []
    if failing_since != webhook.failing_since:
        await webhooks.record_failing(db, webhook_id, since=failing_since)
    at_once = AT_ONCE if failing_since is None else AT_ONCE_WHILE_FAILING
    if not webhook.is_enabled or under_way >= at_once:
        return []
    begun = await attempts.begin_attempts(
        db,
        webhook_id,
        ordered=webhook.ordered,
        now=now,
        lost_at=now + 2 * time_limit,
        limit=at_once - under_way,
    )
    prepared = await _prepare_attempts(db, webhook, begun, now=now)
    expired = [(attempt, _EXPIRED) for attempt in prepared if not attempt.body]
    await _end_attempts(db, webhook, expired, now=now, draw_chance=draw_chance)
    return [attempt for attempt in prepared if attempt.body]


async def _end_attempts(
    db: Db,
    webhook: Webhook,
    ended: Sequence[tuple[Attempt, Outcome]],
    *,
    now: datetime,
    draw_chance: Callable[[], float],
) -> None:
    if not ended:
        return
    judged = [
        EndedAttempt(
            attempt.delivery_id,
            attempt.number,
            outcome,
            decide_next(outcome.result, failures=attempt.failures, now=now, chance=draw_chance()),
        )
        for attempt, outcome in ended
    ]
    counted = await attempts.end_attempts(db, webhook.webhook_id, judged, now=now)
    over = {
        attempt.account_id
        for (attempt, _), each in zip(ended, judged, strict=True)
        if each.delivery_id in counted and each.verdict.status != "pending"
    }
    if over and webhook.ordered:
        await deliveries.release_heads(db, webhook.webhook_id, sorted(over), now=now)


async def _prepare_attempts(
    db: Db, webhook: Webhook, begun: Sequence[Delivery], *, now: datetime
) -> list[Attempt]:
    places = [(each.account_id, each.number) for each in begun if each.number is not None]
    events = {event.event_id: event for event in await event_log.find_events(db, places)}
    return [
        Attempt(
            delivery_id=each.delivery_id,
            number=each.attempts,
            failures=each.failures,
            account_id=each.account_id,
            event_id=each.event_id,
            url=webhook.url,
            body=_write_body(each, events.get(each.event_id)),
            secrets=webhook.list_secrets(now),
        )
        for each in begun
    ]


def _write_body(delivery: Delivery, event: Event | None) -> str:
    """Return what is sent: the event as `/v1/events` has it, or the ping."""
    if delivery.number is None:
        document = _describe_ping(delivery)
    elif event is None:
        return ""
    else:
        document = {
            "id": str(event.event_id),
            "type": event.type,
            "timestamp": write_instant(event.at),
            "recorded_at": write_instant(event.recorded_at),
            "account_id": event.account_id,
            "sequence": event.number,
            "sandbox": event.sandbox,
            "data": event.data,
        }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _describe_ping(delivery: Delivery) -> dict[str, object]:
    at = write_instant(delivery.created_at)
    return {
        "id": str(delivery.event_id),
        "type": delivery.event_type,
        "timestamp": at,
        "recorded_at": at,
        "account_id": delivery.account_id,
        "sequence": 0,
        "sandbox": False,
        "data": {"webhook_id": str(delivery.webhook_id)},
    }
