"""Customers, and the links that show a customer's browser a statement."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables.base import INSTANT, account_column, metadata

accounts = Table(
    "accounts",
    metadata,
    account_column(),
    Column("name", Text, nullable=False),
    Column("email", Text),
    # Where its data is to be, as the seller names it; not used here.
    Column("region", Text),
    Column("metadata", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("tallies", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("effective_at", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("erased_at", INSTANT),
    Column("erasure", JSONB),
    # A sandbox account's own clock, which stands still until it is moved; of any other, null.
    Column("sandbox_at", INSTANT),
    # Counts the writes to all that is the account's: who has read it decides by what is there
    # where this has not moved since.
    Column("lock_version", BigInteger, nullable=False, server_default=text("0")),
    Index(None, "email", postgresql_where=text("email IS NOT NULL")),
    Index(
        "ix_accounts_email_any_case",
        text("lower(email)"),
        postgresql_where=text("email IS NOT NULL"),
    ),
    Index(
        "ix_accounts_name_begins",
        func.lower(column("name")).label("begins"),
        postgresql_ops={"begins": "text_pattern_ops"},
    ),
    Index(
        "ix_accounts_id_begins",
        func.lower(column("account_id")).label("begins"),
        postgresql_ops={"begins": "text_pattern_ops"},
    ),
    Index(
        "ix_accounts_sandboxes",
        "account_id",
        postgresql_where=text("sandbox_at IS NOT NULL"),
    ),
)

# Accounts whose content is another's: there is no row of such an account any more.
moved_accounts = Table(
    "moved_accounts",
    metadata,
    account_column(),
    Column("moved_to", Text, nullable=False),
    Column("moved_at", INSTANT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
)

# The people of a customer. `folded` are their addresses as they are compared.
contacts = Table(
    "contacts",
    metadata,
    account_column(),
    Column("contact_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("emails", ARRAY(Text), nullable=False),
    Column("named", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("folded", ARRAY(Text), nullable=False),
    Index("ix_contacts_folded", "folded", postgresql_using="gin"),
)

# Who holds the token of one may read what it leads to; only its digest is stored.
links = Table(
    "links",
    metadata,
    account_column(),
    Column("digest", LargeBinary, primary_key=True),
    Column("target", Text, nullable=False),
    Column("ticket_id", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
)

# Who holds the token of one may read the account's statement; only its digest is kept.
statement_links = Table(
    "statement_links",
    metadata,
    account_column(),
    Column("digest", LargeBinary, primary_key=True),
    Column("period_start", INSTANT),
    Column("period_end", INSTANT),
    Column("catalog", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
)

# Accounts whose clock had run ahead and was set to the present: from where, who did it and why,
# and the stamps that entries had before, by their sequence. Append-only.
clock_repairs = Table(
    "clock_repairs",
    metadata,
    account_column(),
    Column("repaired_at", INSTANT, primary_key=True),
    Column("found_at", INSTANT, nullable=False),
    Column("stamps", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
)
