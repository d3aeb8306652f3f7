"""Accounts that were moved into others, and their events in the others' lists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_account_moves"
down_revision: str | None = "2026_11_28_regions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KINDS = "'grant', 'hold', 'release', 'settle', 'refund', 'revoke', 'extend', 'overage', 'adjust'"


def upgrade() -> None:
    op.create_table(
        "moved_accounts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_moved_accounts")),
    )
    op.add_column("events", sa.Column("moved_from", sa.Text(), nullable=True))
    _replace_kinds(f"{_KINDS}, 'move'")


def downgrade() -> None:
    _replace_kinds(_KINDS)
    op.drop_column("events", "moved_from")
    op.drop_table("moved_accounts")


def _replace_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_entries_kind"), "entries", type_="check")
    op.create_check_constraint(op.f("ck_entries_kind"), "entries", f"kind IN ({kinds})")
