"""What happened, as events; and when somebody is to be told of an end."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_22_events"
down_revision: str | None = "2026_11_21_ledger"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INSTANT = sa.DateTime(timezone=True)
_NOTIFIED = ("lots", "subscriptions", "deadlines")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_without_position",
        "events",
        ["account_id", "number"],
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index(
        "ix_events_position",
        "events",
        ["position"],
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.create_table(
        "relay",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_relay")),
    )
    op.execute("INSERT INTO relay VALUES ('positions', 0)")
    op.add_column(
        "accounts", sa.Column("events", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.alter_column("accounts", "events", server_default=None)
    # Rows of no account belong to this one, which no caller can name.
    op.execute(
        """
        INSERT INTO accounts (account_id, name, metadata, version, sequence, tallies, events,
            effective_at, created_at, updated_at)
        VALUES ('-', 'Of no account', '{}', 1, 0, 0, 0, '0001-01-02Z', now(), now())
        """
    )
    for table in _NOTIFIED:
        op.add_column(table, sa.Column("notify_at", _INSTANT, nullable=True))
    op.add_column("deadlines", sa.Column("told", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_deadlines_told"), "deadlines", "told IN ('at_risk', 'breached', 'met')"
    )
    # What ends from now on is told; what is over already is not told late.
    op.execute(
        "UPDATE lots SET notify_at = expires_at - interval '14 days'"
        " WHERE expires_at > now() AND expires_at > valid_from AND granted IS NOT NULL"
    )
    op.execute(
        "UPDATE subscriptions SET notify_at = ends_at"
        " WHERE ends_at > now() AND ends_at > starts_at AND order_id IS NOT NULL"
    )
    op.execute(
        """
        UPDATE deadlines
        SET told = CASE status WHEN 'running' THEN NULL ELSE status END,
            notify_at = CASE
                WHEN status <> 'running' THEN NULL
                WHEN warn_at > now() THEN warn_at
                WHEN breaches_after > now() THEN breaches_after
            END
        WHERE status IN ('running', 'met', 'breached')
        """
    )
    for table in _NOTIFIED:
        op.create_index(
            op.f(f"ix_{table}_notify_at"),
            table,
            ["notify_at"],
            postgresql_where=sa.text("notify_at IS NOT NULL"),
        )


def downgrade() -> None:
    for table in _NOTIFIED:
        op.drop_index(op.f(f"ix_{table}_notify_at"), table_name=table)
        op.drop_column(table, "notify_at")
    op.drop_constraint(op.f("ck_deadlines_told"), "deadlines")
    op.drop_column("deadlines", "told")
    op.execute("DELETE FROM accounts WHERE account_id = '-'")
    op.drop_column("accounts", "events")
    op.drop_table("relay")
    op.drop_table("events")
