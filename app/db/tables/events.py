"""Events, and the places that their readers have come to."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Table, Text, Uuid, text

from app.db.tables.base import INSTANT, account_column, metadata

# One row in the transaction of what happened, numbered without a gap in its account. `position`
# is its place among those of all accounts, given after the commit: by then no event of before
# can appear any more.
events = Table(
    "events",
    metadata,
    account_column(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("data", JSON, nullable=False),
    Column("position", BigInteger),
    # Whether its account is a sandbox, whose clock is its own.
    Column("sandbox", Boolean, nullable=False),
    # The account that it happened to, where that was moved into this one: told of there.
    Column("moved_from", Text),
    Index(
        "ix_events_without_position",
        "account_id",
        "number",
        postgresql_where=text("position IS NULL"),
    ),
    Index("ix_events_position", "position", postgresql_where=text("position IS NOT NULL")),
)

# How far whoever reads all events has come, by the reader's name: `positions` is the last
# position given. A row is locked while its reader moves on, by no request's transaction.
relay = Table(
    "relay",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
