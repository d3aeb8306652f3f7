"""Repairs of an account's clock, and the only change of an entry that the database allows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_28_clock_repairs"
down_revision: str | None = "2026_11_28_queue_counted"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "clock_repairs",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "repaired_at", name=op.f("pk_clock_repairs")),
    )
    for trigger, when in (
        ("append_only", "UPDATE OR DELETE ON clock_repairs FOR EACH ROW"),
        ("never_truncated", "TRUNCATE ON clock_repairs FOR EACH STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER clock_repairs_{trigger} BEFORE {when} "
            "EXECUTE FUNCTION surety_refuse_change()"
        )
        op.execute(f"ALTER TABLE clock_repairs ENABLE ALWAYS TRIGGER clock_repairs_{trigger}")
    # An entry whose time has not come yet may be given the present, and nothing else of it may
    # change: where its account's clock is being repaired, which is a row of its own.
    op.execute(
        """
        CREATE FUNCTION surety_refuse_entry_change() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stamps CONSTANT text[] :=
                ARRAY['clock_at', 'effective_at', 'recorded_at', 'valid_from'];
        BEGIN
            IF TG_OP = 'UPDATE'
                AND NEW.clock_at < OLD.clock_at
                AND to_jsonb(NEW) - stamps = to_jsonb(OLD) - stamps
                AND NEW.effective_at <= OLD.effective_at
                AND NEW.recorded_at <= OLD.recorded_at
                AND NEW.valid_from IS NOT DISTINCT FROM LEAST(OLD.valid_from, NEW.valid_from)
                AND EXISTS (
                    SELECT FROM clock_repairs
                    WHERE clock_repairs.account_id = OLD.account_id
                        AND clock_repairs.repaired_at = NEW.clock_at
                        AND clock_repairs.found_at >= OLD.clock_at
                )
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    _refuse_changes_by("surety_refuse_entry_change")


def downgrade() -> None:
    _refuse_changes_by("surety_refuse_change")
    op.execute("DROP FUNCTION surety_refuse_entry_change()")
    op.drop_table("clock_repairs")


def _refuse_changes_by(function: str) -> None:
    op.execute("DROP TRIGGER entries_append_only ON entries")
    op.execute(
        "CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries FOR EACH ROW "
        f"EXECUTE FUNCTION {function}()"
    )
    op.execute("ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_append_only")
