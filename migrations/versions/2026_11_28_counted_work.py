"""Work: minutes as they were worked beside those that count, and when it was logged."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_counted_work"
down_revision: str | None = "2026_11_28_queue_counts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("work", sa.Column("worked", sa.Integer(), nullable=True))
    op.add_column("work", sa.Column("sequence", sa.BigInteger(), nullable=True))
    op.execute("UPDATE work SET worked = minutes")
    op.alter_column("work", "worked", nullable=False)


def downgrade() -> None:
    op.drop_column("work", "sequence")
    op.drop_column("work", "worked")
