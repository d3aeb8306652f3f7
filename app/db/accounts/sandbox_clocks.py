"""Sandbox accounts among all others: which they are, and the present that each of them has."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from app.db.tables import accounts

SANDBOXES = select(accounts.c.account_id).where(accounts.c.sandbox_at.is_not(None))


def of_account(column: ColumnElement[Any], of: FromClause) -> ColumnElement[Any]:
    """Return a column of the account that a row of another table belongs to."""
    this = accounts.c.account_id == of.c.account_id
    return select(column).where(this).correlate(of).scalar_subquery()


def own_now(of: FromClause, now: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the present of a row's account: a sandbox's own, and everybody's of any other."""
    return func.coalesce(of_account(accounts.c.sandbox_at, of), now)
