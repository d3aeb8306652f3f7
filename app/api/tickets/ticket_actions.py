"""Actions on a ticket: answered, paused, re-targeted, remedied, resolved, reopened."""

from fastapi import Response

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, TicketId
from app.api.tickets.action_shapes import (
    Pause,
    Remedy,
    Reopening,
    Reply,
    Resolution,
    Resumption,
    SeverityChange,
)
from app.api.tickets.ticket_refusals import ACTION_REFUSALS, AMOUNT_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire
from app.api.tickets.tickets import answer
from app.domain.coverage.not_covered import NotCovered
from app.domain.coverage.requests import UnknownSeverity
from app.domain.tickets.ticket_rules import (
    AlreadyRemedied,
    TicketNotPaused,
    TicketNotResolved,
    TicketPaused,
    TicketResolved,
    UnknownCause,
)
from app.services.metering import reopenings
from app.services.tickets import settlements, ticket_actions
from app.services.tickets.settlements import ReopenedSince
from app.services.tickets.tickets import take_metered_ticket, take_ticket

routes = router("Tickets")

_T = "/v1/accounts/{account_id}/tickets/{ticket_id}"


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
    """Record a message: an agent's meets response clocks; a customer's resumes, and starts the
    next.
    """
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await reopenings.reply(db, change, by=body.by, channel=body.channel)
    return answer(view, response)


@routes.post(f"{_T}/pause", summary="Pause a ticket", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[*ACTION_REFUSALS, TicketResolved, TicketPaused, UnknownCause],
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
    """Record that a ticket waits on somebody: clocks that this pauses stand still."""
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
    """Record that a ticket waits no longer: its clocks run on."""
    change = await take_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=body.at if body else None,
        if_match=if_match,
    )
    view = await ticket_actions.resume(db, change)
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
    """Re-target a ticket's running clocks; what is met or breached already stays so."""
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
    """Record that the customer can work again, by a workaround or a repair: meets `remedy`, once.

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
        *AMOUNT_REFUSALS,
        TicketResolved,
        ReopenedSince,
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
    """Settle a ticket's charge in whole, in part or above the hold, or return everything; once."""
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
    revision sets it aside before. A session that was booked for it is cancelled if others have its
    time by now.
    """
    change = await take_metered_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=body.at,
        if_match=if_match,
        books=True,
    )
    view = await reopenings.reopen(db, change, reason=body.reason)
    return answer(view, response)
