"""Targets that are missed, and best effort that is late, beside what is breached and met."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_targets"
down_revision: str | None = "2026_11_22_ends_of_cover"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True))
    _replace_told("'at_risk', 'breached', 'missed', 'late', 'met'")
    # What was done after the time that it was hoped for was counted as met; that was told.
    op.execute(
        """
        UPDATE deadlines SET status = 'late', told = 'late'
        WHERE strength = 'best_effort' AND status = 'met' AND met_at > due_at
        """
    )


def downgrade() -> None:
    op.execute(
        """
        UPDATE deadlines SET
            status = CASE status WHEN 'late' THEN 'met' WHEN 'missed' THEN 'breached'
                ELSE status END,
            told = CASE told WHEN 'late' THEN 'met' WHEN 'missed' THEN 'breached' ELSE told END,
            breached_at = coalesce(breached_at, missed_at)
        WHERE status IN ('late', 'missed') OR told IN ('late', 'missed')
        """
    )
    _replace_told("'at_risk', 'breached', 'met'")
    op.drop_column("deadlines", "missed_at")


def _replace_told(names: str) -> None:
    op.drop_constraint(op.f("ck_deadlines_told"), "deadlines", type_="check")
    op.create_check_constraint(op.f("ck_deadlines_told"), "deadlines", f"told IN ({names})")
