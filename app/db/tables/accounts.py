"""Customers, and the links that show a customer's browser a statement."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
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
    Index(None, "email", postgresql_where=text("email IS NOT NULL")),
    Index(
        "ix_accounts_email_any_case",
        text("lower(email)"),
        postgresql_where=text("email IS NOT NULL"),
    ),
    Index(
        "ix_accounts_sandboxes",
        "account_id",
        postgresql_where=text("sandbox_at IS NOT NULL"),
    ),
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
