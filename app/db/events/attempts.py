"""Attempts at deliveries: begun by one worker, ended by the same, or lost.

Who begins an attempt moves the delivery's next one to when this one is to be taken for lost: so
whoever is killed, it is due again by then. What it came to counts only while no other was begun.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    delete,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.events.deliveries import DELIVERY, FOLLOWS_PENDING
from app.db.tables import webhook_attempts, webhook_deliveries, webhooks
from app.db.tables.base import INSTANT
from app.domain.events.deliveries import Delivery
from app.domain.events.webhooks import Outcome, Verdict
from app.domain.values import Value

_D = webhook_deliveries.c
_A = webhook_attempts.c
# Spelled out, for the indexes are of what is pending only.
_PENDING: ColumnElement[str] = literal_column("'pending'")
_OF_WEBHOOK = _D.webhook_id == bindparam("webhook")


def _array(name: str, of: TypeEngine[Any]) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(of))


def _begin(due: CTE, *beside: CTE) -> Statement:
    """Return the statement that begins attempts at what is `due`, and does what is beside it."""
    begun = (
        update(webhook_deliveries)
        .where(_OF_WEBHOOK, _D.delivery_id == due.c.delivery_id)
        .values(attempts=_D.attempts + 1, next_attempt_at=bindparam("lost_at"))
        .returning(*DELIVERY.columns)
        .cte("begun")
    )
    lost = (
        update(webhook_attempts)
        .where(
            _A.webhook_id == begun.c.webhook_id,
            _A.delivery_id == begun.c.delivery_id,
            _A.result.is_(None),
        )
        .values(result="interrupted", detail="The worker ended before the receiver had answered.")
        .cte("lost")
    )
    noted = (
        insert(webhook_attempts)
        .from_select(
            ["webhook_id", "delivery_id", "attempt", "at"],
            select(
                begun.c.webhook_id,
                begun.c.delivery_id,
                begun.c.attempts,
                bindparam("now", type_=INSTANT),
            ),
        )
        .cte("noted")
    )
    return Statement(select(begun).add_cte(lost, noted, *beside))


_IN_TURN = (_D.next_attempt_at, _D.delivery_id)
# A CTE, for a subquery might be run more than once, and would then lock more rows each time.
_DUE = (
    select(_D.delivery_id)
    .where(_OF_WEBHOOK, _D.status == _PENDING, _D.next_attempt_at <= bindparam("now"))
    .order_by(*_IN_TURN)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_BEGIN = _begin(_DUE)
# Of what is due for an endpoint in order, so much is looked at.
_LOOKED_AT = 100
_FOUND = (
    select(_D.delivery_id, _D.next_attempt_at, FOLLOWS_PENDING.label("follows"))
    .where(_OF_WEBHOOK, _D.status == _PENDING, _D.next_attempt_at <= bindparam("now"))
    .order_by(*_IN_TURN)
    .limit(literal_column(str(_LOOKED_AT)))
    .with_for_update(skip_locked=True)
    .cte("found")
)
_FIRST = (
    select(_FOUND.c.delivery_id)
    .where(not_(_FOUND.c.follows))
    .order_by(_FOUND.c.next_attempt_at, _FOUND.c.delivery_id)
    .limit(bindparam("limit"))
    .cte("due")
)
_WAITING = (
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.delivery_id == _FOUND.c.delivery_id, _FOUND.c.follows)
    .values(next_attempt_at=null())
    .cte("waiting")
)
_BEGIN_IN_ORDER = _begin(_FIRST, _WAITING)
_ENDED = select(
    func.unnest(
        _array("delivery_ids", Uuid()),
        _array("numbers", Integer()),
        _array("results", Text()),
        _array("status_codes", SmallInteger()),
        _array("details", Text()),
        _array("durations_ms", Integer()),
        _array("statuses", Text()),
        _array("failures", SmallInteger()),
        _array("next_attempts_at", INSTANT),
    )
    .table_valued(
        column("delivery_id", Uuid()),
        column("number", Integer()),
        column("result", Text()),
        column("status_code", SmallInteger()),
        column("detail", Text()),
        column("duration_ms", Integer()),
        column("status", Text()),
        column("failures", SmallInteger()),
        column("next_attempt_at", INSTANT),
    )
    .render_derived(name="given")
).cte("ended")
_RESULTS = (
    update(webhook_attempts)
    .where(
        _A.webhook_id == bindparam("webhook"),
        _A.delivery_id == _ENDED.c.delivery_id,
        _A.attempt == _ENDED.c.number,
    )
    .values(
        result=_ENDED.c.result,
        status_code=_ENDED.c.status_code,
        detail=_ENDED.c.detail,
        duration_ms=_ENDED.c.duration_ms,
    )
    .cte("results")
)
_END = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.delivery_id == _ENDED.c.delivery_id,
        _D.attempts == _ENDED.c.number,
        _D.status == _PENDING,
    )
    .values(
        status=_ENDED.c.status,
        failures=_ENDED.c.failures,
        next_attempt_at=_ENDED.c.next_attempt_at,
        ended_at=case((_ENDED.c.status != _PENDING, bindparam("now", type_=INSTANT))),
    )
    .returning(_D.delivery_id)
    .add_cte(_RESULTS)
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


class EndedAttempt(Value):
    """What an attempt of this number came to, and what becomes of its delivery."""

    delivery_id: UUID
    number: int
    outcome: Outcome
    verdict: Verdict


async def begin_attempts(
    db: Db, webhook_id: UUID, *, ordered: bool, now: datetime, lost_at: datetime, limit: int
) -> list[Delivery]:
    """Begin attempts at what is due for an endpoint, the longest due first; the deliveries.

    None that another transaction is beginning, nor any that was begun and is not lost yet. Where
    it is `ordered`, none that follows one of its account that is not over: that one waits.
    """
    begin = _BEGIN_IN_ORDER if ordered else _BEGIN
    rows = await db.rows(begin, webhook=webhook_id, now=now, lost_at=lost_at, limit=limit)
    return [DELIVERY.read(row) for row in rows]


async def end_attempts(
    db: Db, webhook_id: UUID, ended: Sequence[EndedAttempt], *, now: datetime
) -> set[UUID]:
    """Write what attempts came to, and return the deliveries that they counted for.

    One that was taken for lost, and made again since, does not count any more.
    """
    rows = await db.rows(
        _END,
        webhook=webhook_id,
        now=now,
        delivery_ids=[each.delivery_id for each in ended],
        numbers=[each.number for each in ended],
        results=[each.outcome.result for each in ended],
        status_codes=[each.outcome.status_code for each in ended],
        details=[each.outcome.detail for each in ended],
        durations_ms=[each.outcome.duration_ms for each in ended],
        statuses=[each.verdict.status for each in ended],
        failures=[each.verdict.failures for each in ended],
        next_attempts_at=[each.verdict.next_attempt_at for each in ended],
    )
    return {row["delivery_id"] for row in rows}


async def prune_deliveries(db: Db, *, before: datetime, limit: int) -> int:
    """Remove deliveries of before an instant, and of removed endpoints, and count them."""
    return await db.execute(_PRUNE, before=before, limit=limit)
