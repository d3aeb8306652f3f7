"""Attempts at deliveries: begun by one worker, ended by the same, or lost.

Who begins an attempt moves the delivery's next one to when this one is to be taken for lost: so
whoever is killed, it is due again by then. What it came to counts only while no other was begun.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.database import Db, Statement
from app.db.tables import webhook_attempts, webhook_deliveries, webhooks
from app.domain.webhooks import Outcome, Verdict

_D = webhook_deliveries.c
_A = webhook_attempts.c
# Spelled out, for the indexes are of what is pending only.
_PENDING: ColumnElement[str] = literal_column("'pending'")
_OF_WEBHOOK = _D.webhook_id == bindparam("webhook")
_IDS = bindparam("delivery_ids", type_=ARRAY(Uuid))

# A CTE, for a subquery might be run more than once, and would then lock more rows each time.
_DUE = (
    select(_D.delivery_id)
    .where(_OF_WEBHOOK, _D.status == _PENDING, _D.next_attempt_at <= bindparam("now"))
    .order_by(_D.next_attempt_at, _D.delivery_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_BEGIN = Statement(
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.delivery_id == _DUE.c.delivery_id)
    .values(attempts=_D.attempts + 1, next_attempt_at=bindparam("lost_at"))
    .returning(webhook_deliveries)
)
_INSERT = Statement(insert(webhook_attempts))
_NOTE_LOST = Statement(
    update(webhook_attempts)
    .where(_A.webhook_id == bindparam("webhook"), _A.delivery_id == any_(_IDS), _A.result.is_(None))
    .values(result="interrupted", detail="The worker ended before the receiver had answered.")
)
_END = Statement(
    update(webhook_attempts)
    .where(
        _A.webhook_id == bindparam("webhook"),
        _A.delivery_id == bindparam("delivery"),
        _A.attempt == bindparam("number"),
    )
    .values(
        result=bindparam("result"),
        status_code=bindparam("status_code"),
        detail=bindparam("detail"),
        duration_ms=bindparam("duration_ms"),
    )
)
_MOVE_ON = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.delivery_id == bindparam("delivery"),
        _D.attempts == bindparam("number"),
        _D.status == _PENDING,
    )
    .values(
        status=bindparam("new_status"),
        failures=bindparam("failures"),
        next_attempt_at=bindparam("next_attempt_at"),
        ended_at=bindparam("ended_at"),
    )
)
# What is over, and what nobody can be told of any more: of endpoints that were removed, or are
# disabled for as long as deliveries are kept.
_OLD = (
    select(_D.webhook_id, _D.delivery_id)
    .outerjoin(webhooks, webhooks.c.webhook_id == _D.webhook_id)
    .where(
        or_(
            webhooks.c.webhook_id.is_(None),
            _D.created_at < bindparam("before"),
        ),
        or_(
            _D.status != _PENDING,
            webhooks.c.webhook_id.is_(None),
            webhooks.c.disabled_at < bindparam("before"),
        ),
    )
    .limit(bindparam("limit"))
    .cte("old")
)
_PRUNE_ATTEMPTS = (
    delete(webhook_attempts)
    .where(_A.webhook_id == _OLD.c.webhook_id, _A.delivery_id == _OLD.c.delivery_id)
    .returning(_A.attempt)
    .cte("pruned_attempts")
)
_PRUNE = Statement(
    delete(webhook_deliveries)
    .where(_D.webhook_id == _OLD.c.webhook_id, _D.delivery_id == _OLD.c.delivery_id)
    .add_cte(_PRUNE_ATTEMPTS)
)


async def begin_attempts(
    db: Db, webhook_id: UUID, *, now: datetime, lost_at: datetime, limit: int
) -> list[Any]:
    """Begin attempts at what is due for an endpoint, the longest due first; the deliveries.

    None that another transaction is beginning, nor any that was begun and is not lost yet.
    """
    begun = await db.rows(_BEGIN, webhook=webhook_id, now=now, lost_at=lost_at, limit=limit)
    again = [row["delivery_id"] for row in begun if row["attempts"] > 1]
    if again:
        await db.execute(_NOTE_LOST, webhook=webhook_id, delivery_ids=again)
    await db.write_many(
        _INSERT,
        [
            {
                "webhook_id": webhook_id,
                "delivery_id": row["delivery_id"],
                "attempt": row["attempts"],
                "at": now,
                "result": None,
                "status_code": None,
                "detail": None,
                "duration_ms": None,
            }
            for row in begun
        ],
    )
    return begun


async def end_attempt(
    db: Db,
    webhook_id: UUID,
    delivery_id: UUID,
    *,
    number: int,
    outcome: Outcome,
    verdict: Verdict,
    now: datetime,
) -> bool:
    """Write what an attempt came to; False where it was taken for lost and made again."""
    await db.execute(
        _END,
        webhook=webhook_id,
        delivery=delivery_id,
        number=number,
        result=outcome.result,
        status_code=outcome.status_code,
        detail=outcome.detail,
        duration_ms=outcome.duration_ms,
    )
    moved = await db.execute(
        _MOVE_ON,
        webhook=webhook_id,
        delivery=delivery_id,
        number=number,
        new_status=verdict.status,
        failures=verdict.failures,
        next_attempt_at=verdict.next_attempt_at,
        ended_at=None if verdict.status == "pending" else now,
    )
    return moved == 1


async def prune_deliveries(db: Db, *, before: datetime, limit: int) -> int:
    """Remove deliveries of before an instant, and of removed endpoints, and count them."""
    return await db.execute(_PRUNE, before=before, limit=limit)
