"""Links to statements: only the digest of a link's token is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import statement_links

_INSERT = Statement(insert(statement_links))
_FIND = Statement(
    select(statement_links).where(
        statement_links.c.account_id == bindparam("account_id"),
        statement_links.c.digest == bindparam("digest"),
        statement_links.c.expires_at > bindparam("now"),
    )
)
_CLEAR = Statement(
    delete(statement_links).where(
        statement_links.c.account_id == bindparam("account_id"),
        statement_links.c.expires_at <= bindparam("now"),
    )
)


async def insert_link(
    db: Db,
    account_id: str,
    *,
    digest: bytes,
    period: tuple[datetime | None, datetime | None],
    catalog: str | None,
    created_by: str,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    """Write a new link, and forget the account's expired ones."""
    await db.execute(_CLEAR, account_id=account_id, now=created_at)
    await db.execute(
        _INSERT,
        account_id=account_id,
        digest=digest,
        period_start=period[0],
        period_end=period[1],
        catalog=catalog,
        created_by=created_by,
        created_at=created_at,
        expires_at=expires_at,
    )


async def find_link(db: Db, account_id: str, digest: bytes, *, now: datetime) -> Any | None:
    """Return the link of this digest, or None where there is none or it has expired."""
    return await db.row(_FIND, account_id=account_id, digest=digest, now=now)
