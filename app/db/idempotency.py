"""Replies kept by their `Idempotency-Key`, and business references kept for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.database import Db, Statement
from app.db.tables import business_references, idempotency_keys

_CLAIM = Statement(
    insert(idempotency_keys).on_conflict_do_nothing().returning(idempotency_keys.c.digest)
)
_FIND = Statement(
    select(idempotency_keys).where(
        idempotency_keys.c.account_id == bindparam("account_id"),
        idempotency_keys.c.digest == bindparam("digest"),
    )
)
_KEEP = Statement(
    update(idempotency_keys)
    .where(
        idempotency_keys.c.account_id == bindparam("account_id"),
        idempotency_keys.c.digest == bindparam("digest"),
    )
    .values(status=bindparam("status"), headers=bindparam("headers"), body=bindparam("body"))
)
# Two plain statements, by time alone: each goes to every shard as it is (DESIGN §7).
_OLDEST = (
    select(idempotency_keys.c.created_at)
    .where(idempotency_keys.c.created_at < bindparam("before"))
    .order_by(idempotency_keys.c.created_at)
    .limit(bindparam("limit"))
    .subquery()
)
_FIND_PRUNED = Statement(select(func.max(_OLDEST.c.created_at)))
_PRUNE = Statement(
    delete(idempotency_keys).where(idempotency_keys.c.created_at <= bindparam("until"))
)
_FIND_REFERENCE = Statement(
    select(business_references).where(
        business_references.c.account_id == bindparam("account_id"),
        business_references.c.reference == bindparam("reference"),
    )
)
_INSERT_REFERENCE = Statement(insert(business_references))


async def claim_key(
    db: Db, *, account_id: str, digest: bytes, request_digest: bytes, now: datetime
) -> Any | None:
    """Take a key for this request; None when taken, the kept reply when it was used before.

    Waits for a request under way with the same key, at most the lock timeout.
    """
    taken = await db.value(
        _CLAIM,
        account_id=account_id,
        digest=digest,
        request_digest=request_digest,
        status=None,
        headers=None,
        body=None,
        created_at=now,
    )
    if taken is not None:
        return None
    return await db.row(_FIND, account_id=account_id, digest=digest)


async def keep_reply(
    db: Db,
    *,
    account_id: str,
    digest: bytes,
    status: int,
    headers: dict[str, str],
    body: bytes,
) -> None:
    """Keep the reply of the request that took the key."""
    await db.write(
        _KEEP, account_id=account_id, digest=digest, status=status, headers=headers, body=body
    )


async def prune_keys(db: Db, *, before: datetime, limit: int) -> int:
    """Remove the oldest rows of before an instant, and count them; zero when there is none.

    They are `limit`, or a few more where several are of the same instant.
    """
    until = await db.value(_FIND_PRUNED, before=before, limit=limit)
    return 0 if until is None else await db.execute(_PRUNE, until=until)


async def find_reference(db: Db, account_id: str, reference: str) -> Any | None:
    """Return what a reference was first used for, or None. The account's row must be held."""
    return await db.row(_FIND_REFERENCE, account_id=account_id, reference=reference)


async def insert_reference(
    db: Db,
    *,
    account_id: str,
    reference: str,
    operation: str,
    request: dict[str, Any],
    result_id: str,
    now: datetime,
) -> None:
    """Write what a reference is used for, for ever."""
    await db.write(
        _INSERT_REFERENCE,
        account_id=account_id,
        reference=reference,
        operation=operation,
        request=request,
        result_id=result_id,
        created_at=now,
    )
