"""The tables. Every table owned by an account leads its key with `account_id` (DESIGN §7).

Reference tables (catalogues, keys) have no account. Rows of no account that live in an
account's table belong to the reserved account `-`.
"""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NO_ACCOUNT = "-"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_INSTANT = DateTime(timezone=True)


def _account() -> Column[str]:
    return Column("account_id", Text, primary_key=True)


catalogs = Table(
    "catalogs",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("published_at", _INSTANT, nullable=False),
)

catalog_versions = Table(
    "catalog_versions",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("document", JSON, nullable=False),
    Column("published_at", _INSTANT, nullable=False),
    Column("published_by", Text, nullable=False),
    Index("uq_catalog_versions_catalog_digest_version", "catalog", "digest", "version"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("previous_digest", LargeBinary, unique=True),
    Column("previous_ends_at", _INSTANT),
    Column("role", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("bound_account_id", Text),
    Column("created_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("revoked_at", _INSTANT),
    Column("rotated_at", _INSTANT),
    Column("last_used_at", _INSTANT),
)

accounts = Table(
    "accounts",
    metadata,
    _account(),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("metadata", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("tallies", SmallInteger, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Column("erased_at", _INSTANT),
    Column("erasure", JSONB),
    Index(None, "email", postgresql_where=text("email IS NOT NULL")),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _account(),
    Column("digest", LargeBinary, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("created_at", _INSTANT, nullable=False),
    Index(None, "created_at"),
)

# What a business reference was first used for: unique in the account, for ever.
business_references = Table(
    "business_references",
    metadata,
    _account(),
    Column("reference", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("result_id", Text, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
)

purchases = Table(
    "purchases",
    metadata,
    _account(),
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
    Column("paid_at", _INSTANT),
    Column("subscription_id", Uuid),
    Column("quote_id", Uuid),
    Column("cancellation", JSONB),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("status IN ('pending', 'active', 'cancelled')", name="status"),
    CheckConstraint("total_amount >= 0", name="total"),
    CheckConstraint("quantity > 0", name="quantity"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _account(),
    Column("subscription_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("order_id", Text),
    Column("catalog", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("plan", Text, nullable=False),
    Column("site", Text),
    Column("unit", Text, nullable=False),
    Column("starts_at", _INSTANT, nullable=False),
    Column("ends_at", _INSTANT),
    Column("suspended_at", _INSTANT),
    Column("suspension", JSONB),
    Column("extra_calendars", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="term"),
    Index(None, "account_id", "ends_at"),
)

# `furthest_end` is the latest end that a lot ever had: a balance of the past may need a lot that
# was ended early since. `reach_days` bounds how long after its grant that is, so that lots live
# at an instant long ago are found without reading all that ended since; none: no bound.
lots = Table(
    "lots",
    metadata,
    _account(),
    Column("lot_id", Uuid, primary_key=True),
    Column("subscription_id", Uuid, nullable=False),
    Column("tally_id", SmallInteger, nullable=False),
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
    Column("valid_from", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("furthest_end", _INSTANT),
    Column("reach_days", SmallInteger),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("held >= 0 AND used >= 0 AND revoked >= 0", name="buckets"),
    CheckConstraint("granted IS NULL OR granted >= held + used + revoked", name="never_negative"),
    CheckConstraint("expires_at IS NULL OR expires_at >= valid_from", name="term"),
    Index(None, "account_id", "furthest_end"),
    Index(None, "account_id", "reach_days", "furthest_end"),
    Index(None, "account_id", "subscription_id"),
)

# Running totals over every lot there ever was, one row for each kind of units of an account:
# what makes a balance cost the same after a million entries as after ten.
tallies = Table(
    "tallies",
    metadata,
    _account(),
    Column("tally_id", SmallInteger, primary_key=True, autoincrement=False),
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
    _account(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("lot_id", Uuid),
    Column("tally_id", SmallInteger),
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
    Column("valid_from", _INSTANT),
    Column("expires_at", _INSTANT),
    Column("effective_at", _INSTANT, nullable=False),
    Column("clock_at", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
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
        " 'overage', 'adjust')",
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
        postgresql_where=text("clock_at - effective_at > interval '72 hours'"),
    ),
)

tickets = Table(
    "tickets",
    metadata,
    _account(),
    Column("ticket_id", Text, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("waiting_on", Text),
    Column("outcome", Text),
    Column("channel", Text, nullable=False),
    Column("severity", SmallInteger),
    Column("urgent", Boolean, nullable=False),
    Column("category", Text),
    Column("variables", JSONB, nullable=False),
    Column("topic", Text),
    Column("site", Text),
    Column("catalog", Text, nullable=False),
    Column("catalog_version", Integer, nullable=False),
    Column("promise_version", Integer, nullable=False),
    Column("plan", Text),
    Column("subscription_id", Uuid),
    Column("rank", SmallInteger),
    Column("on_demand", Boolean, nullable=False),
    Column("promised", Boolean, nullable=False),
    Column("extra_calendars", ARRAY(Text), nullable=False),
    Column("trace", JSONB, nullable=False),
    Column("charge_status", Text, nullable=False),
    Column("charge_unit", Text),
    Column("charge_amount", BigInteger, nullable=False),
    Column("overage_amount", BigInteger, nullable=False),
    Column("split_from", Text),
    Column("dispute", JSONB),
    Column("opened_at", _INSTANT, nullable=False),
    Column("resolved_at", _INSTANT),
    Column("last_event_at", _INSTANT, nullable=False),
    Column("events", Integer, nullable=False),
    Column("due_at", _INSTANT),
    Column("breaches_after", _INSTANT),
    Column("version", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("status IN ('open', 'paused', 'resolved')", name="status"),
    Index(None, "account_id", "opened_at", "ticket_id"),
    # Those that may hold units.
    Index(
        "ix_tickets_unsettled",
        "account_id",
        "ticket_id",
        postgresql_where=text("status <> 'resolved' OR charge_status = 'held'"),
    ),
    Index(
        "ix_tickets_open",
        "catalog",
        "account_id",
        "ticket_id",
        postgresql_where=text("status <> 'resolved'"),
    ),
    Index(
        "ix_tickets_queue",
        text("(status = 'paused')"),
        "on_demand",
        text("(NOT urgent)"),
        text("coalesce(severity, 99)"),
        text("coalesce(rank, 99)"),
        text("coalesce(breaches_after, '9999-12-31 00:00:00+00'::timestamptz)"),
        text("coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)"),
        "opened_at",
        "account_id",
        "ticket_id",
        postgresql_where=text("status <> 'resolved'"),
    ),
)

# What happened to a ticket, numbered as it was reported; `at` is when it happened.
ticket_events = Table(
    "ticket_events",
    metadata,
    _account(),
    Column("ticket_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("actor", Text),
    Column("data", JSONB, nullable=False),
)

# The clocks of a ticket as they are after its last event: a cache of their fold, for the
# views that look across tickets. A metric has one row, the next response one for each wait.
DEADLINE_ORDER = "coalesce(breaches_after, due_at, '9999-12-31 00:00:00+00'::timestamptz)"
deadlines = Table(
    "deadlines",
    metadata,
    _account(),
    Column("ticket_id", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("spell", SmallInteger, primary_key=True, autoincrement=False),
    Column("catalog", Text, nullable=False),
    Column("plan", Text),
    Column("severity", SmallInteger),
    Column("status", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("started_at", _INSTANT),
    Column("warn_at", _INSTANT),
    Column("due_at", _INSTANT),
    Column("breaches_after", _INSTANT),
    Column("met_at", _INSTANT),
    Column("breached_at", _INSTANT),
    Column("excused", Boolean, nullable=False),
    Column("used_seconds", BigInteger),
    Index(
        "ix_deadlines_in_order",
        text(DEADLINE_ORDER),
        "account_id",
        "ticket_id",
        "metric",
        "spell",
    ),
    Index(
        "ix_deadlines_running",
        text(DEADLINE_ORDER),
        "account_id",
        "ticket_id",
        "metric",
        "spell",
        postgresql_where=text("status = 'running'"),
    ),
    Index(None, "started_at"),
)

quotes = Table(
    "quotes",
    metadata,
    _account(),
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
    Column("valid_until", _INSTANT, nullable=False),
    Column("upgraded_order_id", Text),
    Column("order_id", Text),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("kind IN ('sale', 'upgrade')", name="kind"),
)

licences = Table(
    "licences",
    metadata,
    _account(),
    Column("license_id", Text, primary_key=True),
    Column("request", JSONB, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("subscription_id", Uuid),
    Column("created_at", _INSTANT, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    _account(),
    Column("reference", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscription_id", Uuid, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("effective_at", _INSTANT, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("kind IN ('join_months', 'raise_cap', 'extended_cover')", name="kind"),
    Index(None, "account_id", "subscription_id"),
)

# Chat, phone and video: never a database session. `minutes` are those that count, `over_minutes`
# those run beyond what could be charged. `charged` is how many further incidents its ticket has
# been charged on account of the session; a correction may have given some of them back.
sessions = Table(
    "sessions",
    metadata,
    _account(),
    Column("session_id", Text, primary_key=True),
    Column("ticket_id", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("kind", Text, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("starts_at", _INSTANT, nullable=False),
    Column("ends_at", _INSTANT, nullable=False),
    Column("started_at", _INSTANT),
    Column("ended_at", _INSTANT),
    Column("minutes", Integer),
    Column("over_minutes", Integer, nullable=False),
    Column("ended_by", Text),
    Column("charged", Integer, nullable=False),
    Column("corrections", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    CheckConstraint("status IN ('booked', 'running', 'ended', 'no_show')", name="status"),
    CheckConstraint("ended_by IN ('agent', 'limit', 'units')", name="ended_by"),
    Index(None, "account_id", "ticket_id"),
    Index("ix_sessions_running", "account_id", postgresql_where=text("status = 'running'")),
    Index(
        "ix_sessions_booked",
        "catalog",
        "starts_at",
        postgresql_where=text("status IN ('booked', 'running')"),
    ),
)

# Who holds the token of one may read the account's statement; only its digest is kept.
statement_links = Table(
    "statement_links",
    metadata,
    _account(),
    Column("digest", LargeBinary, primary_key=True),
    Column("period_start", _INSTANT),
    Column("period_end", _INSTANT),
    Column("catalog", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
)

# Minutes worked on a ticket. Its split over weeks, months and lots is in its entries.
work = Table(
    "work",
    metadata,
    _account(),
    Column("work_id", Text, primary_key=True),
    Column("ticket_id", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("overage_minutes", Integer, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("corrections", JSONB, nullable=False),
    Column("starts_at", _INSTANT, nullable=False),
    Column("worked_by", Text, nullable=False),
    Column("subscription_id", Uuid),
    Column("created_at", _INSTANT, nullable=False),
    Index(None, "account_id", "ticket_id"),
    Index(None, "account_id", "starts_at"),
)
