"""Named locks: held by one transaction at a time, of what has no row to be locked.

They are held until the transaction ends, so that a pooler may be between, and on a cluster by the
node that is asked, until all nodes have committed.
"""

from enum import IntEnum

from sqlalchemy import Integer, bindparam, func, literal_column, select

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db


class NamedLock(IntEnum):
    """What one does at a time."""

    ARCHIVE = 1
    WEBHOOK_CREATION = 2


# Ours among all that a database may be asked for: "SURE".
_OURS = literal_column(str(0x53555245), Integer)
_LOCK = bindparam("lock", type_=Integer)
_TAKE = Statement(select(func.pg_advisory_xact_lock(_OURS, _LOCK)))
_TRY = Statement(select(func.pg_try_advisory_xact_lock(_OURS, _LOCK)))


async def take_lock(db: Db, lock: NamedLock) -> None:
    """Hold a lock until this transaction ends, after waiting for others that do."""
    await db.value(_TAKE, lock=lock.value)


async def try_lock(db: Db, lock: NamedLock) -> bool:
    """Hold a lock until this transaction ends, unless another holds it; whether it is held.

    It may be tried again by who holds it.
    """
    return bool(await db.value(_TRY, lock=lock.value))
