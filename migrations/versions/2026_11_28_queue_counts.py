"""The queue's counts: the index of open tickets has all that they are counted by."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_queue_counts"
down_revision: str | None = "2026_11_28_kinds_of_references"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = ["catalog", "account_id", "ticket_id"]
_COUNTED = ["plan", "queue_group", "breaches_after", "warn_at", "due_at"]
_OPEN = sa.text("status <> 'resolved'")


def upgrade() -> None:
    op.drop_index("ix_tickets_open", table_name="tickets")
    op.create_index(
        "ix_tickets_open",
        "tickets",
        _COLUMNS,
        postgresql_include=_COUNTED,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_open", table_name="tickets")
    op.create_index("ix_tickets_open", "tickets", _COLUMNS, postgresql_where=_OPEN)
