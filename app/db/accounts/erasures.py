"""Erasures: personal data of an account, blanked wherever it is stored."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement

from app.db.accounts.accounts import ACCOUNT
from app.db.accounts.kept_replies import pack_reply, unpack_reply
from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, idempotency_keys, sessions, tickets
from app.domain.access.accounts import Account


def _blanked(document: Any, path: str) -> ColumnElement[Any]:
    """Return the JSON document with an empty text in a place, where it has that place."""
    place: ColumnElement[Any] = literal_column(f"'{{{path}}}'::text[]")
    blank: ColumnElement[Any] = literal_column("'\"\"'::jsonb")
    return func.jsonb_set(document, place, blank, False)


_BLANK_ACCOUNT = Statement(
    update(accounts)
    .where(accounts.c.account_id == bindparam("account_id"))
    .values(
        name="",
        email=None,
        region=None,
        metadata=bindparam("metadata"),
        erased_at=bindparam("erased_at"),
        erasure=bindparam("erasure"),
        updated_at=bindparam("updated_at"),
        version=accounts.c.version + 1,
        lock_version=accounts.c.lock_version + 1,
    )
    .returning(*ACCOUNT.columns)
)
# A part of a split ticket keeps what was asked of it beside what it inherited.
_BLANK_TICKETS = Statement(
    update(tickets)
    .where(
        tickets.c.account_id == bindparam("account_id"),
        or_(tickets.c.subject != "", tickets.c.requester.is_not(None)),
    )
    .values(
        subject="",
        requester=None,
        request=_blanked(
            _blanked(_blanked(tickets.c.request, "subject"), "part,subject"), "requester"
        ),
        version=tickets.c.version + 1,
    )
)
_BLANK_REQUESTER = Statement(
    update(tickets)
    .where(
        tickets.c.account_id == bindparam("account_id"),
        func.lower(tickets.c.requester) == any_(bindparam("names", type_=ARRAY(Text))),
    )
    .values(
        requester=None,
        request=_blanked(tickets.c.request, "requester"),
        version=tickets.c.version + 1,
    )
)
_BLANK_SESSIONS = Statement(
    update(sessions)
    .where(sessions.c.account_id == bindparam("account_id"), sessions.c.contact.is_not(None))
    .values(contact=None, request=_blanked(sessions.c.request, "contact"))
)
_REPLIES = Statement(
    select(idempotency_keys.c.digest, idempotency_keys.c.body).where(
        idempotency_keys.c.account_id == bindparam("account_id"),
        idempotency_keys.c.body.is_not(None),
    )
)
_REPLACE_REPLY = Statement(
    update(idempotency_keys)
    .where(
        idempotency_keys.c.account_id == bindparam("account_id"),
        idempotency_keys.c.digest == bindparam("digest"),
    )
    .values(body=bindparam("body"))
)


async def blank_account(
    db: Db, account_id: str, *, erasure: dict[str, str], now: datetime
) -> Account:
    """Empty the account's name, e-mail and metadata, record the erasure, and return it."""
    row = await db.row(
        _BLANK_ACCOUNT,
        account_id=account_id,
        metadata={},
        erased_at=now,
        erasure=erasure,
        updated_at=now,
    )
    assert row is not None  # noqa: S101  the caller has it locked
    return ACCOUNT.read(row)


async def blank_subjects(db: Db, account_id: str) -> int:
    """Empty the subjects of the account's tickets, and count those that had one."""
    return await db.execute(_BLANK_TICKETS, account_id=account_id)


async def blank_requester(db: Db, account_id: str, names: Sequence[str]) -> int:
    """Remove a person as who asked, by any of their names, and count their tickets."""
    return await db.execute(_BLANK_REQUESTER, account_id=account_id, names=list(names))


async def blank_contacts(db: Db, account_id: str) -> int:
    """Remove where the customer was reached for sessions, and count those that said so."""
    return await db.execute(_BLANK_SESSIONS, account_id=account_id)


async def walk_replies(db: Db, account_id: str) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield the digest and the body of every reply kept of the account's requests."""
    async for digest, body in db.stream(_REPLIES, account_id=account_id):
        yield digest, unpack_reply(body)


async def replace_reply(db: Db, account_id: str, *, digest: bytes, body: bytes) -> None:
    """Keep another body of a reply."""
    await db.execute(_REPLACE_REPLY, account_id=account_id, digest=digest, body=pack_reply(body))
