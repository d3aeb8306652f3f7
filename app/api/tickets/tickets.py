"""Tickets: opened, listed, and read back whole."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from app.api.http.paging import find_next_cursor
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    Order,
    Page,
    TicketId,
    read_cursor,
)
from app.api.tickets.opening_shapes import TicketOpening
from app.api.tickets.ticket_refusals import COVERAGE_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.db.accounts.accounts import find_account
from app.db.tickets import whole_tickets
from app.db.tickets.tickets import TicketUnknown
from app.domain.tickets.archived_tickets import TicketArchived
from app.domain.tickets.tickets import TicketStatus
from app.services.access.repeats import AlreadyExists
from app.services.accounts.accounts import etag_of
from app.services.accounts.contacts import UnknownRequester
from app.services.tickets import openings, tickets
from app.services.tickets.tickets import TicketView

routes = router("Tickets")


@routes.post("/v1/accounts/{account_id}/tickets", summary="Open a ticket", status_code=201)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[*COVERAGE_REFUSALS, AlreadyExists, UnknownRequester, TicketArchived],
)
async def open_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: TicketOpening,
    response: Response,
) -> TicketWire:
    """Decide who pays, hold its units and start its clocks, or refuse with the whole trace.

    The same id with the same body again answers 200 with the ticket as it is now.
    """
    view, created = await openings.open_ticket(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return answer(view, response)


@routes.get("/v1/accounts/{account_id}/tickets", summary="List an account's tickets")
@operation("read", refuses=[InvalidCursor])
async def list_tickets(
    db: RequestDb,
    account_id: AccountId,
    status: Annotated[
        TicketStatus | None, Query(description="Return only tickets of this status, as it is now.")
    ] = None,
    catalog: Annotated[
        Code | None, Query(description="Return only tickets of this catalogue, by its code.")
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only tickets on this plan, by its code.")
    ] = None,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from",
            description="Return only tickets that were opened at this instant or after.",
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(description="Return only tickets that were opened before this instant."),
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketWire]:
    """Tickets by when they were opened, the newest first."""
    after = read_cursor(cursor, datetime, str)
    found = await whole_tickets.list_tickets(
        db,
        account_id,
        whole_tickets.TicketFilter(status=status, catalog=catalog, plan=plan, from_=from_, to=to),
        after=(after[0], after[1]) if after else None,
        ascending=order == "asc",
        limit=limit + 1,
    )
    if not found:
        await find_account(db, account_id)
    now = db.read_clock()
    views = await tickets.view_tickets(db, found[:limit], now=now)
    return Page(
        data=[render_ticket(view) for view in views],
        next_cursor=find_next_cursor(
            found, limit=limit, place=lambda whole: (whole.ticket.opened_at, whole.ticket.ticket_id)
        ),
    )


@routes.get("/v1/accounts/{account_id}/tickets/{ticket_id}", summary="Read a ticket")
@operation("read", refuses=[TicketUnknown], brief=True)
async def get_ticket(
    db: RequestDb, account_id: AccountId, ticket_id: TicketId, response: Response
) -> TicketWire:
    """A ticket whole: its coverage, its charge, and its deadlines as they stand now."""
    view = await tickets.get_ticket(db, account_id=account_id, ticket_id=ticket_id)
    return answer(view, response)


def answer(view: TicketView, response: Response) -> TicketWire:
    """Return a ticket as the reply, with its entity tag."""
    response.headers["ETag"] = etag_of(view.version)
    return render_ticket(view)
