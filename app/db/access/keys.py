"""API keys: their digests, never their secrets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import api_keys
from app.domain.access.refusals import Refusal


class KeyUnknown(Refusal):
    """There is no such key."""

    kind = "unknown"
    code = "key_unknown"
    title = "There is no such key"


_INSERT = Statement(insert(api_keys))
_BY_DIGEST = Statement(
    select(api_keys).where(
        or_(
            api_keys.c.digest == bindparam("digest"),
            api_keys.c.previous_digest == bindparam("digest"),
        )
    )
)
_BY_ID = Statement(select(api_keys).where(api_keys.c.key_id == bindparam("key_id")))
_BY_ID_LOCKED = Statement(
    select(api_keys).where(api_keys.c.key_id == bindparam("key_id")).with_for_update()
)
_COUNT = Statement(select(func.count()).select_from(api_keys))
_LOCK = Statement(text("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE"))
_LIST = Statement(
    select(api_keys)
    .where(api_keys.c.key_id > bindparam("after"))
    .order_by(api_keys.c.key_id)
    .limit(bindparam("limit"))
)
_REVOKE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(revoked_at=bindparam("revoked_at"))
    .returning(api_keys)
)
_ROTATE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(
        previous_digest=api_keys.c.digest,
        previous_ends_at=bindparam("previous_ends_at"),
        digest=bindparam("digest"),
        prefix=bindparam("prefix"),
        rotated_at=bindparam("rotated_at"),
    )
    .returning(api_keys)
)
_NOTE_USE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(last_used_at=func.greatest(api_keys.c.last_used_at, bindparam("used_at")))
)


async def lock_keys(db: Db) -> None:
    """Hold the keys against others who would make one, until the transaction ends."""
    await db.execute(_LOCK)


async def insert_key(db: Db, values: dict[str, Any]) -> None:
    """Write a new key."""
    await db.execute(_INSERT, **values)


async def find_key(db: Db, digest: bytes) -> Any | None:
    """Return the key with this digest of its secret, or of the one before it, or None."""
    return await db.row(_BY_DIGEST, digest=digest)


async def get_key(db: Db, key_id: UUID, *, lock: bool = False) -> Any:
    """Return the key, or refuse with `key_unknown`."""
    row = await db.row(_BY_ID_LOCKED if lock else _BY_ID, key_id=key_id)
    if row is None:
        raise KeyUnknown(f"There is no key {key_id}.")
    return row


async def count_keys(db: Db) -> int:
    """Count the keys there ever were."""
    return int(await db.value(_COUNT))


async def list_keys(db: Db, *, after: UUID, limit: int) -> list[Any]:
    """Return keys in the order they were made."""
    return await db.rows(_LIST, after=after, limit=limit)


async def revoke_key(db: Db, key_id: UUID, *, now: datetime) -> Any:
    """End a key now; its row is held. Returns it as it is then."""
    return await db.row(_REVOKE, key_id=key_id, revoked_at=now)


async def rotate_key(
    db: Db,
    key_id: UUID,
    *,
    digest: bytes,
    prefix: str,
    previous_ends_at: datetime,
    now: datetime,
) -> Any:
    """Give a key another secret; the present one becomes the one before, until an instant."""
    return await db.row(
        _ROTATE,
        key_id=key_id,
        digest=digest,
        prefix=prefix,
        previous_ends_at=previous_ends_at,
        rotated_at=now,
    )


async def note_uses(db: Db, uses: dict[UUID, datetime]) -> None:
    """Write when keys were last used; a later use that is written already stays."""
    for key_id in sorted(uses):
        await db.execute(_NOTE_USE, key_id=key_id, used_at=uses[key_id])
