"""Deliveries: an event for an endpoint, from when it is due to when it is over.

Of an endpoint whose events are sent in order, only the first of each account is due; those
after it wait, without a time, until it is over. Whoever begins attempts sees to it: what is found
due behind another is not begun, but waits.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    not_,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import webhook_attempts, webhook_deliveries, webhooks
from app.db.tables.base import INSTANT
from app.domain.access.refusals import Refusal
from app.domain.events.deliveries import Delivery, DeliveryAttempt
from app.domain.events.webhooks import STATUSES, Status


class DeliveryUnknown(Refusal):
    """There is no such delivery of this webhook; or no more, for they are kept for 30 days."""

    kind = "unknown"
    code = "delivery_unknown"
    title = "There is no such delivery"


_D = webhook_deliveries.c
_A = webhook_attempts.c
_LANE = webhook_deliveries.alias("lane")
# Spelled out, for the indexes are of what is pending only.
_PENDING: ColumnElement[str] = literal_column("'pending'")
_OF_WEBHOOK = _D.webhook_id == bindparam("webhook")
_ACCOUNT_IDS = bindparam("account_ids", type_=ARRAY(Text))
# Whether an earlier event of the same account is still to be sent; never before a ping.
FOLLOWS_PENDING = (
    exists()
    .where(
        _LANE.c.webhook_id == bindparam("webhook"),
        _LANE.c.status == _PENDING,
        _LANE.c.account_id == _D.account_id,
        _LANE.c.number < _D.number,
    )
    .correlate(webhook_deliveries)
)
_UNDER_WAY = (
    exists()
    .where(
        _A.webhook_id == bindparam("webhook"),
        _A.delivery_id == _D.delivery_id,
        _A.attempt == _D.attempts,
        _A.result.is_(None),
    )
    .correlate(webhook_deliveries)
)

DELIVERY = RowType(webhook_deliveries, Delivery)
DELIVERY_ATTEMPT = RowType(webhook_attempts, DeliveryAttempt)
_INSERT = Statement(insert(webhook_deliveries))
_OF_ENDPOINT = select(*DELIVERY.columns).where(_OF_WEBHOOK)
_LIST = Listing(_OF_ENDPOINT, _D.delivery_id)
_LIST_OF_STATUS: dict[Status, Listing] = {
    status: Listing(_OF_ENDPOINT.where(_D.status == literal_column(f"'{status}'")), _D.delivery_id)
    for status in STATUSES
}
_LIST_ATTEMPTS = Statement(
    select(*DELIVERY_ATTEMPT.columns)
    .where(
        _A.webhook_id == bindparam("webhook"),
        _A.delivery_id == any_(bindparam("delivery_ids", type_=ARRAY(Uuid))),
    )
    .order_by(_A.delivery_id, _A.attempt)
)
_ACCOUNTS = func.unnest(_ACCOUNT_IDS).table_valued("account_id").render_derived()
_LIST_UNDELIVERED = Statement(
    select(_ACCOUNTS.c.account_id).where(
        exists()
        .where(
            _OF_WEBHOOK,
            _D.status == _PENDING,
            _D.account_id == _ACCOUNTS.c.account_id,
            _D.number.is_not(None),
        )
        .correlate(_ACCOUNTS)
    )
)
_LIST_WAITING = Statement(
    select(_D.account_id)
    .distinct()
    .where(_OF_WEBHOOK, _D.status == _PENDING, _D.next_attempt_at.is_(None))
)
_HEAD = (
    select(_LANE.c.delivery_id)
    .where(
        _LANE.c.webhook_id == bindparam("webhook"),
        _LANE.c.status == _PENDING,
        _LANE.c.account_id == _ACCOUNTS.c.account_id,
        _LANE.c.number.is_not(None),
    )
    .order_by(_LANE.c.number)
    .limit(1)
    .correlate(_ACCOUNTS)
    .scalar_subquery()
)
_RELEASE_HEADS = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.delivery_id.in_(select(_HEAD).select_from(_ACCOUNTS)),
        _D.next_attempt_at.is_(None),
    )
    .values(next_attempt_at=bindparam("now"))
)
_RELEASE_ALL = Statement(
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.status == _PENDING, _D.next_attempt_at.is_(None))
    .values(next_attempt_at=bindparam("now"))
)
_PUT_IN_ORDER = Statement(
    update(webhook_deliveries)
    .where(
        _OF_WEBHOOK,
        _D.status == _PENDING,
        _D.next_attempt_at.is_not(None),
        FOLLOWS_PENDING,
        not_(_UNDER_WAY),
    )
    .values(next_attempt_at=null())
)
_REDELIVER = Statement(
    update(webhook_deliveries)
    .where(_OF_WEBHOOK, _D.delivery_id == bindparam("delivery"))
    .values(
        status="pending",
        failures=0,
        next_attempt_at=case(
            (and_(bindparam("ordered", type_=Boolean), FOLLOWS_PENDING), null()),
            else_=bindparam("now", type_=INSTANT),
        ),
        ended_at=None,
    )
    .returning(*DELIVERY.columns)
)
_PLACES = (
    func.unnest(_ACCOUNT_IDS, bindparam("numbers", type_=ARRAY(BigInteger)))
    .table_valued("account_id", "number")
    .render_derived(name="places")
)
# Of endpoints that are there: what one leaves that was removed is not sent any more.
_LIST_PENDING = Statement(
    select(_D.account_id, _D.number)
    .join(webhooks, webhooks.c.webhook_id == _D.webhook_id)
    .join(_PLACES, and_(_D.account_id == _PLACES.c.account_id, _D.number == _PLACES.c.number))
    .where(_D.status == _PENDING)
)
_LIST_DUE_WEBHOOKS = Statement(
    select(webhooks.c.webhook_id).where(
        webhooks.c.disabled_at.is_(None),
        exists().where(
            _D.webhook_id == webhooks.c.webhook_id,
            _D.status == _PENDING,
            _D.next_attempt_at <= bindparam("now"),
        ),
    )
)


async def insert_deliveries(db: Db, made: Sequence[Delivery]) -> None:
    """Write new deliveries."""
    await db.write_many(_INSERT, [DELIVERY.values(each) for each in made])


async def list_deliveries(
    db: Db,
    webhook_id: UUID,
    *,
    after: Sequence[UUID] | None,
    ascending: bool,
    limit: int,
    status: Status | None,
) -> list[Delivery]:
    """Return deliveries in the order they were made, after one of them."""
    listing = _LIST if status is None else _LIST_OF_STATUS[status]
    rows = await listing.read(db, ascending=ascending, after=after, limit=limit, webhook=webhook_id)
    return [DELIVERY.read(row) for row in rows]


async def list_attempts(
    db: Db, webhook_id: UUID, delivery_ids: Sequence[UUID]
) -> list[DeliveryAttempt]:
    """Return the attempts of these deliveries, in order for each."""
    rows = await db.rows(_LIST_ATTEMPTS, webhook=webhook_id, delivery_ids=delivery_ids)
    return [DELIVERY_ATTEMPT.read(row) for row in rows]


async def list_undelivered_accounts(
    db: Db, webhook_id: UUID, account_ids: Sequence[str]
) -> set[str]:
    """Return those of the accounts that have an event for the endpoint which is not over."""
    rows = await db.rows(_LIST_UNDELIVERED, webhook=webhook_id, account_ids=account_ids)
    return {row["account_id"] for row in rows}


async def list_pending_events(db: Db, places: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of the events, by account and number, that an endpoint is still to be sent."""
    if not places:
        return set()
    account_ids, numbers = zip(*places, strict=True)
    rows = await db.rows(_LIST_PENDING, account_ids=account_ids, numbers=numbers)
    return {(row["account_id"], row["number"]) for row in rows}


async def list_due_webhooks(db: Db, *, now: datetime) -> list[UUID]:
    """Return the enabled endpoints that something is due for."""
    return [row["webhook_id"] for row in await db.rows(_LIST_DUE_WEBHOOKS, now=now)]


async def release_heads(
    db: Db, webhook_id: UUID, account_ids: Sequence[str], *, now: datetime
) -> None:
    """Make the first event of each account due, where it waits. The endpoint's row is locked."""
    await db.execute(_RELEASE_HEADS, webhook=webhook_id, account_ids=account_ids, now=now)


async def release_waiting(db: Db, webhook_id: UUID, *, ordered: bool, now: datetime) -> None:
    """Make due whatever waits for no reason any more. The endpoint's row is locked."""
    if not ordered:
        await db.execute(_RELEASE_ALL, webhook=webhook_id, now=now)
        return
    waiting = [row["account_id"] for row in await db.rows(_LIST_WAITING, webhook=webhook_id)]
    if waiting:
        await release_heads(db, webhook_id, waiting, now=now)


async def put_in_order(db: Db, webhook_id: UUID) -> None:
    """Let wait whatever is due behind an earlier one of its account, and is not under way.

    The endpoint's row is locked.
    """
    await db.execute(_PUT_IN_ORDER, webhook=webhook_id)


async def redeliver(
    db: Db, webhook_id: UUID, delivery_id: UUID, *, ordered: bool, now: datetime
) -> Delivery:
    """Make a delivery due as if it had never failed, or refuse with `delivery_unknown`.

    It is due now, but where an `ordered` endpoint has an earlier one of its account pending. The
    endpoint's row is locked.
    """
    row = await db.row(
        _REDELIVER, webhook=webhook_id, delivery=delivery_id, ordered=ordered, now=now
    )
    if row is None:
        raise DeliveryUnknown(f"This webhook has no delivery {delivery_id}.")
    return DELIVERY.read(row)
