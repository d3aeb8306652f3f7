"""Sessions that were cancelled before they began."""

from collections.abc import Sequence

from alembic import op

from migrations.by_accounts import rewrite_rows

revision: str = "2026_11_29_cancelled_sessions"
down_revision: str | None = "2026_11_28_lock_version"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STATUSES = "'booked', 'running', 'ended', 'no_show'"


def upgrade() -> None:
    _replace_statuses(f"{_STATUSES}, 'cancelled'")


def downgrade() -> None:
    rewrite_rows(
        "SELECT session_id FROM sessions WHERE account_id = :account_id AND status = 'cancelled'",
        "UPDATE sessions SET status = 'no_show'"
        " WHERE account_id = :account_id AND session_id = :session_id",
    )
    _replace_statuses(_STATUSES)


def _replace_statuses(statuses: str) -> None:
    op.drop_constraint(op.f("ck_sessions_status"), "sessions", type_="check")
    op.create_check_constraint(op.f("ck_sessions_status"), "sessions", f"status IN ({statuses})")
