"""Archives: closed tickets' details and old events, taken out of the database once in a file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, TypeVar

from app.db.accounts.accounts import AccountUnknown
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.events import deliveries
from app.db.tickets import archives
from app.db.tickets.archives import ArchivableTicket
from app.domain.values import Value

EventKey = tuple[str, int]
Key = TypeVar("Key", ArchivableTicket, EventKey)
_ACCOUNT_OF = itemgetter(0)


class Batch(Value, Generic[Key]):
    """What one file is to have, a line each, and the keys to remove it by, each of an account."""

    lines: Sequence[Mapping[str, Any]]
    keys: Sequence[Key]

    def by_account(self) -> list[tuple[str, list[Key]]]:
        """Return each account with what of it is to be removed."""
        ordered = sorted(self.keys, key=_ACCOUNT_OF)
        return [(account, list(keys)) for account, keys in groupby(ordered, _ACCOUNT_OF)]


class EventBatch(Batch[EventKey], kw_only=True):
    """The first of the events that one file is to have.

    They end before one that an endpoint is still to be sent, recorded at `pending_at`; None where
    there is no such one among them.
    """

    pending_at: datetime | None


async def hold_archive(db: Db) -> bool:
    """Have nobody else archive until this transaction ends, unless one does; whether none does.

    Asked again by who holds it, it is held.
    """
    return await archives.hold_archive(db)


async def load_tickets(
    db: Db, *, before: datetime, after: tuple[str, str], limit: int
) -> Batch[ArchivableTicket]:
    """Return the next tickets closed before an instant, with what happened to them."""
    found = await archives.list_archivable(db, before=before, after=after, limit=limit)
    lines: list[Mapping[str, Any]] = []
    for account_id, of_account in groupby(found, _ACCOUNT_OF):
        ticket_ids = [each.ticket_id for each in of_account]
        lines += await archives.load_ticket_lines(db, account_id, ticket_ids)
    return Batch(lines, found)


async def remove_tickets(
    db: Db, account_id: str, written: Sequence[ArchivableTicket], *, before: datetime, file: str
) -> int:
    """Remove what happened to an account's tickets, which is in a file; count the tickets.

    One that something was recorded of meanwhile stays as it is, whenever that was. Entries,
    charges and stored clocks stay, so that balances, statements and reports do. An account that
    was moved is passed over.
    """
    try:
        await lock_account(db, account_id)
    except AccountUnknown:
        return 0
    return await archives.remove_ticket_details(db, account_id, written, before=before, file=file)


async def load_events(db: Db, *, before: datetime, limit: int) -> EventBatch:
    """Return the first of the events recorded before an instant, which webhooks were made of.

    Those before one that an endpoint is still to be sent, for what is sent is made of it; those
    after it stay, too, so that readers, who go by the first that is left, see what they missed.
    """
    found = await archives.list_old_events(db, before=before, limit=limit)
    keys = [(each.account_id, each.number) for each in found]
    pending = await deliveries.list_pending_events(db, keys)
    end = next((place for place, key in enumerate(keys) if key in pending), None)
    return EventBatch(
        [archives.write_event_line(each) for each in found[:end]],
        keys[:end],
        pending_at=None if end is None else found[end].recorded_at,
    )


async def remove_events(db: Db, account_id: str, written: Sequence[EventKey]) -> int:
    """Remove an account's events, which are in a file, and count them."""
    return await archives.remove_events(db, account_id, [number for _, number in written])
