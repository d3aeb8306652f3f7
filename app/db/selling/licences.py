"""Software licences that a customer has registered, under the storefront's own ids."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import licences

_INSERT = Statement(insert(licences))
_FIND = Statement(
    select(licences).where(
        licences.c.account_id == bindparam("account_id"),
        licences.c.license_id == bindparam("license_id"),
    )
)
_ANY = Statement(
    select(licences.c.license_id)
    .where(
        licences.c.account_id == bindparam("account_id"),
        licences.c.catalog == bindparam("catalog"),
    )
    .limit(1)
)
_LIST = Statement(
    select(licences)
    .where(
        licences.c.account_id == bindparam("account_id"),
        licences.c.license_id > bindparam("after"),
    )
    .order_by(licences.c.license_id)
    .limit(bindparam("limit"))
)


async def find_licence(db: Db, account_id: str, license_id: str) -> Any | None:
    """Return a licence's row, or None."""
    return await db.row(_FIND, account_id=account_id, license_id=license_id)


async def has_licence(db: Db, account_id: str, catalog: str) -> bool:
    """Say whether the account has any licence in a catalogue."""
    return await db.value(_ANY, account_id=account_id, catalog=catalog) is not None


async def insert_licence(
    db: Db,
    account_id: str,
    *,
    license_id: str,
    request: dict[str, Any],
    catalog: str,
    product: str,
    subscription_id: UUID | None,
    created_at: datetime,
) -> None:
    """Write a new licence; `subscription_id` is what it brought, if anything."""
    await db.execute(
        _INSERT,
        account_id=account_id,
        license_id=license_id,
        request=request,
        catalog=catalog,
        product=product,
        subscription_id=subscription_id,
        created_at=created_at,
    )


async def list_licences(db: Db, account_id: str, *, after: str, limit: int) -> list[Any]:
    """Return the account's licences in the order of their ids."""
    return await db.rows(_LIST, account_id=account_id, after=after, limit=limit)
