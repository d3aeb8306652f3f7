"""The queue: what its order and its page need of a ticket's clocks stands in the ticket's row."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_queue"
down_revision: str | None = "2026_11_28_wide_numbers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NEVER = "'9999-12-31 00:00:00+00'::timestamptz"
_ORDER = (
    "queue_group",
    "on_demand",
    sa.text(f"coalesce(breaches_after, {_NEVER})"),
    sa.text("(NOT urgent)"),
    sa.text("coalesce(severity, 99)"),
    sa.text("coalesce(rank, 99)"),
    "opened_at",
    "account_id",
    "ticket_id",
)
_ORDER_BEFORE = (
    sa.text("(status = 'paused')"),
    "on_demand",
    sa.text("(NOT urgent)"),
    sa.text("coalesce(severity, 99)"),
    sa.text("coalesce(rank, 99)"),
    sa.text(f"coalesce(breaches_after, {_NEVER})"),
    sa.text(f"coalesce(due_at, {_NEVER})"),
    "opened_at",
    "account_id",
    "ticket_id",
)
_OPEN = sa.text("status <> 'resolved'")


def upgrade() -> None:
    op.drop_index("ix_tickets_queue", table_name="tickets")
    op.add_column("tickets", sa.Column("charge_held", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("unanswered", sa.Boolean(), nullable=True))
    op.add_column("tickets", sa.Column("queue_group", sa.SmallInteger(), nullable=True))
    op.add_column("tickets", sa.Column("next_metric", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("next_strength", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE tickets t SET
            charge_held = coalesce((SELECT sum(e.held) FROM entries e
                WHERE e.account_id = t.account_id AND e.ticket_id = t.ticket_id), 0),
            unanswered = t.status <> 'resolved' AND coalesce(
                (SELECT e.type = 'customer_reply' FROM ticket_events e
                 WHERE e.account_id = t.account_id AND e.ticket_id = t.ticket_id
                    AND e.type IN ('agent_reply', 'customer_reply', 'resolution')
                 ORDER BY e.at DESC, e.number DESC LIMIT 1), true),
            queue_group = CASE WHEN t.status = 'paused' THEN 2 ELSE 1 END,
            due_at = NULL, breaches_after = NULL
        """
    )
    op.execute(
        """
        UPDATE tickets t SET next_metric = d.metric, next_strength = d.strength,
            due_at = d.due_at, breaches_after = d.breaches_after, warn_at = d.warn_at
        FROM (
            SELECT DISTINCT ON (account_id, ticket_id)
                account_id, ticket_id, metric, strength, due_at, breaches_after,
                min(warn_at) FILTER (WHERE status = 'running')
                    OVER (PARTITION BY account_id, ticket_id) AS warn_at
            FROM deadlines
            WHERE status = 'running' OR (status IN ('breached', 'missed') AND met_at IS NULL)
            ORDER BY account_id, ticket_id, breaches_after NULLS LAST, due_at NULLS LAST
        ) d
        WHERE d.account_id = t.account_id AND d.ticket_id = t.ticket_id
            AND t.status <> 'resolved'
        """
    )
    op.execute(
        """
        UPDATE tickets SET queue_group = 0
        WHERE status = 'open' AND (unanswered OR next_metric IS NOT NULL)
        """
    )
    for name in ("charge_held", "unanswered", "queue_group"):
        op.alter_column("tickets", name, nullable=False)
    op.create_index("ix_tickets_queue", "tickets", [*_ORDER], postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_tickets_queue", table_name="tickets")
    for name in (
        "charge_held",
        "unanswered",
        "queue_group",
        "next_metric",
        "next_strength",
        "warn_at",
    ):
        op.drop_column("tickets", name)
    op.create_index("ix_tickets_queue", "tickets", [*_ORDER_BEFORE], postgresql_where=_OPEN)
