"""Histories filtered: those lines of an account that are of a period, and of one catalogue.

A line is the same with a filter as without: what is left out still counts in what it says.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.db.ledger import entry_filters
from app.domain.ledger.histories import HistoryLine
from app.domain.values import Value, replace
from app.services.ledger import histories
from app.services.ledger.histories import HistoryPage, HistoryPlace, HistoryReach

_AT_A_TIME = 1_000
# How many lines one page looks at, however few of them are asked for.
_LOOKED_AT = 10_000
_INSTANT = timedelta(microseconds=1)


class HistoryFilter(Value):
    """Which lines are asked for: those that take effect in [from_, to), those of a catalogue."""

    from_: datetime | None = None
    to: datetime | None = None
    catalog: str | None = None

    def is_within(self, at: datetime) -> bool:
        """Say whether what takes effect at `at` is of the period."""
        return (self.from_ is None or at >= self.from_) and (self.to is None or at < self.to)


async def list_asked_lines(
    db: Db,
    reach: HistoryReach,
    asked: HistoryFilter,
    *,
    place: HistoryPlace | None,
    ascending: bool,
    limit: int,
) -> HistoryPage:
    """Return at most `limit` of the lines asked for, either way, from a place or an end on.

    A page looks at 10,000 lines at most: one with fewer than `limit` may have a next page.
    """
    first = 0
    if asked.from_ is not None:
        first, _ = await entry_filters.find_last_before(db, reach.account_id, asked.from_)
    narrowed = await _narrow(db, reach, asked)
    if ascending:
        place = max(place or HistoryPlace(), HistoryPlace(first), key=_order)
    shown: list[HistoryLine] = []
    shown_until = place
    for _ in range(_LOOKED_AT // _AT_A_TIME):
        page = await _list(db, narrowed, place=place, ascending=ascending)
        for at, line in await _choose(db, reach.account_id, page, asked):
            if len(shown) == limit:
                return _page(reach, shown, shown_until)
            shown.append(line)
            shown_until = at
        place = page.next_place
        if place is None or place.sequence < first:
            return _page(reach, shown, None)
    return _page(reach, shown, place)


async def export_asked_lines(
    database: Database, reach: HistoryReach, asked: HistoryFilter
) -> AsyncIterator[list[HistoryLine]]:
    """Yield all lines asked for, some at a time, as `export_lines` does."""
    async with database.transaction(read_only=True) as db:
        narrowed = await _narrow(db, reach, asked)
    async for lines in histories.export_lines(database, narrowed):
        page = HistoryPage(
            lines, None, reach.sequence, reach.as_of, places=[HistoryPlace()] * len(lines)
        )
        async with database.transaction(read_only=True) as db:
            yield [line for _, line in await _choose(db, reach.account_id, page, asked)]


async def _narrow(db: Db, reach: HistoryReach, asked: HistoryFilter) -> HistoryReach:
    """Return how far what takes effect before the period's end goes."""
    if asked.to is None or asked.to > reach.as_of:
        return reach
    _, last = await entry_filters.find_last_before(db, reach.account_id, asked.to)
    return replace(reach, sequence=min(last, reach.sequence), as_of=asked.to - _INSTANT)


async def _list(
    db: Db, reach: HistoryReach, *, place: HistoryPlace | None, ascending: bool
) -> HistoryPage:
    if ascending:
        return await histories.list_lines(
            db, reach, after=place or HistoryPlace(), limit=_AT_A_TIME
        )
    return await histories.list_lines_back(db, reach, before=place, limit=_AT_A_TIME)


async def _choose(
    db: Db, account_id: str, page: HistoryPage, asked: HistoryFilter
) -> Sequence[tuple[HistoryPlace, HistoryLine]]:
    """Return those of a page's lines that are asked for, each with its place."""
    within = [
        (place, line)
        for place, line in zip(page.places, page.lines, strict=True)
        if asked.is_within(line.at)
    ]
    if asked.catalog is None:
        return within
    of_lots, of_tickets = await entry_filters.choose_of_catalog(
        db,
        account_id,
        asked.catalog,
        lot_ids={line.lot_id for _, line in within if line.lot_id is not None},
        # What is beyond every lot is of its ticket's catalogue.
        ticket_ids={line.ticket_id for _, line in within if line.lot_id is None and line.ticket_id},
    )
    return [
        (place, line)
        for place, line in within
        if line.lot_id in of_lots or (line.lot_id is None and line.ticket_id in of_tickets)
    ]


def _page(
    reach: HistoryReach, lines: list[HistoryLine], next_place: HistoryPlace | None
) -> HistoryPage:
    return HistoryPage(lines, next_place, reach.sequence, reach.as_of)


def _order(place: HistoryPlace) -> tuple[int, int]:
    return place.sequence, place.derived
