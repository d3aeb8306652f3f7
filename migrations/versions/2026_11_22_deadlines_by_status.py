"""Clocks by how they stand: a page of those that run begins with the present."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_22_deadlines_by_status"
down_revision: str | None = "2026_11_22_webhooks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_IN_ORDER = (
    sa.text("coalesce(breaches_after, due_at, '9999-12-31 00:00:00+00'::timestamptz)"),
    "account_id",
    "ticket_id",
    "metric",
    "spell",
)


def upgrade() -> None:
    op.drop_index("ix_deadlines_running", table_name="deadlines")
    op.create_index("ix_deadlines_status_in_order", "deadlines", ["status", *_IN_ORDER])
    op.create_index(
        "ix_deadlines_unbreakable",
        "deadlines",
        [*_IN_ORDER],
        postgresql_where=sa.text("status = 'running' AND breaches_after IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_deadlines_unbreakable", table_name="deadlines")
    op.drop_index("ix_deadlines_status_in_order", table_name="deadlines")
    op.create_index(
        "ix_deadlines_running",
        "deadlines",
        [*_IN_ORDER],
        postgresql_where=sa.text("status = 'running'"),
    )
