"""Agreements: what was agreed about a subscription besides its terms, by whom and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import agreements

_INSERT = Statement(insert(agreements))
_FIND = Statement(
    select(agreements).where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == bindparam("reference"),
    )
)
_LIST = Statement(
    select(agreements)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference > bindparam("after"),
    )
    .order_by(agreements.c.reference)
    .limit(bindparam("limit"))
)
_OF_SUBSCRIPTION = Statement(
    select(agreements)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.subscription_id == bindparam("subscription_id"),
        agreements.c.kind == bindparam("kind"),
    )
    .order_by(agreements.c.effective_at, agreements.c.reference)
)
_CHANGE_TERMS = Statement(
    update(agreements)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == bindparam("reference"),
    )
    .values(terms=bindparam("terms"), notify_at=None)
)


async def insert_agreement(
    db: Db,
    account_id: str,
    *,
    reference: str,
    kind: str,
    subscription_id: UUID,
    terms: dict[str, Any],
    reason: str,
    actor: str,
    effective_at: datetime,
    now: datetime,
    notify_at: datetime | None = None,
) -> None:
    """Write a new agreement; `notify_at` is when what was bought by it is over."""
    await db.execute(
        _INSERT,
        account_id=account_id,
        reference=reference,
        kind=kind,
        subscription_id=subscription_id,
        terms=terms,
        reason=reason,
        actor=actor,
        effective_at=effective_at,
        notify_at=notify_at,
        created_at=now,
    )


async def find_agreement(db: Db, account_id: str, reference: str) -> Any | None:
    """Return the agreement of a reference, or None."""
    return await db.row(_FIND, account_id=account_id, reference=reference)


async def list_agreements(db: Db, account_id: str, *, after: str, limit: int) -> list[Any]:
    """Return the account's agreements by their references."""
    return await db.rows(_LIST, account_id=account_id, after=after, limit=limit)


async def load_agreements(
    db: Db, account_id: str, subscription_id: UUID, *, kind: str
) -> list[Any]:
    """Return a subscription's agreements of one kind, in the order they took effect."""
    return await db.rows(
        _OF_SUBSCRIPTION, account_id=account_id, subscription_id=subscription_id, kind=kind
    )


async def change_terms(db: Db, account_id: str, reference: str, *, terms: dict[str, Any]) -> None:
    """Write what an agreement that was ended comes to: of its end nobody is told later."""
    await db.execute(_CHANGE_TERMS, account_id=account_id, reference=reference, terms=terms)
