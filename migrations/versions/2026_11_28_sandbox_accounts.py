"""Sandbox accounts, which have a clock of their own, and their events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_sandbox_accounts"
down_revision: str | None = "2026_11_28_sessions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("sandbox_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_accounts_sandboxes"),
        "accounts",
        ["account_id"],
        postgresql_where=sa.text("sandbox_at IS NOT NULL"),
    )
    op.add_column(
        "events", sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("events", "sandbox", server_default=None)


def downgrade() -> None:
    op.drop_column("events", "sandbox")
    op.drop_index(op.f("ix_accounts_sandboxes"), table_name="accounts")
    op.drop_column("accounts", "sandbox_at")
