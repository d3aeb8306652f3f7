"""Lots for tests: as much of one as a test cares about."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.domain.ledger.ledger import Lot

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def make_lot(
    granted: int | None = 2400,
    *,
    held: int = 0,
    used: int = 0,
    revoked: int = 0,
    valid_from: datetime = BEGINNING,
    expires_at: datetime | None = None,
) -> Lot:
    """Return a lot of Starter's minutes."""
    return Lot(
        lot_id=uuid4(),
        subscription_id=UUID(int=1),
        tally_id=1,
        catalog="agency",
        plan="starter",
        site=None,
        unit="minute",
        source="purchase",
        order_id=None,
        origin_lot_id=None,
        granted_sequence=1,
        granted=granted,
        held=held,
        used=used,
        revoked=revoked,
        valid_from=valid_from,
        expires_at=expires_at,
        created_at=valid_from,
    )
