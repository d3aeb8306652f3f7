"""How long answers took in both times, and the share to be kept, for reports of promises."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_reports"
down_revision: str | None = "2026_11_28_counted_work"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("deadlines", sa.Column("elapsed_seconds", sa.BigInteger(), nullable=True))
    op.add_column("deadlines", sa.Column("business_seconds", sa.BigInteger(), nullable=True))
    op.add_column("deadlines", sa.Column("percent", sa.SmallInteger(), nullable=True))
    # What was done before this is known by its instants; in open time, only where it was
    # counted in it and did not pause, so that is left out.
    op.execute(
        """
        UPDATE deadlines SET elapsed_seconds = extract(epoch FROM met_at - started_at)::bigint
        WHERE met_at IS NOT NULL
        """
    )


def downgrade() -> None:
    op.drop_column("deadlines", "percent")
    op.drop_column("deadlines", "business_seconds")
    op.drop_column("deadlines", "elapsed_seconds")
