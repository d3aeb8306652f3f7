"""References: of one kind they do not meet another's, nor bought cover an agreement by hand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_kinds_of_references"
down_revision: str | None = "2026_11_28_terms_of_sales"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_constraint(op.f("pk_business_references"), "business_references")
    # What bought cover claimed before, when its reference could meet another's.
    op.execute("DELETE FROM business_references WHERE operation = 'cover'")
    op.create_primary_key(
        op.f("pk_business_references"),
        "business_references",
        ["account_id", "operation", "reference"],
    )
    op.add_column("agreements", sa.Column("bought", sa.Boolean()))
    op.execute("UPDATE agreements SET bought = coalesce(terms ->> 'order_id', '') <> ''")
    op.drop_constraint(op.f("pk_agreements"), "agreements")
    op.create_primary_key(
        op.f("pk_agreements"), "agreements", ["account_id", "reference", "bought"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("pk_agreements"), "agreements")
    op.drop_column("agreements", "bought")
    op.create_primary_key(op.f("pk_agreements"), "agreements", ["account_id", "reference"])
    op.drop_constraint(op.f("pk_business_references"), "business_references")
    op.create_primary_key(
        op.f("pk_business_references"), "business_references", ["account_id", "reference"]
    )
