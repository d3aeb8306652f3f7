"""Events: what happened, read back in its order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.db.accounts import accounts, event_log
from app.db.engine.database import Db

# In one transaction, so that none is long.
_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in their order; `more` says whether others follow already.

    `missed` counts those between the place asked for and these that are kept no longer.
    """

    rows: list[Any]
    more: bool
    missed: int


async def list_account_events(db: Db, *, account_id: str, after: int, limit: int) -> EventPage:
    """Return an account's events after a number, without a gap. Refuses `account_unknown`."""
    account = await accounts.find_account(db, account_id)
    rows = await event_log.list_account_events(db, account_id, after=after, limit=limit + 1)
    first = rows[0]["number"] if rows else account["events"] + 1
    return EventPage(rows[:limit], len(rows) > limit, max(first - after - 1, 0))


async def list_events(db: Db, *, after: int, limit: int) -> EventPage:
    """Return all accounts' events after a position, in order for each account.

    Those that no worker has put in order yet are put in order first, so that whoever reads
    waits for no worker. The transaction has to be one that may write.
    """
    await sequence_events(db)
    # Before the events are read: what is given a place after that is missed by nobody.
    last = await event_log.find_last_position(db)
    rows = await event_log.list_events(db, after=after, limit=limit + 1)
    first = rows[0]["position"] if rows else last + 1
    return EventPage(rows[:limit], len(rows) > limit, max(first - after - 1, 0))


async def prune_events(db: Db, *, kept: timedelta) -> int:
    """Remove the oldest of the events recorded longer ago than `kept`, and count them.

    A thousand at most, and none that webhooks are still to be made of. Zero says that none is
    left. Numbers are not given again: readers that were away see how many they have missed.
    """
    return await event_log.prune_events(db, before=db.read_clock() - kept, limit=_AT_A_TIME)


async def sequence_events(db: Db) -> int:
    """Give committed events that have none their position over all accounts; count them.

    A thousand at most; a position once given stays. Events of one account are in the order of
    their numbers, and no event can appear later before a position that was given.
    """
    return await event_log.give_positions(db, limit=_AT_A_TIME)
