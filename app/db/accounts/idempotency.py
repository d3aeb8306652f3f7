"""Replies stored by their `Idempotency-Key`, and business references, stored for ever."""

from datetime import datetime

import asyncpg
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.accounts.kept_replies import pack_reply, unpack_reply
from app.db.accounts.locked_accounts import AccountVersion, take_account
from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import NO_ACCOUNT, accounts, business_references, idempotency_keys
from app.domain.access.refusals import Refusal
from app.domain.access.repeats import BusinessReference, StoredReply


class IdempotencyInProgress(Refusal):
    """The first request with this `Idempotency-Key` is still running."""

    kind = "conflict"
    code = "idempotency_in_progress"
    title = "The first request with this key is still running"


STORED_REPLY = RowType(idempotency_keys, StoredReply, read={"body": unpack_reply})
REFERENCE = RowType(business_references, BusinessReference)
# The key first, then the account: so a wait for another request with the key is told from one
# for the account.
_CLAIMED = (
    insert(idempotency_keys)
    .on_conflict_do_nothing()
    .returning(idempotency_keys.c.digest)
    .cte("claim")
)
_COUNTED = select(func.count().label("claimed")).select_from(_CLAIMED).cte("counted")
_CLAIM_AND_LOCK = Statement(
    select(
        _COUNTED.c.claimed,
        accounts.c.sequence,
        accounts.c.effective_at,
        accounts.c.tallies,
        accounts.c.events,
        accounts.c.sandbox_at,
        accounts.c.lock_version,
    )
    .select_from(_COUNTED.join(accounts, accounts.c.account_id == bindparam("of_account")))
    .with_for_update(of=accounts)
)
_TAKE = Statement(insert(idempotency_keys))
_FIND = Statement(
    select(*STORED_REPLY.columns).where(
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
# Two plain statements, by time alone: each goes to every shard as it is.
_OLDEST = (
    select(idempotency_keys.c.created_at)
    .where(idempotency_keys.c.created_at < bindparam("before"))
    .order_by(idempotency_keys.c.created_at)
    .limit(bindparam("limit"))
    .subquery()
)
_FIND_PRUNED = Statement(
    select(
        func.min(_OLDEST.c.created_at).label("since"), func.max(_OLDEST.c.created_at).label("until")
    )
)
# Both ends are named, so that it is read by the index however many rows there are.
_PRUNE = Statement(
    delete(idempotency_keys).where(
        idempotency_keys.c.created_at >= bindparam("since"),
        idempotency_keys.c.created_at <= bindparam("until"),
    )
)
_FIND_REFERENCE = Statement(
    select(*REFERENCE.columns).where(
        business_references.c.account_id == bindparam("account_id"),
        business_references.c.operation == bindparam("operation"),
        business_references.c.reference == bindparam("reference"),
    )
)
_INSERT_REFERENCE = Statement(insert(business_references))


async def claim_key(
    db: Db, *, account_id: str, digest: bytes, request_digest: bytes, now: datetime
) -> StoredReply | None:
    """Take a key for this request; None when taken, the stored reply when it was used before.

    Waits for a request under way with the same key, at most the lock timeout, and refuses with
    `idempotency_in_progress` then. Where there is such an account its row is locked as well, as
    every write begins (`lock_account`): one round trip for both.
    """
    key = {"account_id": account_id, "digest": digest}
    try:
        row = await db.row(
            _CLAIM_AND_LOCK,
            # Nobody's row is not locked for as long as a request takes that may need none.
            of_account=None if account_id == NO_ACCOUNT else account_id,
            request_digest=request_digest,
            status=None,
            headers=None,
            body=None,
            created_at=now,
            **key,
        )
    except asyncpg.LockNotAvailableError as error:
        require_key_free(error)
        raise
    if row is not None and row["claimed"]:
        take_account(db, account_id, AccountVersion(*tuple(row)[1:]))
        return None
    # Without a row it is not known who has the key: the account may have been made meanwhile.
    found = await db.row(_FIND, **key)
    if found is None:  # too old, and removed since
        return await claim_key(
            db, account_id=account_id, digest=digest, request_digest=request_digest, now=now
        )
    stored = STORED_REPLY.read(found)
    return None if stored.status is None else stored


def require_key_free(error: asyncpg.LockNotAvailableError) -> None:
    """Refuse with `idempotency_in_progress` where a key was waited for, and not an account."""
    if idempotency_keys.name in (error.context or ""):
        raise IdempotencyInProgress(
            "The first request with this Idempotency-Key is still running; try again shortly."
        ) from None


async def find_reply(db: Db, *, account_id: str, digest: bytes) -> StoredReply | None:
    """Return the reply that is stored by a key, or None."""
    found = await db.row(_FIND, account_id=account_id, digest=digest)
    return None if found is None else STORED_REPLY.read(found)


async def store_reply(
    db: Db,
    *,
    account_id: str,
    digest: bytes,
    request_digest: bytes,
    status: int,
    headers: dict[str, str],
    body: bytes,
    now: datetime,
) -> None:
    """Store the reply of the request that took the key, or takes it with all that it writes."""
    if db.key_digest is not None:
        db.claim(
            _TAKE,
            account_id=account_id,
            digest=digest,
            request_digest=request_digest,
            status=status,
            headers=headers,
            body=pack_reply(body),
            created_at=now,
        )
        return
    await db.write(
        _KEEP,
        account_id=account_id,
        digest=digest,
        status=status,
        headers=headers,
        body=pack_reply(body),
    )


async def prune_keys(db: Db, *, before: datetime, limit: int) -> int:
    """Remove the oldest rows of before an instant, and count them; zero when there is none.

    They are `limit`, or a few more where several are of the same instant.
    """
    found = await db.row(_FIND_PRUNED, before=before, limit=limit)
    if found is None or found["until"] is None:
        return 0
    return await db.execute(_PRUNE, since=found["since"], until=found["until"])


async def find_reference(
    db: Db, account_id: str, *, operation: str, reference: str
) -> BusinessReference | None:
    """Return what a reference was first used for in an operation, or None.

    The account's row must be locked.
    """
    row = await db.row(
        _FIND_REFERENCE, account_id=account_id, operation=operation, reference=reference
    )
    return None if row is None else REFERENCE.read(row)


async def insert_reference(db: Db, reference: BusinessReference) -> None:
    """Write what a reference is used for, for ever."""
    await db.write(_INSERT_REFERENCE, **REFERENCE.values(reference))
