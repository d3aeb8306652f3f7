"""Opening a ticket as an ORM's session does it: our tables, mapped, and the same rows written."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry

from app.db import tables
from app.db.engine.clocks import read_clock
from bench.floor_statements import CHANGED, CHARGED, OPENED


class Account:
    """A row of accounts."""


class Lot:
    """A row of lots."""


class Tally:
    """A row of tallies."""


class Subscription:
    """A row of subscriptions."""


class Ticket:
    """A row of tickets."""


class Entry:
    """A row of entries."""


class Deadline:
    """A row of deadlines."""


class Event:
    """A row of events."""


_MAPPED: dict[type, Table] = {
    Account: tables.accounts,
    Lot: tables.lots,
    Tally: tables.tallies,
    Subscription: tables.subscriptions,
    Ticket: tables.tickets,
    Entry: tables.entries,
    Deadline: tables.deadlines,
    Event: tables.events,
}
_EVENTS = (
    ("ticket.opened", OPENED),
    ("ticket.charged", CHARGED),
    ("account.summary_changed", CHANGED),
)


class Orm:
    """Sessions on a database, with our tables mapped to classes."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self._mapping = registry()
        for kind, table in _MAPPED.items():
            self._mapping.map_imperatively(kind, table)
        self._engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=pool_size
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def close(self) -> None:
        await self._engine.dispose()
        self._mapping.dispose()

    async def open_ticket(
        self, account_id: str, ticket_id: str, *, request: dict[str, Any], trace: list[Any]
    ) -> None:
        """Open a ticket on the account's first lot: lock, read, add, commit."""
        async with self._sessions.begin() as db:
            account: Any = await db.get(Account, account_id, with_for_update=True)
            if await db.get(Ticket, (account_id, ticket_id)) is not None:
                return
            now = max(read_clock(), account.effective_at)
            lots = tables.lots.c
            found = select(Lot).where(lots.account_id == account_id, lots.expires_at > now)
            lot: Any = (await db.scalars(found.order_by(lots.expires_at))).first()
            subscription = await db.get(Subscription, (account_id, lot.subscription_id))
            tally: Any = await db.get(Tally, (account_id, lot.tally_id))
            account.sequence += 1
            account.events += 3
            account.effective_at = now
            lot.held += 1
            tally.held += 1
            db.add(_make(Entry, _entry(account, lot, tally, now), ticket_id=ticket_id))
            db.add(
                _make(
                    Ticket,
                    _ticket(account, subscription, now),
                    ticket_id=ticket_id,
                    request=request,
                    trace=trace,
                )
            )
            db.add(_make(Deadline, _deadline(account, now), ticket_id=ticket_id))
            for before_last, (type_, data) in zip((2, 1, 0), _EVENTS, strict=True):
                event = _event(account, type_, now)
                db.add(_make(Event, event, number=account.events - before_last, data=data))


def _make(kind: type, values: dict[str, Any], **more: Any) -> Any:
    made = kind()
    for name, value in (values | more).items():
        setattr(made, name, value)
    return made


def _entry(account: Any, lot: Any, tally: Any, now: datetime) -> dict[str, Any]:
    moved = {"granted": 0, "held": 1, "used": 0, "revoked": 0}
    return {
        "account_id": account.account_id,
        "sequence": account.sequence,
        "kind": "hold",
        "lot_id": lot.lot_id,
        "tally_id": tally.tally_id,
        "unit": lot.unit,
        "amount": 1,
        **moved,
        **{f"lot_{bucket}": getattr(lot, bucket) for bucket in moved},
        **{f"tally_{bucket}": getattr(tally, bucket) for bucket in moved},
        "valid_from": lot.valid_from,
        "expires_at": lot.expires_at,
        "effective_at": now,
        "clock_at": now,
        "recorded_at": now,
        "actor": "bench",
    }


def _ticket(account: Any, subscription: Any, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "subject": "Checkout fails",
        "status": "open",
        "channel": "ticket",
        "urgent": False,
        "variables": {},
        "catalog": subscription.catalog,
        "catalog_version": subscription.catalog_version,
        "promise_version": subscription.catalog_version,
        "plan": subscription.plan,
        "subscription_id": subscription.subscription_id,
        "rank": 1,
        "on_demand": False,
        "promised": True,
        "extra_calendars": [],
        "charge_status": "held",
        "charge_unit": subscription.unit,
        "charge_amount": 1,
        "charge_held": 1,
        "overage_amount": 0,
        "opened_at": now,
        "last_event_at": now,
        "events": 0,
        "unanswered": True,
        "queue_group": 0,
        "next_metric": "first_response",
        "next_strength": "guaranteed",
        "due_at": now + timedelta(days=1),
        "breaches_after": now + timedelta(days=1),
        "warn_at": now + timedelta(hours=18),
        "version": 1,
        "created_at": now,
    }


def _deadline(account: Any, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "metric": "first_response",
        "spell": 0,
        "catalog": "livecart",
        "plan": "express",
        "status": "running",
        "strength": "guaranteed",
        "started_at": now,
        "warn_at": now + timedelta(hours=18),
        "due_at": now + timedelta(days=1),
        "breaches_after": now + timedelta(days=1),
        "excused": False,
        "used_seconds": 0,
        "notify_at": now + timedelta(hours=18),
    }


def _event(account: Any, type_: str, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "event_id": uuid4(),
        "type": type_,
        "at": now,
        "recorded_at": now,
        "sandbox": False,
    }
