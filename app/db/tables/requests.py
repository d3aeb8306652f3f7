"""Requests: keys, stored replies, and references that are used once."""

from sqlalchemy import ARRAY, Column, Index, LargeBinary, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables.base import INSTANT, account_column, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("previous_digest", LargeBinary, unique=True),
    Column("previous_ends_at", INSTANT),
    Column("role", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("bound_account_id", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("rotated_at", INSTANT),
    Column("last_used_at", INSTANT),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    account_column(),
    Column("digest", LargeBinary, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("created_at", INSTANT, nullable=False),
    Index(None, "created_at"),
)

# What a business reference was first used for: unique in the account among those of its kind of
# operation, for ever.
business_references = Table(
    "business_references",
    metadata,
    account_column(),
    Column("operation", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("result_id", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
)
