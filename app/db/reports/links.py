"""Links for a browser: what each leads to, and until when; of its token only the digest."""

from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import links
from app.domain.values import Value

LinkTarget = Literal["statement", "summary", "timeline"]


class Link(Value):
    """Where a link leads: to an account's statement or summary, or to a ticket's timeline."""

    account_id: str
    digest: bytes
    target: LinkTarget
    ticket_id: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime


LINK = RowType(links, Link)

_INSERT = Statement(insert(links))
_FIND = Statement(
    select(*LINK.columns).where(
        links.c.account_id == bindparam("account_id"),
        links.c.digest == bindparam("digest"),
        links.c.expires_at > bindparam("now"),
    )
)
_CLEAR = Statement(
    delete(links).where(
        links.c.account_id == bindparam("account_id"), links.c.expires_at <= bindparam("now")
    )
)


async def insert_link(db: Db, link: Link) -> None:
    """Write a new link, and remove the account's expired ones."""
    await db.execute(_CLEAR, account_id=link.account_id, now=link.created_at)
    await db.execute(_INSERT, **LINK.values(link))


async def find_link(db: Db, account_id: str, digest: bytes, *, now: datetime) -> Link | None:
    """Return the link of this digest, or None where there is none or it has expired."""
    row = await db.row(_FIND, account_id=account_id, digest=digest, now=now)
    return None if row is None else LINK.read(row)
