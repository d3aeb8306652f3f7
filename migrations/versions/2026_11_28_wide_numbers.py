"""Numbers that an account counts up by itself, as wide as it may live to count."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_wide_numbers"
down_revision: str | None = "2026_11_28_sandbox_accounts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = (
    ("accounts", "tallies"),
    ("tallies", "tally_id"),
    ("lots", "tally_id"),
    ("lots", "reach_days"),
    ("entries", "tally_id"),
    ("deadlines", "spell"),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.SmallInteger())


def downgrade() -> None:
    for table, column in reversed(_COLUMNS):
        op.alter_column(table, column, type_=sa.SmallInteger(), existing_type=sa.Integer())
