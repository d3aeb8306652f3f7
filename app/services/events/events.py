"""Events: what happened, read back in its order."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.accounts import accounts, event_log, event_order
from app.db.engine.unit_of_work import Db
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.events.events import ADMIN_EVENTS, Event
from app.domain.values import Value

# In one transaction, so that none is long.
_AT_A_TIME = 1_000
# How many events a page looks at: of sandbox accounts there may be many that are left out.
_LOOKED_AT = 10_000


class CursorAhead(InvalidPayload):
    """The events have not come so far as this place: it is of another time, or another database.

    After a restore to an earlier instant, what the reader was given since is no longer there.
    Read on from `last`, the last place that there is, and read again what is kept of it.
    """

    code = "cursor_ahead"
    title = "The cursor lies ahead of the events"


class EventPage(Value):
    """Events in their order; `more` says whether others follow already.

    `last` is the place to go on from: the last event's, or behind it that of one that is left
    out. `missed` counts those between the place asked for and these that are kept no longer.
    """

    events: Sequence[Event]
    last: int | None
    more: bool
    missed: int


async def list_account_events(db: Db, *, account_id: str, after: int, limit: int) -> EventPage:
    """Return an account's events after a number, without a gap.

    Refuses `account_unknown`, and `cursor_ahead` a number that the account has not come to.
    """
    account = await accounts.find_account(db, account_id)
    _require_reached(after, account.events)
    found = await event_log.list_account_events(db, account_id, after=after, limit=limit + 1)
    first = found[0].number if found else account.events + 1
    page = found[:limit]
    last = page[-1].number if page else None
    return EventPage(page, last, len(found) > limit, max(first - after - 1, 0))


async def list_events(
    db: Db, *, after: int, limit: int, caller: Caller, sandbox: bool = False
) -> EventPage:
    """Return all accounts' events after a position, in order for each account.

    Those of sandbox accounts are left out unless `sandbox`, and what happens to keys for callers
    who may not see keys; the page goes on past them. Refuses `cursor_ahead` a position that no
    event has come to.

    Those that no worker has put in order yet are put in order first, so that whoever reads
    waits for no worker. The transaction has to be one that may write.
    """
    await sequence_events(db)
    # Before the events are read: what is given a place after that is missed by nobody.
    last = await event_order.find_last_position(db)
    _require_reached(after, last)
    first = await event_log.find_first_position(db, after=after)
    if first is None:
        return EventPage([], None, more=False, missed=max(last - after, 0))
    reached = first + _LOOKED_AT - 1
    found = await event_log.list_events_until(
        db,
        after=after,
        until=reached,
        limit=limit + 1,
        sandbox=sandbox,
        without=() if caller.may("admin") else ADMIN_EVENTS,
    )
    page = found[:limit]
    end = (page[-1].position or 0) if page else 0
    if len(found) <= limit:
        # As far as was looked, whether or not what is there is shown.
        end = max(end, min(reached, last))
    more = len(found) > limit or end < last
    return EventPage(page, end or None, more=more, missed=max(first - after - 1, 0))


async def prune_events(db: Db, *, kept: timedelta) -> int:
    """Remove the oldest of the events recorded longer ago than `kept`, and count them.

    A thousand at most, and none that webhooks are still to be made of. Zero says that none is
    left. Numbers are not given again: readers that were away see how many they have missed.
    """
    now = db.read_clock()
    return await event_order.prune_events(db, before=now - kept, now=now, limit=_AT_A_TIME)


async def sequence_events(db: Db) -> int:
    """Give committed events that have none their position over all accounts; count them.

    A thousand at most; a position once given stays. Events of one account are in the order of
    their numbers, and no event can appear later before a position that was given.
    """
    return await event_order.assign_positions(db, limit=_AT_A_TIME)


def _require_reached(after: int, last: int) -> None:
    if after > last:
        detail = f"The events have come to {last}; this place, {after}, lies ahead of them."
        raise CursorAhead([Fault("/after", detail, CursorAhead.code)])
