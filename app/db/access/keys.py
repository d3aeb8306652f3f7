"""API keys: their digests, never their secrets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import api_keys
from app.domain.access.keys import ApiKey
from app.domain.access.refusals import Refusal
from app.domain.values import replace


class KeyUnknown(Refusal):
    """There is no such key."""

    kind = "unknown"
    code = "key_unknown"
    title = "There is no such key"


API_KEY = RowType(api_keys, ApiKey)
_INSERT = Statement(insert(api_keys))
_BY_DIGEST = Statement(
    select(*API_KEY.columns).where(
        or_(
            api_keys.c.digest == bindparam("digest"),
            api_keys.c.previous_digest == bindparam("digest"),
        )
    )
)
_BY_ID = Statement(select(*API_KEY.columns).where(api_keys.c.key_id == bindparam("key_id")))
_BY_ID_LOCKED = Statement(
    select(*API_KEY.columns).where(api_keys.c.key_id == bindparam("key_id")).with_for_update()
)
_COUNT = Statement(select(func.count()).select_from(api_keys))
_LOCK = Statement(text("LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE"))
_LIST = Listing(select(*API_KEY.columns), api_keys.c.key_id)
_REVOKE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(revoked_at=bindparam("revoked_at"))
)
_ROTATE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(
        previous_digest=bindparam("previous_digest"),
        previous_ends_at=bindparam("previous_ends_at"),
        digest=bindparam("digest"),
        prefix=bindparam("prefix"),
        rotated_at=bindparam("rotated_at"),
    )
)
_NOTE_USE = Statement(
    update(api_keys)
    .where(api_keys.c.key_id == bindparam("key_id"))
    .values(last_used_at=func.greatest(api_keys.c.last_used_at, bindparam("used_at")))
)


async def lock_keys(db: Db) -> None:
    """Lock the keys against others who would make one, until the transaction ends."""
    await db.execute(_LOCK)


async def insert_key(db: Db, key: ApiKey) -> None:
    """Write a new key."""
    await db.execute(_INSERT, **API_KEY.values(key))


async def find_key(db: Db, digest: bytes) -> ApiKey | None:
    """Return the key with this digest of its secret, or of the one before it, or None."""
    row = await db.row(_BY_DIGEST, digest=digest)
    return None if row is None else API_KEY.read(row)


async def get_key(db: Db, key_id: UUID, *, lock: bool = False) -> ApiKey:
    """Return the key, or refuse with `key_unknown`."""
    row = await db.row(_BY_ID_LOCKED if lock else _BY_ID, key_id=key_id)
    if row is None:
        raise KeyUnknown(f"There is no key {key_id}.")
    return API_KEY.read(row)


async def count_keys(db: Db) -> int:
    """Count the keys there ever were."""
    return int(await db.value(_COUNT))


async def list_keys(
    db: Db, *, after: Sequence[UUID] | None, ascending: bool, limit: int
) -> list[ApiKey]:
    """Return keys in the order they were made, after one of them."""
    rows = await _LIST.read(db, ascending=ascending, after=after, limit=limit)
    return [API_KEY.read(row) for row in rows]


async def revoke_key(db: Db, key: ApiKey, *, now: datetime) -> ApiKey:
    """End a key now; its row is locked. Returns it as it is then."""
    await db.write(_REVOKE, key_id=key.key_id, revoked_at=now)
    return replace(key, revoked_at=now)


async def rotate_key(
    db: Db, key: ApiKey, *, digest: bytes, prefix: str, previous_ends_at: datetime, now: datetime
) -> ApiKey:
    """Give a key another secret; the present one becomes the one before, until an instant."""
    rotated = replace(
        key,
        digest=digest,
        prefix=prefix,
        previous_digest=key.digest,
        previous_ends_at=previous_ends_at,
        rotated_at=now,
    )
    await db.write(_ROTATE, **API_KEY.values(rotated))
    return rotated


async def record_uses(db: Db, uses: dict[UUID, datetime]) -> None:
    """Write when keys were last used; a later use that is written already stays."""
    for key_id in sorted(uses):
        await db.execute(_NOTE_USE, key_id=key_id, used_at=uses[key_id])
