"""Catalogues with a count of bookings, which says whether there was another since one looked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_bookings"
down_revision: str | None = "2026_11_29_cancelled_sessions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "catalogs",
        sa.Column("bookings", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("catalogs", "bookings")
