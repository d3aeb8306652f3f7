"""Tickets: opened, answered, paused, re-targeted, resolved, and read back whole."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
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
    write_cursor,
)
from app.api.tickets.action_shapes import (
    Pause,
    Remedy,
    Reopening,
    Reply,
    Resolution,
    Resumption,
    SeverityChange,
)
from app.api.tickets.opening_shapes import TicketOpening
from app.api.tickets.ticket_refusals import ACTION_REFUSALS, COVERAGE_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.db.accounts.accounts import find_account
from app.db.tickets import tickets as rows
from app.db.tickets.tickets import TicketUnknown
from app.domain.coverage.not_covered import CapReached, InsufficientUnits, NotCovered
from app.domain.coverage.requests import (
    UnknownSeverity,
)
from app.domain.tickets.archived_tickets import TicketArchived
from app.domain.tickets.charges import BelowUsed
from app.domain.tickets.ticket_rules import (
    AlreadyRemedied,
    TicketNotPaused,
    TicketNotResolved,
    TicketResolved,
    UnknownCause,
)
from app.domain.tickets.tickets import TicketStatus
from app.services.access.repeats import AlreadyExists
from app.services.accounts.accounts import etag_of
from app.services.accounts.contacts import UnknownRequester
from app.services.tickets import openings, settlements, ticket_actions, tickets
from app.services.tickets.settlements import ReopenedSince
from app.services.tickets.tickets import (
    TicketView,
    take_ticket,
)

routes = router("Tickets")

_T = "/v1/accounts/{account_id}/tickets/{ticket_id}"


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
    status: Annotated[TicketStatus | None, Query(description="In this state only.")] = None,
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
    plan: Annotated[Code | None, Query(description="On this plan only.")] = None,
    from_: Annotated[
        Instant | None, Query(alias="from", description="Opened from here on.")
    ] = None,
    to: Annotated[Instant | None, Query(description="Opened before this instant.")] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketWire]:
    """Tickets by when they were opened, the newest first."""
    await find_account(db, account_id)
    after = read_cursor(cursor, datetime, str)
    found = await rows.list_tickets(
        db,
        account_id,
        rows.TicketFilter(status=status, catalog=catalog, plan=plan, from_=from_, to=to),
        after=(after[0], after[1]) if after else None,
        ascending=order == "asc",
        limit=limit + 1,
    )
    page = found[:limit]
    now = db.read_clock()
    return Page(
        data=[render_ticket(await tickets.view_ticket(db, whole, now=now)) for whole in page],
        next_cursor=write_cursor(page[-1].ticket.opened_at, page[-1].ticket.ticket_id)
        if len(found) > limit
        else None,
    )


@routes.get(_T, summary="Read a ticket")
@operation("read", refuses=[TicketUnknown])
async def get_ticket(
    db: RequestDb, account_id: AccountId, ticket_id: TicketId, response: Response
) -> TicketWire:
    """A ticket whole: its coverage, its charge, and its deadlines as they stand now."""
    view = await tickets.get_ticket(db, account_id=account_id, ticket_id=ticket_id)
    return answer(view, response)


@routes.post(f"{_T}/replies", summary="Record a reply", status_code=200)
@operation("tickets:write", writes=True, optimistic=True, refuses=ACTION_REFUSALS)
async def reply_to_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Reply,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """An agent's reply meets the response clocks; a customer's resumes, and starts the next."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await ticket_actions.reply(db, change, by=body.by, channel=body.channel)
    return answer(view, response)


@routes.post(f"{_T}/pause", summary="Pause a ticket", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[*ACTION_REFUSALS, TicketResolved, UnknownCause],
)
async def pause_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Pause,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """The ticket waits on somebody: clocks that this pauses stand still."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await ticket_actions.pause(db, change, waiting_on=body.waiting_on)
    return answer(view, response)


@routes.post(f"{_T}/resumption", summary="Resume a ticket", status_code=200)
@operation(
    "tickets:write", writes=True, optimistic=True, refuses=[*ACTION_REFUSALS, TicketNotPaused]
)
async def resume_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    response: Response,
    body: Resumption | None = None,
    if_match: IfMatch = None,
) -> TicketWire:
    """The ticket waits no longer: its clocks run on."""
    change = await take_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=body.at if body else None,
        if_match=if_match,
    )
    view = await ticket_actions.resume(
        db,
        change,
    )
    return answer(view, response)


@routes.post(f"{_T}/severity", summary="Change a ticket's severity", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[*ACTION_REFUSALS, TicketResolved, UnknownSeverity, NotCovered],
)
async def change_severity(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: SeverityChange,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Re-target running clocks; what is met or breached already stays so."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await ticket_actions.change_severity(
        db,
        change,
        severity=body.severity,
        urgent=body.urgent,
        policy=body.policy,
        reason=body.reason,
    )
    return answer(view, response)


@routes.post(f"{_T}/remedy", summary="Record a remedy", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[*ACTION_REFUSALS, TicketResolved, AlreadyRemedied],
)
async def record_remedy(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    response: Response,
    body: Remedy | None = None,
    if_match: IfMatch = None,
) -> TicketWire:
    """The customer can work again, by a workaround or a repair: meets `remedy`, once.

    The ticket stays open, and its resolution is owed still.
    """
    change = await take_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=body.at if body else None,
        if_match=if_match,
    )
    view = await ticket_actions.record_remedy(db, change, reason=body.reason if body else None)
    return answer(view, response)


@routes.post(f"{_T}/resolution", summary="Resolve a ticket", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        *ACTION_REFUSALS,
        TicketResolved,
        ReopenedSince,
        InsufficientUnits,
        CapReached,
        BelowUsed,
    ],
)
async def resolve_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Resolution,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Settle its charge in whole, in part or above the hold, or return everything; once."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await settlements.resolve_ticket(
        db, change, outcome=body.outcome, amount=body.amount, reason=body.reason
    )
    return answer(view, response)


@routes.post(f"{_T}/reopening", summary="Reopen a ticket", status_code=200)
@operation(
    "tickets:write", writes=True, optimistic=True, refuses=[*ACTION_REFUSALS, TicketNotResolved]
)
async def reopen_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Reopening,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Take a resolved ticket up again: its clocks go on, its charge stays as it is.

    What a duplicate or a withdrawal gave back is not taken now but when the ticket is solved after
    all, as an opening would cost it then: the reply says how much in `charge.expected_again`. A
    revision sets it aside before.
    """
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await ticket_actions.reopen(db, change, reason=body.reason)
    return answer(view, response)


def answer(view: TicketView, response: Response) -> TicketWire:
    """Return a ticket as the reply, with its entity tag."""
    response.headers["ETag"] = etag_of(view.version)
    return render_ticket(view)
