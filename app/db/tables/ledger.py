"""Units: lots, their running totals, and the entries that moved them."""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)

from app.db.tables.base import INSTANT, account_column, metadata
from app.domain.time.backdating import BACK

_FAR_BACK = f"interval '{BACK // timedelta(hours=1)} hours'"

# `furthest_end` is the latest end that a lot ever had: a balance of the past may need a lot that
# was ended early since. `reach_days` bounds how long after its grant that is, so that lots live
# at an instant long ago are found without reading all that ended since; none: no bound.
# `notify_at` is when somebody is to be told next that it ends, here as in the other tables.
lots = Table(
    "lots",
    metadata,
    account_column(),
    Column("lot_id", Uuid, primary_key=True),
    Column("subscription_id", Uuid, nullable=False),
    Column("tally_id", Integer, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("site", Text),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("order_id", Text),
    Column("origin_lot_id", Uuid),
    Column("granted_sequence", BigInteger, nullable=False),
    Column("granted", BigInteger),
    Column("held", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=False),
    Column("valid_from", INSTANT, nullable=False),
    Column("expires_at", INSTANT),
    Column("furthest_end", INSTANT),
    Column("reach_days", Integer),
    Column("notify_at", INSTANT),
    Column("created_at", INSTANT, nullable=False),
    Column("region", Text),
    CheckConstraint("held >= 0 AND used >= 0 AND revoked >= 0", name="buckets"),
    CheckConstraint("granted IS NULL OR granted >= held + used + revoked", name="never_negative"),
    CheckConstraint("expires_at IS NULL OR expires_at >= valid_from", name="term"),
    Index(None, "account_id", "furthest_end"),
    Index(None, "account_id", "reach_days", "furthest_end"),
    Index(None, "account_id", "subscription_id"),
    Index(None, "notify_at", postgresql_where=text("notify_at IS NOT NULL")),
)

# Running totals over every lot there ever was, one row for each kind of units of an account:
# what makes a balance cost the same after a million entries as after ten.
tallies = Table(
    "tallies",
    metadata,
    account_column(),
    Column("tally_id", Integer, primary_key=True, autoincrement=False),
    Column("catalog", Text, nullable=False),
    Column("site", Text),
    Column("unit", Text, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=False),
)

# Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. `granted` … `revoked` are what
# the entry adds to its lot's buckets, `lot_*` and `tally_*` what they are after it.
# `clock_at` never falls along `sequence`; `effective_at` is before it where backdated.
entries = Table(
    "entries",
    metadata,
    account_column(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("lot_id", Uuid),
    Column("tally_id", Integer),
    Column("unit", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=False),
    Column("lot_granted", BigInteger),
    Column("lot_held", BigInteger, nullable=False),
    Column("lot_used", BigInteger, nullable=False),
    Column("lot_revoked", BigInteger, nullable=False),
    Column("tally_granted", BigInteger, nullable=False),
    Column("tally_held", BigInteger, nullable=False),
    Column("tally_used", BigInteger, nullable=False),
    Column("tally_revoked", BigInteger, nullable=False),
    Column("valid_from", INSTANT),
    Column("expires_at", INSTANT),
    Column("effective_at", INSTANT, nullable=False),
    Column("clock_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("ticket_id", Text),
    Column("order_id", Text),
    Column("reference", Text),
    Column("cause", Text),
    Column("reason", Text),
    Column("actor", Text),
    # Overage belongs to no lot, so giving it back is overage of less than nothing.
    CheckConstraint("amount >= 0 OR kind = 'overage'", name="amount"),
    CheckConstraint("effective_at <= clock_at", name="clock"),
    CheckConstraint(
        "kind IN ('grant', 'hold', 'release', 'settle', 'refund', 'revoke', 'extend',"
        " 'overage', 'adjust', 'move')",
        name="kind",
    ),
    Index(None, "account_id", "clock_at", "sequence"),
    Index(None, "account_id", "lot_id", "sequence"),
    Index(None, "account_id", "tally_id", "sequence"),
    Index(
        "ix_entries_account_id_ticket_id_sequence",
        "account_id",
        "ticket_id",
        "sequence",
        postgresql_where=text("ticket_id IS NOT NULL"),
    ),
    Index(
        "ix_entries_backdated",
        "account_id",
        "clock_at",
        postgresql_where=text("effective_at < clock_at"),
    ),
    Index(
        "ix_entries_long_backdated",
        "account_id",
        "effective_at",
        postgresql_where=text(f"clock_at - effective_at > {_FAR_BACK}"),
    ),
)
# What was reported later than anybody may without a right of its own: rare, and so an index.
FAR_BACKDATED = entries.c.clock_at - entries.c.effective_at > literal_column(_FAR_BACK)
