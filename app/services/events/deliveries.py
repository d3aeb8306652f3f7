"""Deliveries: made of new events, asked for again, listed with each attempt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db.accounts import event_log, event_order
from app.db.engine.unit_of_work import Db
from app.db.events import attempts, deliveries, webhooks
from app.db.tables import NO_ACCOUNT
from app.domain.access.refusals import Refusal
from app.domain.events.deliveries import Delivery, DeliveryAttempt, Webhook
from app.domain.events.events import Event
from app.domain.events.webhooks import (
    KEPT,
    PING,
    Status,
    wants_event,
)
from app.domain.values import Value

# Who turns events into deliveries, among the readers of the relay's table.
_READER = "webhooks"
# In one transaction, so that none is long.
_EVENTS_AT_A_TIME = 200
_PRUNED_AT_A_TIME = 1_000


class WebhookDisabled(Refusal):
    """The webhook is disabled, so nothing is sent to it; enable it first."""

    kind = "conflict"
    code = "webhook_disabled"
    title = "The webhook is disabled"


class DeliveryView(Value):
    """A delivery with its attempts, in their order."""

    delivery: Delivery
    attempts: Sequence[DeliveryAttempt]


async def relay_events(db: Db) -> int:
    """Turn the next events in their order into deliveries, each event once; count the events.

    One transaction at a time does it: others wait. An endpoint is sent what it wants of what was
    given its place after the endpoint was made, and while that is not disabled.
    """
    if not await event_order.is_behind(db, _READER):
        return 0
    position = await event_order.lock_reader(db, _READER)
    # Before the endpoints are listed: what is found here and was recorded after an endpoint was
    # made finds that endpoint.
    fresh = await event_log.list_events(db, after=position, limit=_EVENTS_AT_A_TIME)
    last = await event_order.find_last_position(db)
    enabled = await webhooks.list_enabled_webhooks(db)
    if not fresh:
        return 0
    if not enabled:
        await event_order.move_reader(db, _READER, position=last)
        return last - position
    in_order = [each.webhook_id for each in enabled if each.ordered]
    # While their rows are locked nothing of theirs ends, so what waits does not wait for ever.
    locked = {each.webhook_id: each for each in await webhooks.lock_webhooks(db, in_order)}
    now = db.read_clock()
    for listed in enabled:
        webhook = locked.get(listed.webhook_id, listed)
        wanted = [event for event in fresh if _is_wanted(webhook, event)]
        if wanted and webhook.is_enabled:
            await _make_deliveries(db, webhook, wanted, now=now)
    await event_order.move_reader(db, _READER, position=fresh[-1].position or position)
    return len(fresh)


async def ping_webhook(db: Db, webhook_id: UUID) -> DeliveryView:
    """Send an endpoint a `webhook.ping`, whatever it wants otherwise.

    Refuses `webhook_unknown` and `webhook_disabled`.
    """
    await _get_enabled(db, webhook_id)
    now = db.read_clock()
    ping = _new_delivery(
        webhook_id,
        event_id=_new_id(),
        event_type=PING,
        account_id=NO_ACCOUNT,
        number=None,
        now=now,
        due_at=now,
    )
    await deliveries.insert_deliveries(db, [ping])
    return DeliveryView(ping, [])


async def redeliver_event(db: Db, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Make a delivery due now, whatever came of it before, with all its retries ahead of it.

    For an endpoint in order it waits where an earlier one of its account is not over. Refuses
    `webhook_unknown`, `delivery_unknown` and `webhook_disabled`.
    """
    webhook = await _get_enabled(db, webhook_id)
    delivery = await deliveries.redeliver(
        db, webhook_id, delivery_id, ordered=webhook.ordered, now=db.read_clock()
    )
    made = await deliveries.list_attempts(db, webhook_id, [delivery_id])
    return DeliveryView(delivery, made)


async def list_deliveries(
    db: Db,
    webhook_id: UUID,
    *,
    after: Sequence[UUID] | None,
    ascending: bool,
    limit: int,
    status: Status | None,
) -> list[DeliveryView]:
    """Return an endpoint's deliveries with their attempts in the order made, after one of them.

    Refuses `webhook_unknown`.
    """
    await webhooks.get_webhook(db, webhook_id)
    found = await deliveries.list_deliveries(
        db, webhook_id, after=after, ascending=ascending, limit=limit, status=status
    )
    made: dict[UUID, list[DeliveryAttempt]] = {each.delivery_id: [] for each in found}
    for attempt in await deliveries.list_attempts(db, webhook_id, list(made)):
        made[attempt.delivery_id].append(attempt)
    return [DeliveryView(each, made[each.delivery_id]) for each in found]


async def prune_deliveries(db: Db) -> int:
    """Remove deliveries of more than 30 days ago with their attempts, about a thousand; count them.

    One that is still to be sent stays, unless its endpoint has been disabled for as long. What
    an endpoint that was removed leaves behind goes at once.
    """
    return await attempts.prune_deliveries(
        db, before=db.read_clock() - KEPT, limit=_PRUNED_AT_A_TIME
    )


async def _get_enabled(db: Db, webhook_id: UUID) -> Webhook:
    webhook = await webhooks.get_webhook(db, webhook_id, lock=True)
    if not webhook.is_enabled:
        raise WebhookDisabled(
            "The webhook is disabled; enable it first.", reason=webhook.disabled_reason
        )
    return webhook


def _is_wanted(webhook: Webhook, event: Event) -> bool:
    is_after = (event.position or 0) > webhook.after_position
    return is_after and wants_event(
        webhook.types, webhook.account_ids, type_=event.type, account_id=event.account_id
    )


async def _make_deliveries(
    db: Db, webhook: Webhook, wanted: Sequence[Event], *, now: datetime
) -> None:
    """Write deliveries: due now, or for an endpoint in order after those of the same account."""
    busy: set[str] = set()
    if webhook.ordered:
        accounts = sorted({event.account_id for event in wanted})
        busy = await deliveries.list_undelivered_accounts(db, webhook.webhook_id, accounts)
    made = []
    for event in wanted:
        waits = event.account_id in busy
        made.append(
            _new_delivery(
                webhook.webhook_id,
                event_id=event.event_id,
                event_type=event.type,
                account_id=event.account_id,
                number=event.number,
                now=now,
                due_at=None if waits else now,
            )
        )
        if webhook.ordered:
            busy.add(event.account_id)
    await deliveries.insert_deliveries(db, made)


def _new_delivery(
    webhook_id: UUID,
    *,
    event_id: UUID,
    event_type: str,
    account_id: str,
    number: int | None,
    now: datetime,
    due_at: datetime | None,
) -> Delivery:
    return Delivery(
        webhook_id=webhook_id,
        delivery_id=_new_id(),
        event_id=event_id,
        event_type=event_type,
        account_id=account_id,
        number=number,
        status="pending",
        attempts=0,
        failures=0,
        created_at=now,
        next_attempt_at=due_at,
        ended_at=None,
    )


def _new_id() -> UUID:
    return uuid7()
