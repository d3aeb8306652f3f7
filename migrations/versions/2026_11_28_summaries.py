"""Indexes by which a customer's summary is found and made."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_summaries"
down_revision: str | None = "2026_11_28_queue"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_accounts_email_any_case",
        "accounts",
        [sa.text("lower(email)")],
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_subscriptions_site"),
        "subscriptions",
        ["site"],
        postgresql_where=sa.text("site IS NOT NULL"),
    )
    op.create_index(op.f("ix_licences_license_id"), "licences", ["license_id"])
    op.create_index(
        "ix_tickets_disputed",
        "tickets",
        ["account_id", "ticket_id"],
        postgresql_where=sa.text("dispute ->> 'status' = 'open'"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_disputed", table_name="tickets")
    op.drop_index(op.f("ix_licences_license_id"), table_name="licences")
    op.drop_index(op.f("ix_subscriptions_site"), table_name="subscriptions")
    op.drop_index("ix_accounts_email_any_case", table_name="accounts")
