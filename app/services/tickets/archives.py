"""Archives: closed tickets' details and old events, taken out of the database once in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from app.db.accounts.accounts import AccountUnknown, lock_account
from app.db.engine.database import Db
from app.db.tickets import archives

Key = tuple[str, str | int]
_OF = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file is to have, a line each, and the keys to remove it by, account by account."""

    lines: Sequence[Mapping[str, Any]]
    keys: Sequence[Key]

    def by_account(self) -> list[tuple[str, list[Any]]]:
        """Return each account with what of it is to be removed."""
        ordered = sorted(self.keys, key=_OF)
        return [(account, [key[1] for key in keys]) for account, keys in groupby(ordered, _OF)]


async def load_tickets(db: Db, *, before: datetime, after: tuple[str, str], limit: int) -> Batch:
    """Return the next tickets closed before an instant, with what happened to them."""
    keys = await archives.list_archivable(db, before=before, after=after, limit=limit)
    lines: list[Mapping[str, Any]] = []
    for account_id, of_account in groupby(keys, _OF):
        ticket_ids = [key[1] for key in of_account]
        lines += await archives.load_ticket_lines(db, account_id, ticket_ids)
    return Batch(lines, keys)


async def remove_tickets(
    db: Db, account_id: str, ticket_ids: Sequence[str], *, before: datetime, file: str
) -> int:
    """Remove what happened to an account's tickets, which is in a file; count the tickets.

    One that something happened to meanwhile stays as it is. Entries, charges and stored clocks
    stay, so that balances, statements and reports do. An account that was moved is passed over.
    """
    try:
        await lock_account(db, account_id)
    except AccountUnknown:
        return 0
    return await archives.remove_ticket_details(
        db, account_id, ticket_ids, before=before, file=file
    )


async def load_events(db: Db, *, before: datetime, limit: int) -> Batch:
    """Return the first of the events recorded before an instant, which webhooks were made of."""
    found = await archives.list_old_events(db, before=before, limit=limit)
    return Batch(
        [archives.write_event_line(each) for each in found],
        [(each.account_id, each.number) for each in found],
    )


async def remove_events(db: Db, account_id: str, numbers: Sequence[int]) -> int:
    """Remove an account's events, which are in a file, and count them."""
    return await archives.remove_events(db, account_id, numbers)
