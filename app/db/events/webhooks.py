"""Webhook endpoints: where events are sent to, and the secrets that they are signed with."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.named_locks import NamedLock, take_lock
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import webhooks
from app.domain.access.refusals import Refusal
from app.domain.events.deliveries import Webhook
from app.domain.events.webhooks import DisabledReason
from app.domain.values import replace


class WebhookUnknown(Refusal):
    """There is no such webhook."""

    kind = "unknown"
    code = "webhook_unknown"
    title = "There is no such webhook"


class WebhookChanges(TypedDict, total=False):
    """What a change may write; the rest stays as it was made."""

    url: str
    description: str | None
    types: Sequence[str]
    account_ids: Sequence[str] | None
    ordered: bool
    secret: str
    previous_secret: str | None
    previous_ends_at: datetime | None
    rotated_at: datetime | None
    updated_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: DisabledReason | None


WEBHOOK = RowType(webhooks, Webhook)
_INSERT = Statement(insert(webhooks))
_BY_ID = select(*WEBHOOK.columns).where(webhooks.c.webhook_id == bindparam("webhook_id"))
_FIND = Statement(_BY_ID)
_LOCK = Statement(_BY_ID.with_for_update())
_LIST = Listing(select(*WEBHOOK.columns), webhooks.c.webhook_id)
_LIST_ENABLED = Statement(
    select(*WEBHOOK.columns).where(webhooks.c.disabled_at.is_(None)).order_by(webhooks.c.webhook_id)
)
_COUNT = Statement(select(func.count()).select_from(webhooks))
_REPLACE = Statement(
    update(webhooks)
    .where(webhooks.c.webhook_id == bindparam("id"))
    .values({name: bindparam(name) for name in WebhookChanges.__annotations__})
)
_NOTE_FAILING = Statement(
    update(webhooks)
    .where(webhooks.c.webhook_id == bindparam("id"))
    .values(failing_since=bindparam("since"))
)
_DISABLE = Statement(
    update(webhooks)
    .where(webhooks.c.webhook_id == bindparam("id"))
    .values(disabled_at=bindparam("now"), disabled_reason=bindparam("reason"))
)
_DELETE = Statement(delete(webhooks).where(webhooks.c.webhook_id == bindparam("webhook_id")))


async def hold_creations(db: Db) -> None:
    """Hold the number of endpoints against others who make one, until the commit."""
    await take_lock(db, NamedLock.WEBHOOK_CREATION)


async def insert_webhook(db: Db, webhook: Webhook) -> None:
    """Write a new endpoint."""
    await db.write(_INSERT, **WEBHOOK.values(webhook))


async def find_webhook(db: Db, webhook_id: UUID, *, lock: bool = False) -> Webhook | None:
    """Return the endpoint, or None."""
    row = await db.row(_LOCK if lock else _FIND, webhook_id=webhook_id)
    return None if row is None else WEBHOOK.read(row)


async def get_webhook(db: Db, webhook_id: UUID, *, lock: bool = False) -> Webhook:
    """Return the endpoint, or refuse with `webhook_unknown`."""
    webhook = await find_webhook(db, webhook_id, lock=lock)
    if webhook is None:
        raise WebhookUnknown(f"There is no webhook {webhook_id}.")
    return webhook


async def list_webhooks(
    db: Db, *, after: Sequence[UUID] | None, ascending: bool, limit: int
) -> list[Webhook]:
    """Return endpoints in the order they were made, after one of them."""
    rows = await _LIST.read(db, ascending=ascending, after=after, limit=limit)
    return [WEBHOOK.read(row) for row in rows]


async def list_enabled_webhooks(db: Db) -> list[Webhook]:
    """Return the endpoints that are not disabled."""
    return [WEBHOOK.read(row) for row in await db.rows(_LIST_ENABLED)]


async def lock_webhooks(db: Db, webhook_ids: list[UUID]) -> list[Webhook]:
    """Lock these endpoints' rows, and return them as they are now.

    One by one, in their order, since they may be on several nodes.
    """
    locked = [await find_webhook(db, each, lock=True) for each in sorted(webhook_ids)]
    return [webhook for webhook in locked if webhook is not None]


async def count_webhooks(db: Db) -> int:
    """Count the endpoints."""
    return int(await db.value(_COUNT))


async def replace_webhook(db: Db, webhook: Webhook, **changes: Unpack[WebhookChanges]) -> Webhook:
    """Write an endpoint anew, with changes to the row that was read and is locked."""
    changed = replace(webhook, **changes)
    await db.write(_REPLACE, id=webhook.webhook_id, **WEBHOOK.values(changed))
    return changed


async def record_failing(db: Db, webhook_id: UUID, *, since: datetime | None) -> None:
    """Write since when an endpoint fails; None where it does not."""
    await db.execute(_NOTE_FAILING, id=webhook_id, since=since)


async def disable_webhook(
    db: Db, webhook_id: UUID, *, reason: DisabledReason, now: datetime
) -> None:
    """Write that nothing more is sent to an endpoint, and why."""
    await db.execute(_DISABLE, id=webhook_id, now=now, reason=reason)


async def delete_webhook(db: Db, webhook_id: UUID) -> None:
    """Remove an endpoint with its secrets, or refuse with `webhook_unknown`."""
    if await db.execute(_DELETE, webhook_id=webhook_id) == 0:
        raise WebhookUnknown(f"There is no webhook {webhook_id}.")
