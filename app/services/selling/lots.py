"""Lots before they are written: units of a subscription, for a time."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.ledger.ledger import Lot, LotSource
from app.domain.ledger.pools import Subscription


def new_id() -> UUID:
    """Return an id of ours: ordered by the time it was made."""
    return uuid7()


def new_lot(
    subscription: Subscription,
    *,
    source: LotSource,
    granted: int | None,
    valid_from: datetime,
    expires_at: datetime | None,
    origin_lot_id: UUID | None = None,
    created_at: datetime | None = None,
) -> Lot:
    """Return a lot of a subscription that is still to be written. `granted` None: uncounted."""
    return Lot(
        lot_id=new_id(),
        subscription_id=subscription.subscription_id,
        tally_id=0,
        catalog=subscription.catalog,
        plan=subscription.plan,
        site=subscription.site,
        unit=subscription.unit,
        source=source,
        order_id=subscription.order_id,
        origin_lot_id=origin_lot_id,
        granted_sequence=0,
        granted=granted,
        held=0,
        used=0,
        revoked=0,
        valid_from=valid_from,
        expires_at=expires_at,
        created_at=created_at or subscription.created_at,
        region=subscription.region,
    )
