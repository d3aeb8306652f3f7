"""The queue: open tickets across accounts, in the order to work on them."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Code, Cursor, InvalidCursor, Limit, Page, read_cursor, write_cursor
from app.api.tickets.ticket_shapes import TicketWire, show_ticket
from app.services.reports import queue
from app.services.tickets import tickets

routes = router("Across accounts")

_PLACE = (bool, bool, bool, int, int, datetime, datetime, datetime, str, str)


@routes.get("/v1/queue", summary="List what to work on")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def read_queue(
    db: RequestDb,
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketWire]:
    """Covered before on demand, urgent, severity, rank, then what is breached and due first.

    Tickets that wait on somebody come last; resolved ones not at all.
    """
    page = await queue.read_queue(
        db, catalog=catalog, after=read_cursor(cursor, *_PLACE), limit=limit
    )
    return Page(
        data=[
            show_ticket(await tickets.view_ticket(db, whole, now=page.now))
            for whole in page.tickets
        ],
        next_cursor=None if page.last is None else write_cursor(*page.last),
    )
