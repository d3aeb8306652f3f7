"""Deliveries: an event for an endpoint, from when it is due to when it is over.

Who begins an attempt moves the delivery's next one to when this one is to be taken for lost; so
whoever is killed, it is due again by then. What an attempt came to is written by the one that
began the last.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.database import Db, Statement
from app.db.tables import webhook_attempts, webhook_deliveries, webhooks
from app.domain.refusals import Refusal
from app.domain.webhooks import Outcome, Status, Verdict


class DeliveryUnknown(Refusal):
    """There is no such delivery of this webhook, or no more: they are kept for 30 days."""

    kind = "unknown"
    code = "delivery_unknown"
    title = "There is no such delivery"


_D = webhook_deliveries.c
_A = webhook_attempts.c
_OF_WEBHOOK = _D.webhook_id == bindparam("webhook")
_PENDING = _D.status == "pending"
_IDS = bindparam("delivery_ids", type_=ARRAY(Uuid))

_INSERT = Statement(insert(webhook_deliveries))
_BY_ID = select(webhook_deliveries).where(_OF_WEBHOOK, _D.delivery_id == bindparam("delivery"))
_FIND = Statement(_BY_ID)
_LOCK = Statement(_BY_ID.with_for_update())
_LIST = Statement(
    select(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.delivery_id < bindparam("before"),
        or_(bindparam("status", type_=Text).is_(None), _D.status == bindparam("status")),
    )
    .order_by(_D.delivery_id.desc())
    .limit(bindparam("limit"))
)
_LIST_ATTEMPTS = Statement(
    select(webhook_attempts)
    .where(_A.webhook_id == bindparam("webhook"), _A.delivery_id == any_(_IDS))
    .order_by(_A.delivery_id, _A.attempt)
)
_LIST_WAITED_FOR = Statement(
    select(_D.account_id)
    .distinct()
    .where(
        _OF_WEBHOOK,
        _PENDING,
        _D.account_id == any_(bindparam("account_ids", type_=ARRAY(Text))),
        _D.number.is_not(None),
    )
)
_DUE = (
    select(_D.delivery_id.label("due_id"))
    .where(_OF_WEBHOOK, _PENDING, _D.next_attempt_at <= bindparam("now"))
    .order_by(_D.next_attempt_at, _D.delivery_id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .subquery("due")
)
_TAKE_DUE = Statement(
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.delivery_id == _DUE.c.due_id)
    .values(attempts=_D.attempts + 1, next_attempt_at=bindparam("lost_at"))
    .returning(webhook_deliveries)
)
_INSERT_ATTEMPT = Statement(insert(webhook_attempts))
_NOTE_LOST = Statement(
    update(webhook_attempts)
    .where(
        _A.webhook_id == bindparam("webhook"),
        _A.delivery_id == any_(_IDS),
        _A.result.is_(None),
    )
    .values(result="interrupted", detail="The worker ended before the receiver had answered.")
)
_END_ATTEMPT = Statement(
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
        _PENDING,
    )
    .values(
        status=bindparam("status"),
        failures=bindparam("failures"),
        next_attempt_at=bindparam("next_attempt_at"),
        ended_at=bindparam("ended_at"),
    )
)
_REDELIVER = Statement(
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.delivery_id == bindparam("delivery"))
    .values(
        status="pending", failures=0, next_attempt_at=bindparam("next_attempt_at"), ended_at=None
    )
    .returning(webhook_deliveries)
)
_ACCOUNTS = func.unnest(bindparam("account_ids", type_=ARRAY(Text))).table_valued("account_id")
_HEAD = (
    select(_D.delivery_id.label("head_id"))
    .where(_OF_WEBHOOK, _PENDING, _D.account_id == _ACCOUNTS.c.account_id, _D.number.is_not(None))
    .order_by(_D.number)
    .limit(1)
    .lateral("head")
)
_RELEASE = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.delivery_id.in_(select(_HEAD.c.head_id).select_from(_ACCOUNTS.join(_HEAD, _D.webhook_id.is_not(None)))),
        _D.next_attempt_at.is_(None),
    )
    .values(next_attempt_at=bindparam("now"))
)
