"""Webhooks with the place among all events behind which they are sent what they want."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_webhook_places"
down_revision: str | None = "2026_11_30_bookings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Those that are there, or are made by the version before while it still runs, are sent
    # whatever the relay comes to from here on; it never comes to an event twice.
    op.add_column(
        "webhooks",
        sa.Column("after_position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("webhooks", "after_position")
