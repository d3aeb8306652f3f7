"""Webhook endpoints: where events are sent to, and the secrets that they are signed with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import webhooks
from app.domain.access.refusals import Refusal
from app.domain.events.webhooks import DisabledReason


class WebhookUnknown(Refusal):
    """There is no such webhook."""

    kind = "unknown"
    code = "webhook_unknown"
    title = "There is no such webhook"


# What a change may write; the rest stays as it was made.
_CHANGED = (
    "url",
    "description",
    "types",
    "account_ids",
    "ordered",
    "secret",
    "previous_secret",
    "previous_ends_at",
    "rotated_at",
    "updated_at",
    "failing_since",
    "disabled_at",
    "disabled_reason",
)

_INSERT = Statement(insert(webhooks))
_BY_ID = select(webhooks).where(webhooks.c.webhook_id == bindparam("webhook_id"))
_FIND = Statement(_BY_ID)
_LOCK = Statement(_BY_ID.with_for_update())
_LIST = Statement(
    select(webhooks)
    .where(webhooks.c.webhook_id > bindparam("after"))
    .order_by(webhooks.c.webhook_id)
    .limit(bindparam("limit"))
)
_LIST_ENABLED = Statement(
    select(webhooks).where(webhooks.c.disabled_at.is_(None)).order_by(webhooks.c.webhook_id)
)
_LOCK_SEVERAL = Statement(
    select(webhooks)
    .where(webhooks.c.webhook_id == any_(bindparam("webhook_ids", type_=ARRAY(Uuid))))
    .order_by(webhooks.c.webhook_id)
    .with_for_update()
)
_COUNT = Statement(select(func.count()).select_from(webhooks))
_REPLACE = Statement(
    update(webhooks)
    .where(webhooks.c.webhook_id == bindparam("id"))
    .values({name: bindparam(name) for name in _CHANGED})
    .returning(webhooks)
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


async def insert_webhook(db: Db, values: dict[str, Any]) -> Any:
    """Write a new endpoint and return the row."""
    await db.execute(_INSERT, **values)
    return await db.row(_FIND, webhook_id=values["webhook_id"])


async def find_webhook(db: Db, webhook_id: UUID, *, lock: bool = False) -> Any | None:
    """Return the endpoint, or None."""
    return await db.row(_LOCK if lock else _FIND, webhook_id=webhook_id)


async def get_webhook(db: Db, webhook_id: UUID, *, lock: bool = False) -> Any:
    """Return the endpoint, or refuse with `webhook_unknown`."""
    row = await find_webhook(db, webhook_id, lock=lock)
    if row is None:
        raise WebhookUnknown(f"There is no webhook {webhook_id}.")
    return row


async def list_webhooks(db: Db, *, after: UUID, limit: int) -> list[Any]:
    """Return endpoints in the order they were made."""
    return await db.rows(_LIST, after=after, limit=limit)


async def list_enabled_webhooks(db: Db) -> list[Any]:
    """Return the endpoints that are not disabled."""
    return await db.rows(_LIST_ENABLED)


async def lock_webhooks(db: Db, webhook_ids: list[UUID]) -> list[Any]:
    """Hold these endpoints' rows, and return them as they are now."""
    return await db.rows(_LOCK_SEVERAL, webhook_ids=webhook_ids)


async def count_webhooks(db: Db) -> int:
    """Count the endpoints."""
    return int(await db.value(_COUNT))


async def replace_webhook(db: Db, row: Any, **changes: Any) -> Any:
    """Write an endpoint anew, with changes to the row that was read and is held."""
    values = {name: row[name] for name in _CHANGED} | changes
    return await db.row(_REPLACE, id=row["webhook_id"], **values)


async def note_failing(db: Db, webhook_id: UUID, *, since: datetime | None) -> None:
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
