"""Agreements: what was agreed about a subscription besides its terms, by whom and why."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.row_arrays import RowArray
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import agreements, purchases
from app.domain.selling.agreements import (
    AgreedChange,
    Agreement,
    AgreementKind,
    describe_agreed,
    read_agreed,
)

AGREEMENT = RowType(
    agreements, Agreement, read={"terms": read_agreed}, write={"terms": describe_agreed}
)
# The cover that an order gave, beside the order.
BOUGHT_BY_ORDER = and_(
    agreements.c.account_id == bindparam("account_id"),
    agreements.c.reference == literal_column("'order '").concat(purchases.c.order_id),
    agreements.c.bought,
)
_INSERT = Statement(insert(agreements))
_FIND = Statement(
    select(*AGREEMENT.columns).where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == bindparam("reference"),
        agreements.c.bought == bindparam("bought"),
    )
)
_LIST = Listing(
    select(*AGREEMENT.columns).where(agreements.c.account_id == bindparam("account_id")),
    agreements.c.created_at,
    agreements.c.reference,
    agreements.c.bought,
)
_OF_SUBSCRIPTION = Statement(
    select(*AGREEMENT.columns)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.subscription_id == bindparam("subscription_id"),
        agreements.c.kind == bindparam("kind"),
    )
    .order_by(agreements.c.effective_at, agreements.c.reference),
    asked_again=True,
)
_OF_KIND = (
    select(*AGREEMENT.columns)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.kind == bindparam("kind"),
    )
    .order_by(agreements.c.effective_at, agreements.c.reference)
)
_LIST_OF_KIND = Statement(_OF_KIND, asked_again=True)
# The same beside something else that is read.
AGREED = RowArray("of_agreements", _OF_KIND)
_CHANGE_BOUGHT = Statement(
    update(agreements)
    .where(
        agreements.c.account_id == bindparam("account_id"),
        agreements.c.reference == bindparam("reference"),
        agreements.c.bought == bindparam("bought"),
    )
    .values(terms=bindparam("terms"), notify_at=None)
)


async def insert_agreement(db: Db, agreement: Agreement) -> None:
    """Write a new agreement."""
    await db.write(_INSERT, **AGREEMENT.values(agreement))


async def find_agreement(
    db: Db, account_id: str, reference: str, *, bought: bool
) -> Agreement | None:
    """Return the agreement of a reference, bought or made by hand, or None."""
    row = await db.row(_FIND, account_id=account_id, reference=reference, bought=bought)
    return None if row is None else AGREEMENT.read(row)


async def list_agreements(
    db: Db, account_id: str, *, after: Sequence[Any] | None, ascending: bool, limit: int
) -> list[Agreement]:
    """Return the account's agreements by when they were recorded, after a place among them."""
    rows = await _LIST.read(
        db, ascending=ascending, after=after, limit=limit, account_id=account_id
    )
    return [AGREEMENT.read(row) for row in rows]


async def load_agreements(
    db: Db, account_id: str, subscription_id: UUID, *, kind: AgreementKind
) -> list[Agreement]:
    """Return a subscription's agreements of one kind, in the order they took effect."""
    rows = await db.rows(
        _OF_SUBSCRIPTION, account_id=account_id, subscription_id=subscription_id, kind=kind
    )
    return [AGREEMENT.read(row) for row in rows]


async def load_agreements_of_kind(
    db: Db, account_id: str, *, kind: AgreementKind
) -> list[Agreement]:
    """Return the account's agreements of one kind, in the order they took effect."""
    rows = await db.rows(_LIST_OF_KIND, account_id=account_id, kind=kind)
    return [AGREEMENT.read(row) for row in rows]


def keep_agreements(db: Db, account_id: str, *, kind: AgreementKind, value: Any) -> None:
    """Keep what was read as `AGREED`, which need not be read again."""
    db.keep(_LIST_OF_KIND, AGREED.rows(value), account_id=account_id, kind=kind)


async def change_bought(db: Db, account_id: str, reference: str, *, terms: AgreedChange) -> None:
    """Write what bought cover that was ended comes to: its end is not told of later."""
    await db.write(
        _CHANGE_BOUGHT,
        account_id=account_id,
        reference=reference,
        bought=True,
        terms=describe_agreed(terms),
    )
