"""Sessions: who holds one and where the customer is reached; the agenda, and what waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_sessions"
down_revision: str | None = "2026_11_28_targets"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("contact", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("agent", sa.Text(), nullable=True))
    op.create_index(
        "ix_sessions_waiting",
        "sessions",
        ["account_id", "ends_at"],
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.create_index(
        op.f("ix_sessions_starts_at_account_id_session_id"),
        "sessions",
        ["starts_at", "account_id", "session_id"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_sessions_starts_at_account_id_session_id"), table_name="sessions")
    op.drop_index(
        "ix_sessions_waiting",
        table_name="sessions",
        postgresql_where=sa.text("status = 'booked'"),
    )
    op.drop_column("sessions", "agent")
    op.drop_column("sessions", "contact")
