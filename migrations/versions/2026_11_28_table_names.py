"""What is append-only is named by its table, also where the row is in a part of it on a node."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_table_names"
down_revision: str | None = "2026_11_28_account_moves"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A part of a distributed table has the table's name and a number.
_OF_PART, _OF_TABLE = "TG_TABLE_NAME, TG_OP", "regexp_replace(TG_TABLE_NAME, '_[0-9]+$', ''), TG_OP"
_FUNCTIONS = ("surety_refuse_change", "surety_refuse_entry_change")


def upgrade() -> None:
    for function in _FUNCTIONS:
        _replace(function, _OF_PART, _OF_TABLE)


def downgrade() -> None:
    for function in _FUNCTIONS:
        _replace(function, _OF_TABLE, _OF_PART)


def _replace(function: str, before: str, after: str) -> None:
    connection = op.get_bind()
    definition = connection.scalar(
        sa.text("SELECT pg_get_functiondef(to_regproc(:function))"), {"function": function}
    )
    connection.exec_driver_sql(definition.replace(before, after))
