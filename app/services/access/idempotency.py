"""Idempotency: how long replies are stored by their `Idempotency-Key`."""

from datetime import timedelta

from app.db.accounts import idempotency
from app.db.engine.unit_of_work import Db

# Promised: 24 hours at least. Longer, so that a sender who was away over a
# night, or whose clock differs, is still told what became of its request.
KEPT = timedelta(hours=72)
BATCH = 1000


async def prune_keys(db: Db) -> int:
    """Remove the oldest of the replies kept for 72 hours, about a thousand, and count them.

    Zero says that none is left. What a business id or a reference is used for stays for ever.
    """
    return await idempotency.prune_keys(db, before=db.read_clock() - KEPT, limit=BATCH)
