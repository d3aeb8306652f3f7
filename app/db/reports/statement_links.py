"""Links to statements: only the digest of a link's token is kept."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import statement_links
from app.domain.values import Value


class LinkedPeriod(Value):
    """The period of an account's statement that a link leads to; the catalogue, if only one."""

    account_id: str
    digest: bytes
    period_start: datetime | None
    period_end: datetime | None
    catalog: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime


LINKED_PERIOD = RowType(statement_links, LinkedPeriod)
_INSERT = Statement(insert(statement_links))
_FIND = Statement(
    select(*LINKED_PERIOD.columns).where(
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


async def insert_link(db: Db, link: LinkedPeriod) -> None:
    """Write a new link, and delete the account's expired ones."""
    await db.execute(_CLEAR, account_id=link.account_id, now=link.created_at)
    await db.execute(_INSERT, **LINKED_PERIOD.values(link))


async def find_link(
    db: Db, account_id: str, digest: bytes, *, now: datetime
) -> LinkedPeriod | None:
    """Return what the link of this digest leads to; None if there is none or it has expired."""
    row = await db.row(_FIND, account_id=account_id, digest=digest, now=now)
    return None if row is None else LINKED_PERIOD.read(row)
