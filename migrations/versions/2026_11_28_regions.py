"""Cover is for a region of the customer's, by whose calendars its hours go."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_regions"
down_revision: str | None = "2026_11_28_clock_repairs"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("subscriptions", "lots", "tickets")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("region", sa.Text()))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "region")
