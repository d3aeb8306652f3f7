"""What open tickets are counted by stands in one index, their requester and strength too."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_queue_counted"
down_revision: str | None = "2026_11_28_links"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = ["plan", "queue_group", "breaches_after", "warn_at", "due_at"]


def upgrade() -> None:
    _replace([*_BEFORE, "next_strength", "requester"])


def downgrade() -> None:
    _replace(_BEFORE)


def _replace(include: list[str]) -> None:
    op.drop_index("ix_tickets_open", table_name="tickets")
    op.create_index(
        "ix_tickets_open",
        "tickets",
        ["catalog", "account_id", "ticket_id"],
        postgresql_include=include,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
