"""Webhooks, their deliveries, and each attempt.

Deliveries and their attempts belong to an endpoint, whose id leads the keys of all three, and by
which a cluster lays them out: they are the worker's, and no statement of an account's request
touches them.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from app.db.tables.base import INSTANT, metadata

# The secrets are kept as they are, for every body is signed with them; nothing shows them again.
webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text),
    Column("types", ARRAY(Text), nullable=False),
    Column("account_ids", ARRAY(Text)),
    Column("ordered", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_ends_at", INSTANT),
    Column("rotated_at", INSTANT),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("failing_since", INSTANT),
    Column("disabled_at", INSTANT),
    Column("disabled_reason", Text),
    # The last position that had been given to an event when it was made: what is recorded after
    # that has a later one, whatever any clock says.
    Column("after_position", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint(
        "(disabled_at IS NULL) = (disabled_reason IS NULL)"
        " AND disabled_reason IN ('operator', 'gone', 'failing')",
        name="disabled",
    ),
)

# One event for one endpoint. `next_attempt_at` is when it is due; while an attempt is under way,
# when it is taken for lost; and null while it waits for an earlier one of its account.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    # None for a ping, which is no account's event.
    Column("number", BigInteger),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("next_attempt_at", INSTANT),
    Column("ended_at", INSTANT),
    CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
    Index(
        "ix_webhook_deliveries_due",
        "webhook_id",
        "next_attempt_at",
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "ix_webhook_deliveries_lane",
        "webhook_id",
        "account_id",
        "number",
        postgresql_where=text("status = 'pending'"),
    ),
    # What is looked for among many that were delivered.
    Index(
        "ix_webhook_deliveries_undelivered",
        "webhook_id",
        "status",
        "delivery_id",
        postgresql_where=text("status <> 'delivered'"),
    ),
    Index(None, "created_at"),
)

# `result` is null while the attempt is under way.
webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("result", Text),
    Column("status_code", SmallInteger),
    Column("detail", Text),
    Column("duration_ms", Integer),
)
