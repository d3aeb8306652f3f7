"""Extensions: lots that may be used for longer than they were granted for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db import ledger
from app.db.accounts import LockedAccount
from app.db.database import Db
from app.db.ledger import Stamp
from app.domain.extensions import extend
from app.domain.ledger import Lot


async def extend_lots(
    db: Db,
    account: LockedAccount,
    lots: Sequence[Lot],
    *,
    until: datetime,
    reason: str,
    actor: str,
    reference: str | None = None,
) -> dict[UUID, Lot]:
    """Give running lots a later end, from now on; return them as they are then.

    Refuses with `lot_ended` what has expired, and with `end_not_later` an end that is not.
    """
    movements = extend(lots, until=until, at=account.now)
    stamp = Stamp(effective_at=account.now, reference=reference, reason=reason, actor=actor)
    return await ledger.post(db, account, movements, stamp)
