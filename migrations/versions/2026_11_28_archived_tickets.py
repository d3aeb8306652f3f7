"""Tickets say which file what happened to them is in, where it was archived."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_archived_tickets"
down_revision: str | None = "2026_11_28_table_names"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("archived_in", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("tickets", "archived_in")
