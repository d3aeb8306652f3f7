"""The ledger, its catalogues, and the tickets charged to it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_21_ledger"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# What is written once, and never changed or removed.
APPEND_ONLY = ("entries", "catalog_versions")


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION surety_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("tallies", sa.SmallInteger(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erasure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
    )
    op.create_index(
        op.f("ix_accounts_email"),
        "accounts",
        ["email"],
        unique=False,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_table(
        "agreements",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('join_months', 'raise_cap', 'extended_cover')",
            name=op.f("ck_agreements_kind"),
        ),
        sa.PrimaryKeyConstraint("account_id", "reference", name=op.f("pk_agreements")),
    )
    op.create_index(
        op.f("ix_agreements_account_id_subscription_id"),
        "agreements",
        ["account_id", "subscription_id"],
        unique=False,
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("bound_account_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
        sa.UniqueConstraint("previous_digest", name=op.f("uq_api_keys_previous_digest")),
    )
    op.create_table(
        "business_references",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "reference", name=op.f("pk_business_references")),
    )
    op.create_table(
        "catalog_versions",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("catalog", "version", name=op.f("pk_catalog_versions")),
    )
    op.create_index(
        "uq_catalog_versions_catalog_digest_version",
        "catalog_versions",
        ["catalog", "digest", "version"],
        unique=False,
    )
    op.create_table(
        "catalogs",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("catalog", name=op.f("pk_catalogs")),
    )
    op.create_table(
        "deadlines",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("spell", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breaches_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excused", sa.Boolean(), nullable=False),
        sa.Column("used_seconds", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "account_id", "ticket_id", "metric", "spell", name=op.f("pk_deadlines")
        ),
    )
    op.create_index(
        "ix_deadlines_in_order",
        "deadlines",
        [
            sa.literal_column(
                "coalesce(breaches_after, due_at, '9999-12-31 00:00:00+00'::timestamptz)"
            ),
            "account_id",
            "ticket_id",
            "metric",
            "spell",
        ],
        unique=False,
    )
    op.create_index(
        "ix_deadlines_running",
        "deadlines",
        [
            sa.literal_column(
                "coalesce(breaches_after, due_at, '9999-12-31 00:00:00+00'::timestamptz)"
            ),
            "account_id",
            "ticket_id",
            "metric",
            "spell",
        ],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(op.f("ix_deadlines_started_at"), "deadlines", ["started_at"], unique=False)
    op.create_table(
        "entries",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("tally_id", sa.SmallInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=False),
        sa.Column("lot_granted", sa.BigInteger(), nullable=True),
        sa.Column("lot_held", sa.BigInteger(), nullable=False),
        sa.Column("lot_used", sa.BigInteger(), nullable=False),
        sa.Column("lot_revoked", sa.BigInteger(), nullable=False),
        sa.Column("tally_granted", sa.BigInteger(), nullable=False),
        sa.Column("tally_held", sa.BigInteger(), nullable=False),
        sa.Column("tally_used", sa.BigInteger(), nullable=False),
        sa.Column("tally_revoked", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('grant', 'hold', 'release', 'settle', 'refund', 'revoke', 'extend',"
            " 'overage', 'adjust')",
            name=op.f("ck_entries_kind"),
        ),
        sa.CheckConstraint("amount >= 0 OR kind = 'overage'", name=op.f("ck_entries_amount")),
        sa.CheckConstraint("effective_at <= clock_at", name=op.f("ck_entries_clock")),
        sa.PrimaryKeyConstraint("account_id", "sequence", name=op.f("pk_entries")),
    )
    op.create_index(
        "ix_entries_backdated",
        "entries",
        ["account_id", "clock_at"],
        unique=False,
        postgresql_where=sa.text("effective_at < clock_at"),
    )
    op.create_index(
        "ix_entries_long_backdated",
        "entries",
        ["account_id", "effective_at"],
        unique=False,
        postgresql_where=sa.text("clock_at - effective_at > interval '72 hours'"),
    )
    op.create_index(
        op.f("ix_entries_account_id_clock_at_sequence"),
        "entries",
        ["account_id", "clock_at", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_entries_account_id_lot_id_sequence"),
        "entries",
        ["account_id", "lot_id", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_entries_account_id_tally_id_sequence"),
        "entries",
        ["account_id", "tally_id", "sequence"],
        unique=False,
    )
    op.create_index(
        "ix_entries_account_id_ticket_id_sequence",
        "entries",
        ["account_id", "ticket_id", "sequence"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "licences",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("license_id", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "license_id", name=op.f("pk_licences")),
    )
    op.create_table(
        "lots",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("tally_id", sa.SmallInteger(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("origin_lot_id", sa.Uuid(), nullable=True),
        sa.Column("granted_sequence", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("furthest_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reach_days", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "expires_at IS NULL OR expires_at >= valid_from", name=op.f("ck_lots_term")
        ),
        sa.CheckConstraint(
            "granted IS NULL OR granted >= held + used + revoked",
            name=op.f("ck_lots_never_negative"),
        ),
        sa.CheckConstraint(
            "held >= 0 AND used >= 0 AND revoked >= 0", name=op.f("ck_lots_buckets")
        ),
        sa.PrimaryKeyConstraint("account_id", "lot_id", name=op.f("pk_lots")),
    )
    op.create_index(
        op.f("ix_lots_account_id_furthest_end"),
        "lots",
        ["account_id", "furthest_end"],
        unique=False,
    )
    op.create_index(
        op.f("ix_lots_account_id_reach_days_furthest_end"),
        "lots",
        ["account_id", "reach_days", "furthest_end"],
        unique=False,
    )
    op.create_index(
        op.f("ix_lots_account_id_subscription_id"),
        "lots",
        ["account_id", "subscription_id"],
        unique=False,
    )
    op.create_table(
        "purchases",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", sa.Text(), nullable=False),
        sa.Column("payment_reference", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("cancellation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'active', 'cancelled')", name=op.f("ck_purchases_status")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_purchases_quantity")),
        sa.CheckConstraint("total_amount >= 0", name=op.f("ck_purchases_total")),
        sa.PrimaryKeyConstraint("account_id", "order_id", name=op.f("pk_purchases")),
    )
    op.create_table(
        "quotes",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upgraded_order_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sale', 'upgrade')", name=op.f("ck_quotes_kind")),
        sa.PrimaryKeyConstraint("account_id", "quote_id", name=op.f("pk_quotes")),
    )
    op.create_table(
        "sessions",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("over_minutes", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("charged", sa.Integer(), nullable=False),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('booked', 'running', 'ended', 'no_show')", name=op.f("ck_sessions_status")
        ),
        sa.CheckConstraint(
            "ended_by IN ('agent', 'limit', 'units')", name=op.f("ck_sessions_ended_by")
        ),
        sa.PrimaryKeyConstraint("account_id", "session_id", name=op.f("pk_sessions")),
    )
    op.create_index(
        op.f("ix_sessions_account_id_ticket_id"),
        "sessions",
        ["account_id", "ticket_id"],
        unique=False,
    )
    op.create_index(
        "ix_sessions_booked",
        "sessions",
        ["catalog", "starts_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('booked', 'running')"),
    )
    op.create_index(
        "ix_sessions_running",
        "sessions",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "statement_links",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("catalog", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_statement_links")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspension", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("extra_calendars", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_subscriptions_term")
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_account_id_ends_at"),
        "subscriptions",
        ["account_id", "ends_at"],
        unique=False,
    )
    op.create_table(
        "tallies",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("tally_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "tally_id", name=op.f("pk_tallies")),
    )
    op.create_table(
        "ticket_events",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "ticket_id", "number", name=op.f("pk_ticket_events")),
    )
    op.create_table(
        "tickets",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("waiting_on", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("promise_version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=True),
        sa.Column("on_demand", sa.Boolean(), nullable=False),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("extra_calendars", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("charge_status", sa.Text(), nullable=False),
        sa.Column("charge_unit", sa.Text(), nullable=True),
        sa.Column("charge_amount", sa.BigInteger(), nullable=False),
        sa.Column("overage_amount", sa.BigInteger(), nullable=False),
        sa.Column("split_from", sa.Text(), nullable=True),
        sa.Column("dispute", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breaches_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'paused', 'resolved')", name=op.f("ck_tickets_status")
        ),
        sa.PrimaryKeyConstraint("account_id", "ticket_id", name=op.f("pk_tickets")),
    )
    op.create_index(
        op.f("ix_tickets_account_id_opened_at_ticket_id"),
        "tickets",
        ["account_id", "opened_at", "ticket_id"],
        unique=False,
    )
    op.create_index(
        "ix_tickets_open",
        "tickets",
        ["catalog", "account_id", "ticket_id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_index(
        "ix_tickets_unsettled",
        "tickets",
        ["account_id", "ticket_id"],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved' OR charge_status = 'held'"),
    )
    op.create_index(
        "ix_tickets_queue",
        "tickets",
        [
            sa.literal_column("(status = 'paused')"),
            "on_demand",
            sa.literal_column("(NOT urgent)"),
            sa.literal_column("coalesce(severity, 99)"),
            sa.literal_column("coalesce(rank, 99)"),
            sa.literal_column("coalesce(breaches_after, '9999-12-31 00:00:00+00'::timestamptz)"),
            sa.literal_column("coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)"),
            "opened_at",
            "account_id",
            "ticket_id",
        ],
        unique=False,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "work",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("work_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("overage_minutes", sa.Integer(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_by", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "work_id", name=op.f("pk_work")),
    )
    op.create_index(
        op.f("ix_work_account_id_starts_at"), "work", ["account_id", "starts_at"], unique=False
    )
    op.create_index(
        op.f("ix_work_account_id_ticket_id"), "work", ["account_id", "ticket_id"], unique=False
    )
    for table in APPEND_ONLY:
        for trigger, when in (
            ("append_only", "UPDATE OR DELETE ON {} FOR EACH ROW"),
            ("never_truncated", "TRUNCATE ON {} FOR EACH STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_{trigger} BEFORE {when.format(table)} "
                "EXECUTE FUNCTION surety_refuse_change()"
            )
            # Not even where a session switches triggers off, as a replica does.
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{trigger}")


def downgrade() -> None:
    op.drop_index(op.f("ix_work_account_id_ticket_id"), table_name="work")
    op.drop_index(op.f("ix_work_account_id_starts_at"), table_name="work")
    op.drop_table("work")
    op.drop_index(
        "ix_tickets_queue", table_name="tickets", postgresql_where=sa.text("status <> 'resolved'")
    )
    op.drop_index(
        "ix_tickets_open", table_name="tickets", postgresql_where=sa.text("status <> 'resolved'")
    )
    op.drop_index(
        "ix_tickets_unsettled",
        table_name="tickets",
        postgresql_where=sa.text("status <> 'resolved' OR charge_status = 'held'"),
    )
    op.drop_index(op.f("ix_tickets_account_id_opened_at_ticket_id"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_table("ticket_events")
    op.drop_table("tallies")
    op.drop_index(op.f("ix_subscriptions_account_id_ends_at"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_table("statement_links")
    op.drop_index(
        "ix_sessions_booked",
        table_name="sessions",
        postgresql_where=sa.text("status IN ('booked', 'running')"),
    )
    op.drop_index(
        "ix_sessions_running",
        table_name="sessions",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_index(op.f("ix_sessions_account_id_ticket_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("quotes")
    op.drop_table("purchases")
    op.drop_index(op.f("ix_lots_account_id_subscription_id"), table_name="lots")
    op.drop_index(op.f("ix_lots_account_id_reach_days_furthest_end"), table_name="lots")
    op.drop_index(op.f("ix_lots_account_id_furthest_end"), table_name="lots")
    op.drop_table("lots")
    op.drop_table("licences")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(
        "ix_entries_account_id_ticket_id_sequence",
        table_name="entries",
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_entries_account_id_tally_id_sequence"), table_name="entries")
    op.drop_index(op.f("ix_entries_account_id_lot_id_sequence"), table_name="entries")
    op.drop_index(op.f("ix_entries_account_id_clock_at_sequence"), table_name="entries")
    op.drop_index(
        "ix_entries_long_backdated",
        table_name="entries",
        postgresql_where=sa.text("clock_at - effective_at > interval '72 hours'"),
    )
    op.drop_index(
        "ix_entries_backdated",
        table_name="entries",
        postgresql_where=sa.text("effective_at < clock_at"),
    )
    op.drop_table("entries")
    op.drop_index(op.f("ix_deadlines_started_at"), table_name="deadlines")
    op.drop_index(
        "ix_deadlines_running",
        table_name="deadlines",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_index("ix_deadlines_in_order", table_name="deadlines")
    op.drop_table("deadlines")
    op.drop_table("catalogs")
    op.drop_index("uq_catalog_versions_catalog_digest_version", table_name="catalog_versions")
    op.drop_table("catalog_versions")
    op.drop_table("business_references")
    op.drop_table("api_keys")
    op.drop_index(op.f("ix_agreements_account_id_subscription_id"), table_name="agreements")
    op.drop_table("agreements")
    op.drop_index(
        op.f("ix_accounts_email"),
        table_name="accounts",
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.drop_table("accounts")
    op.execute("DROP FUNCTION surety_refuse_change()")
