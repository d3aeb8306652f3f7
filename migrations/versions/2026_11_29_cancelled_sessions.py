"""Sessions that were cancelled before they began."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_29_cancelled_sessions"
down_revision: str | None = "2026_11_28_lock_version"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STATUSES = "'booked', 'running', 'ended', 'no_show'"


def upgrade() -> None:
    _replace_statuses(f"{_STATUSES}, 'cancelled'")


def downgrade() -> None:
    op.execute("UPDATE sessions SET status = 'no_show' WHERE status = 'cancelled'")
    _replace_statuses(_STATUSES)


def _replace_statuses(statuses: str) -> None:
    op.drop_constraint(op.f("ck_sessions_status"), "sessions", type_="check")
    op.create_check_constraint(op.f("ck_sessions_status"), "sessions", f"status IN ({statuses})")
