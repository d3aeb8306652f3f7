"""Sales: from where a term's months are counted, how many are sold, and what is looked up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_terms_of_sales"
down_revision: str | None = "2026_11_28_summaries"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("anchor_at", sa.DateTime(timezone=True)))
    op.add_column("subscriptions", sa.Column("quantity", sa.Integer()))
    op.execute(
        "UPDATE subscriptions SET quantity = coalesce((SELECT purchases.quantity FROM purchases"
        " WHERE purchases.account_id = subscriptions.account_id"
        " AND purchases.order_id = subscriptions.order_id), 1)"
    )
    op.alter_column("subscriptions", "quantity", nullable=False)
    op.create_index(
        op.f("ix_subscriptions_ends_at_account_id_subscription_id"),
        "subscriptions",
        ["ends_at", "account_id", "subscription_id"],
    )
    op.create_index(
        op.f("ix_purchases_account_id_created_at_order_id"),
        "purchases",
        ["account_id", "created_at", "order_id"],
    )
    op.create_index(
        op.f("ix_purchases_account_id_payment_reference"),
        "purchases",
        ["account_id", "payment_reference"],
        postgresql_where=sa.text("payment_reference IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_purchases_account_id_payment_reference"),
        table_name="purchases",
        postgresql_where=sa.text("payment_reference IS NOT NULL"),
    )
    op.drop_index(op.f("ix_purchases_account_id_created_at_order_id"), table_name="purchases")
    op.drop_index(
        op.f("ix_subscriptions_ends_at_account_id_subscription_id"), table_name="subscriptions"
    )
    op.drop_column("subscriptions", "quantity")
    op.drop_column("subscriptions", "anchor_at")
