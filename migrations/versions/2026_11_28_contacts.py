"""Contacts: the people of a customer; who asked a ticket; an account's region."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_contacts"
down_revision: str | None = "2026_11_28_disputes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("folded", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "contact_id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_folded", "contacts", ["folded"], postgresql_using="gin")
    op.add_column("accounts", sa.Column("region", sa.Text(), nullable=True))
    for name, text in (("name_begins", "lower(name)"), ("id_begins", "lower(account_id)")):
        op.create_index(f"ix_accounts_{name}", "accounts", [sa.text(f"{text} text_pattern_ops")])
    op.add_column("tickets", sa.Column("requester", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("tickets", "requester")
    for name in ("id_begins", "name_begins"):
        op.drop_index(f"ix_accounts_{name}", table_name="accounts")
    op.drop_column("accounts", "region")
    op.drop_index("ix_contacts_folded", table_name="contacts")
    op.drop_table("contacts")
