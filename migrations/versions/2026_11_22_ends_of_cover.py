"""Cover that was bought: when its end is told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_22_ends_of_cover"
down_revision: str | None = "2026_11_22_deadlines_by_status"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("agreements", sa.Column("notify_at", sa.DateTime(timezone=True), nullable=True))
    # What is over already is not told late.
    op.execute(
        """
        UPDATE agreements a SET notify_at = (a.terms->>'until')::timestamptz
        FROM purchases p
        WHERE p.account_id = a.account_id AND p.order_id = a.terms->>'order_id'
            AND p.status = 'active' AND (a.terms->>'until')::timestamptz > now()
        """
    )
    op.create_index(
        op.f("ix_agreements_notify_at"),
        "agreements",
        ["notify_at"],
        postgresql_where=sa.text("notify_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_agreements_notify_at"), table_name="agreements")
    op.drop_column("agreements", "notify_at")
