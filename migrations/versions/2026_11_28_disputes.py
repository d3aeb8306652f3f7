"""An index of disputed charges, in the order in which they were disputed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_disputes"
down_revision: str | None = "2026_11_28_reports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_tickets_disputes",
        "tickets",
        [sa.text("(dispute ->> 'opened_at')"), "account_id", "ticket_id"],
        postgresql_where=sa.text("dispute ->> 'opened_at' IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_disputes", table_name="tickets")
