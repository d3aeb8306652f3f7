"""Software licences that a customer has registered, under the storefront's own ids."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import licences
from app.domain.selling.licences import RegisteredLicence

LICENCE = RowType(licences, RegisteredLicence)
_INSERT = Statement(insert(licences))
_FIND = Statement(
    select(*LICENCE.columns).where(
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
_LIST = Listing(
    select(*LICENCE.columns).where(licences.c.account_id == bindparam("account_id")),
    licences.c.created_at,
    licences.c.license_id,
    asked={"catalog": licences.c.catalog},
)


async def find_licence(db: Db, account_id: str, license_id: str) -> RegisteredLicence | None:
    """Return a licence, or None."""
    row = await db.row(_FIND, account_id=account_id, license_id=license_id)
    return None if row is None else LICENCE.read(row)


async def has_licence(db: Db, account_id: str, catalog: str) -> bool:
    """Return whether the account has any licence in a catalogue."""
    return await db.value(_ANY, account_id=account_id, catalog=catalog) is not None


async def insert_licence(db: Db, licence: RegisteredLicence) -> None:
    """Write a new licence."""
    await db.write(_INSERT, **LICENCE.values(licence))


async def list_licences(
    db: Db,
    account_id: str,
    *,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
    catalog: str | None = None,
) -> list[RegisteredLicence]:
    """Return the account's licences by when they were registered, after a place among them."""
    rows = await _LIST.read(
        db, ascending=ascending, after=after, limit=limit, account_id=account_id, catalog=catalog
    )
    return [LICENCE.read(row) for row in rows]
