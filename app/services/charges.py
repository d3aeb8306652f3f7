"""Charges in the database: a ticket's movements written, and what comes back decided.

Every function expects the account's row to be held. What a ticket holds and has used of each
lot is the fold of its entries; nothing else keeps it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db import ledger
from app.db.accounts import LockedAccount
from app.db.database import Db
from app.db.ledger import Stamp
from app.domain.catalogs import Policies
from app.domain.charges import Charge
from app.domain.ledger import Lot, Movement
from app.domain.returns import Return, decide_return, list_returns


async def load_charge(db: Db, account_id: str, ticket_id: str) -> Charge:
    """Return what a ticket holds and has used, with the lots as they are now."""
    uses = await ledger.load_ticket_uses(db, account_id, ticket_id)
    lots = await ledger.load_lots(db, account_id, uses) if uses else {}
    return Charge(lots, uses)


async def post_charge(
    db: Db,
    account: LockedAccount,
    movements: Sequence[Movement],
    *,
    stamp: Stamp,
    policies: Policies,
) -> list[Return]:
    """Write a charge's movements; return what became of the units that came back."""
    if not movements:
        return []
    moved = await ledger.post(db, account, movements, stamp)
    returns: list[Return] = []
    for movement in list_returns(movements):
        lot = moved[movement.lot.lot_id]
        decided = decide_return(
            lot,
            movement.amount,
            cause=stamp.cause,
            policies=policies,
            at=stamp.effective_at,
        )
        if decided.to == "grace":
            decided = await _grant_grace(db, account, lot, decided, stamp)
        returns.append(decided)
    return returns


def describe_returns(returns: Sequence[Return]) -> list[dict[str, Any]]:
    """Return what came back as plain JSON, as it is kept with the ticket's events."""
    return [
        {
            "lot_id": str(each.lot_id),
            "amount": each.amount,
            "to": each.to,
            "why": each.why,
            "grace_lot_id": None if each.grace_lot_id is None else str(each.grace_lot_id),
            "expires_at": None if each.expires_at is None else each.expires_at.isoformat(),
        }
        for each in returns
    ]


async def _grant_grace(
    db: Db, account: LockedAccount, origin: Lot, decided: Return, stamp: Stamp
) -> Return:
    lot_id = UUID(bytes=uuid7().bytes)
    lot = replace(
        origin,
        lot_id=lot_id,
        source="grace",
        origin_lot_id=origin.lot_id,
        granted=decided.amount if origin.granted is not None else None,
        held=0,
        used=0,
        revoked=0,
        valid_from=stamp.effective_at,
        expires_at=decided.expires_at,
        created_at=account.now,
    )
    await ledger.insert_lots(db, account, [lot], stamp)
    return replace(decided, grace_lot_id=lot_id)
