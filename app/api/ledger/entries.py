"""Entries: every movement of an account's units, in order, and every lot there ever was."""

from collections.abc import AsyncIterator, Iterable
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from app.api.http.paging import find_next_cursor
from app.api.http.replies.media import CSV, JSON, NDJSON, choose_media_type, csv_mark, write_csv
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    NumberOrder,
    Order,
    Page,
    read_cursor,
    write_cursor,
)
from app.api.ledger.balances import LotWire, render_lot
from app.api.ledger.history_shapes import ENTRY_COLUMNS, EntryWire, line_cells, render_line
from app.db.accounts.accounts import find_account
from app.db.engine.database import Database
from app.db.ledger import stored_lots
from app.domain.ledger.histories import HistoryLine
from app.services.ledger import histories, history_filters
from app.services.ledger.balances import SequenceAhead
from app.services.ledger.histories import HistoryPage, HistoryPlace, HistoryReach
from app.services.ledger.history_filters import HistoryFilter

routes = router("Balance")

Sequence = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**62,
        description="The number of the last movement to list, with which the answer never changes;"
        " default the newest.",
    ),
]


class EntriesPage(Page[EntryWire]):
    """A page of the movements of an account's units."""

    sequence: int
    """The number of the account's last movement of units, or of the last that was asked for."""
    as_of: Instant
    """The instant up to which beginnings and ends of terms are listed."""


class LotsPage(Page[LotWire]):
    """A page of the lots of an account."""

    sequence: int
    """The number of the last movement of units that is counted in."""
    as_of: Instant
    """The instant at which the figures of the lots hold."""


@routes.get(
    "/v1/accounts/{account_id}/entries",
    summary="List every movement",
    response_model=EntriesPage,
    responses={
        200: {
            "content": {
                CSV: {"schema": {"type": "string"}},
                NDJSON: {"schema": {"type": "string"}},
            }
        }
    },
)
@operation("read", refuses=[InvalidCursor, SequenceAhead])
async def list_entries(
    db: RequestDb,
    request: Request,
    account_id: AccountId,
    order: NumberOrder = "asc",
    limit: Limit = 50,
    cursor: Cursor = None,
    sequence: Sequence = None,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from", description="Return only lines that take effect at this instant or after."
        ),
    ] = None,
    to: Annotated[
        Instant | None, Query(description="Return only lines that take effect before this instant.")
    ] = None,
    catalog: Annotated[
        Code | None,
        Query(
            description="Return only lines of this catalogue's lots, by its code; what is used"
            " beyond every lot is of its ticket's catalogue."
        ),
    ] = None,
) -> EntriesPage | Response:
    """Every movement in the order of its number, each with the balance after it.

    Where a lot's term begins or ends with something left, a derived line (`start`, `expiry`)
    says so, before the movements of that instant. The changes of all lines add up to the
    balance of now. Each is what was moved as it was recorded; what a lot has free at or after
    its end counts as expired by the clock. So once lots have ended and entries are backdated,
    the balance at an instant is not the plain sum of the changes until then: read the balance
    `at` it. With `Accept: text/csv` or `application/x-ndjson` the whole ledger at once; or, where
    `limit`, `cursor` or `order=desc` is given, one page, with the next one's address in `Link`.

    With `from`, `to` or `catalog` only those lines, each as it is without them: what is left
    out still counts in `totals`. Such a page may have fewer lines than `limit` and a
    `next_cursor`.
    """
    reach = await histories.find_reach(db, account_id=account_id, sequence=sequence)
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, CSV, NDJSON))
    mark = csv_mark(request) if wanted == CSV else b""
    paged = wanted == JSON or not {"limit", "cursor"}.isdisjoint(request.query_params)
    asked = HistoryFilter(from_, to, catalog)
    if not paged and order == "asc":
        return _export(request.app.state.database, reach, asked, wanted, mark)
    parts = read_cursor(cursor, int, int)
    place = None if parts is None else HistoryPlace(max(parts[0], 0), max(parts[1], 0))
    if asked != HistoryFilter():
        page = await history_filters.list_asked_lines(
            db, reach, asked, place=place, ascending=order == "asc", limit=limit
        )
    elif order == "asc":
        after = HistoryPlace() if place is None else place
        page = await histories.list_lines(db, reach, after=after, limit=limit)
    else:
        page = await histories.list_lines_back(db, reach, before=place, limit=limit)
    following = page.next_place
    if wanted != JSON:
        return _write_page(request, page, wanted, mark)
    return EntriesPage(
        data=[render_line(line) for line in page.lines],
        next_cursor=following and write_cursor(following.sequence, following.derived),
        sequence=page.sequence,
        as_of=page.as_of,
    )


@routes.get("/v1/accounts/{account_id}/lots", summary="List every lot")
@operation("read", refuses=[InvalidCursor])
async def list_lots(
    db: RequestDb,
    account_id: AccountId,
    catalog: Annotated[
        Code | None, Query(description="Return only lots of this catalogue, by its code.")
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only lots of this plan, by its code.")
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> LotsPage:
    """Every lot there ever was, ended ones too, as it is now, by when it was made."""
    account = await find_account(db, account_id)
    found = await stored_lots.list_lots(
        db,
        account_id,
        after=read_cursor(cursor, UUID),
        ascending=order == "asc",
        limit=limit + 1,
        catalog=catalog,
        plan=plan,
    )
    now = max(db.read_clock(), account.effective_at)
    return LotsPage(
        data=[render_lot(lot, now) for lot in found[:limit]],
        next_cursor=find_next_cursor(found, limit=limit, place=lambda lot: (lot.lot_id,)),
        sequence=account.sequence,
        as_of=now,
    )


def _write_page(request: Request, page: HistoryPage, media_type: str, mark: bytes) -> Response:
    """Return one page as a table or as lines of JSON, with the address of the next."""
    headers = {"Vary": "Accept"}
    if page.next_place is not None:
        cursor = write_cursor(page.next_place.sequence, page.next_place.derived)
        further = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{further.path}?{further.query}>; rel="next"'
    written = mark + _write_lines(page.lines, media_type, headed=True).encode()
    return Response(written, media_type=media_type, headers=headers)


def _write_lines(lines: Iterable[HistoryLine], media_type: str, *, headed: bool) -> str:
    if media_type == CSV:
        return write_csv(ENTRY_COLUMNS if headed else (), (line_cells(line) for line in lines))
    return "".join(render_line(line).model_dump_json() + "\n" for line in lines)


def _export(
    database: Database, reach: HistoryReach, asked: HistoryFilter, media_type: str, mark: bytes
) -> Response:
    """Stream the whole ledger: nothing is held for it between one piece and the next."""

    async def write() -> AsyncIterator[str | bytes]:
        yield mark
        yield _write_lines((), media_type, headed=True)
        all_lines = asked == HistoryFilter()
        found = (
            histories.export_lines(database, reach)
            if all_lines
            else history_filters.export_asked_lines(database, reach, asked)
        )
        async for lines in found:
            yield _write_lines(lines, media_type, headed=False)

    extension = "csv" if media_type == CSV else "ndjson"
    name = f"entries-{reach.account_id}-{reach.sequence}.{extension}"
    return StreamingResponse(
        write(),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
