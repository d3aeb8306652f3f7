"""Histories: every line of an account, in the order of its entries."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from app.db.accounts import accounts
from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.db.ledger import balances, entries
from app.db.ledger.balances import AccountState
from app.domain.access.refusals import Fault
from app.domain.ledger.balances import Tally, total_units
from app.domain.ledger.histories import History, HistoryLine
from app.domain.ledger.ledger import UnitTotals
from app.domain.values import Value
from app.services.ledger.balances import SequenceAhead

_AT_A_TIME = 1_000


class HistoryPlace(Value):
    """A place between two lines: after an entry, and so many derived lines after that."""

    sequence: int = 0
    derived: int = 0


class HistoryReach(Value):
    """How far a history goes: up to an entry, and what the clock alone does until `as_of`."""

    account_id: str
    sequence: int
    as_of: datetime


class HistoryPage(Value):
    """Some lines of a history, and where the next page begins, if there is one."""

    lines: list[HistoryLine]
    next_place: HistoryPlace | None
    sequence: int
    as_of: datetime
    # Where each line is: what is asked for behind it, or before it, goes on from there.
    places: Sequence[HistoryPlace] = ()


async def find_reach(db: Db, *, account_id: str, sequence: int | None) -> HistoryReach:
    """Return how far an account's history goes: until now, or until an entry, for ever the same.

    Refuses with `sequence_ahead` an entry that is not there yet.
    """
    account = await accounts.find_account(db, account_id)
    if sequence is None:
        now = max(db.read_clock(), account.effective_at)
        return HistoryReach(account_id, account.sequence, now)
    if sequence > account.sequence:
        detail = f"The account's last sequence is {account.sequence}."
        raise SequenceAhead([Fault("/sequence", detail, SequenceAhead.code)])
    # Before the first movement there is no clock but the account's own beginning.
    at = await balances.find_entry_clock(db, account_id, sequence) or account.created_at
    return HistoryReach(account_id, sequence, at)


async def list_lines(
    db: Db, reach: HistoryReach, *, after: HistoryPlace, limit: int
) -> HistoryPage:
    """Return at most `limit` lines after a place, in the order of the entries.

    What time moved by itself stands before the first entry of its instant or later.
    """
    history = await _begin_history(db, reach.account_id, after.sequence)
    found = await entries.list_entries(
        db, reach.account_id, after=after.sequence, sequence=reach.sequence, limit=limit + 1
    )
    lines: list[HistoryLine] = []
    for entry in found:
        lines += history.pass_until(entry.clock_at)
        lines.append(history.read(entry, at=entry.clock_at))
    if len(found) <= limit:
        lines += history.pass_until(reach.as_of)
    shown = lines[after.derived : after.derived + limit]
    more = len(lines) > after.derived + limit
    places = _place_all(shown, after)
    return HistoryPage(
        lines=shown,
        next_place=[after, *places][-1] if more else None,
        sequence=reach.sequence,
        as_of=reach.as_of,
        places=places,
    )


async def list_lines_back(
    db: Db, reach: HistoryReach, *, before: HistoryPlace | None, limit: int
) -> HistoryPage:
    """Return at most `limit` lines before a place (the end), the last one first.

    Entries are numbered without a gap, so as many of them as lines are wanted are enough. They
    are gone over forwards, as ever, from where they begin.
    """
    last = reach.sequence if before is None else min(before.sequence, reach.sequence)
    first = max(last - limit - 1, 0)
    history = await _begin_history(db, reach.account_id, first)
    found = await entries.list_entries(
        db, reach.account_id, after=first, sequence=last, limit=limit + 1
    )
    lines: list[HistoryLine] = []
    for entry in found:
        lines += history.pass_until(entry.clock_at)
        lines.append(history.read(entry, at=entry.clock_at))
    lines += history.pass_until(await _read_next_clock(db, reach, last))
    places = _place_all(lines, HistoryPlace(first))
    earlier = [
        (place, line)
        for place, line in zip(places, lines, strict=True)
        if before is None or (place.sequence, place.derived) < (before.sequence, before.derived)
    ]
    shown = earlier[-limit:]
    more = len(earlier) > limit or first > 0
    return HistoryPage(
        lines=[line for _, line in reversed(shown)],
        next_place=shown[0][0] if more else None,
        sequence=reach.sequence,
        as_of=reach.as_of,
        places=[place for place, _ in reversed(shown)],
    )


async def export_lines(database: Database, reach: HistoryReach) -> AsyncIterator[list[HistoryLine]]:
    """Yield all lines, some at a time, each time in a short transaction of its own.

    Entries never change, so that together they are what one transaction would have shown.
    """
    history = History((), {}, at=accounts.BEGINNING)
    after = 0
    while True:
        async with database.transaction(read_only=True) as db:
            found = await entries.list_entries(
                db, reach.account_id, after=after, sequence=reach.sequence, limit=_AT_A_TIME
            )
        lines: list[HistoryLine] = []
        for entry in found:
            lines += history.pass_until(entry.clock_at)
            lines.append(history.read(entry, at=entry.clock_at))
        if len(found) < _AT_A_TIME:
            yield lines + list(history.pass_until(reach.as_of))
            return
        yield lines
        after = found[-1].sequence


def total_state(
    state: AccountState, *, at: datetime, catalog: str | None = None
) -> dict[str, UnitTotals]:
    """Return the totals of an account's state, of one catalogue or of all."""
    tallies = [
        Tally(each.unit, each.counted, each.granted, each.held, each.used, each.revoked)
        for each in state.tallies
        if catalog in (None, each.catalog)
    ]
    lots = [lot for lot in state.lots if catalog in (None, lot.catalog)]
    return total_units(tallies, lots, at=at)


async def _begin_history(db: Db, account_id: str, sequence: int) -> History:
    at = await _read_clock_at(db, account_id, sequence)
    state = await balances.load_account_state(db, account_id, at=at, sequence=sequence)
    return History((*state.lots, *state.ended_holding), total_state(state, at=at), at=at)


async def _read_clock_at(db: Db, account_id: str, sequence: int) -> datetime:
    found = await balances.find_entry_clock(db, account_id, sequence)
    return found or accounts.BEGINNING


async def _read_next_clock(db: Db, reach: HistoryReach, sequence: int) -> datetime:
    """Return until when the clock alone moves units after an entry: until the next one, or now."""
    if sequence >= reach.sequence:
        return reach.as_of
    return await _read_clock_at(db, reach.account_id, sequence + 1)


def _place_all(lines: Iterable[HistoryLine], before: HistoryPlace) -> list[HistoryPlace]:
    """Return the place of each line, which is where the line after it begins."""
    places = []
    place = before
    for line in lines:
        if line.entry is None:
            place = HistoryPlace(place.sequence, place.derived + 1)
        else:
            place = HistoryPlace(line.entry.sequence)
        places.append(place)
    return places
