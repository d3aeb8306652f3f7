"""Rows that a migration writes anew, an account at a time, on one Postgres as on a cluster.

A cluster refuses an UPDATE that calls what depends on the zone with columns, and one over whole
tables is one long transaction on every node. So what rows are to have is selected first, where
any expression may stand, and then written as plain values.
"""

from collections.abc import Iterator
from typing import Any

from alembic import op
from sqlalchemy import Connection, text

_AT_A_TIME = 1_000
_ACCOUNTS = text(
    "SELECT account_id FROM accounts WHERE account_id > :after ORDER BY account_id LIMIT :limit"
)


def rewrite_rows(select: str, update: str) -> None:
    """Write the rows that `select` gives of each account.

    Both take `:account_id`; `update` also takes the columns of `select` by their names, and has
    no expression that depends on anything else.
    """
    connection = op.get_bind()
    for account_id in _list_accounts(connection):
        found = connection.execute(text(select), {"account_id": account_id}).mappings()
        if rows := [{**row, "account_id": account_id} for row in found]:
            connection.execute(text(update), rows)


def _list_accounts(connection: Connection) -> Iterator[Any]:
    after = ""
    while found := list(
        connection.execute(_ACCOUNTS, {"after": after, "limit": _AT_A_TIME}).scalars()
    ):
        yield from found
        after = found[-1]
