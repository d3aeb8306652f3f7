"""Metadata of every table, and the columns that they share."""

from sqlalchemy import Column, DateTime, MetaData, Text

NO_ACCOUNT = "-"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

INSTANT = DateTime(timezone=True)


def account_column() -> Column[str]:
    """Return the column that leads the key of every table owned by an account."""
    return Column("account_id", Text, primary_key=True)
