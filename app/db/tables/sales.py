"""What was offered and sold, and what it gives for how long."""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.db.tables.base import INSTANT, account_column, metadata

purchases = Table(
    "purchases",
    metadata,
    account_column(),
    Column("order_id", Text, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("offer", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("contract_months", Integer),
    Column("site", Text),
    Column("total_amount", BigInteger, nullable=False),
    Column("total_currency", Text, nullable=False),
    Column("payment_reference", Text),
    Column("paid_at", INSTANT),
    Column("subscription_id", Uuid),
    Column("quote_id", Uuid),
    Column("cancellation", JSONB),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("status IN ('pending', 'active', 'cancelled')", name="status"),
    CheckConstraint("total_amount >= 0", name="total"),
    CheckConstraint("quantity > 0", name="quantity"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    account_column(),
    Column("subscription_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("order_id", Text),
    Column("catalog", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("site", Text),
    Column("unit", Text, nullable=False),
    Column("starts_at", INSTANT, nullable=False),
    Column("ends_at", INSTANT),
    Column("suspended_at", INSTANT),
    Column("suspension", JSONB),
    Column("extra_calendars", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="term"),
    Index(None, "account_id", "ends_at"),
)

quotes = Table(
    "quotes",
    metadata,
    account_column(),
    Column("quote_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("offer", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("site", Text),
    Column("total_amount", BigInteger, nullable=False),
    Column("total_currency", Text, nullable=False),
    Column("valid_until", INSTANT, nullable=False),
    Column("upgraded_order_id", Text),
    Column("order_id", Text),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("kind IN ('sale', 'upgrade')", name="kind"),
)

licences = Table(
    "licences",
    metadata,
    account_column(),
    Column("license_id", Text, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("subscription_id", Uuid),
    Column("created_at", INSTANT, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    account_column(),
    Column("reference", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscription_id", Uuid, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("effective_at", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("kind IN ('join_months', 'raise_cap', 'extended_cover')", name="kind"),
    Index(None, "account_id", "subscription_id"),
)
