"""Charges: what a ticket holds revised, refunded, split and disputed."""

from fastapi import Response

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, TicketId
from app.api.tickets.charge_shapes import (
    Dispute,
    DisputeDecision,
    Refund,
    Revision,
    Split,
    SplitWire,
)
from app.api.tickets.ticket_refusals import (
    ACTION_REFUSALS,
    AMOUNT_REFUSALS,
    COVERAGE_REFUSALS,
    PRICING_REFUSALS,
)
from app.api.tickets.ticket_shapes import TicketWire, render_ticket
from app.api.tickets.tickets import answer
from app.db.tickets.tickets import TicketUnknown
from app.domain.tickets.charges import (
    AlreadyRefunded,
    ChargeNotSettled,
    ChargeSettled,
    RefundExceedsCharge,
)
from app.services.access.repeats import AlreadyExists
from app.services.accounts.accounts import PreconditionFailed
from app.services.accounts.contacts import UnknownRequester
from app.services.tickets import refunds, revisions, splits
from app.services.tickets.refunds import DisputeOpen, NoDispute
from app.services.tickets.tickets import take_metered_ticket, take_ticket

routes = router("Charges")

_T = "/v1/accounts/{account_id}/tickets/{ticket_id}"


@routes.post(f"{_T}/charge/revision", summary="Revise a charge", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        *ACTION_REFUSALS,
        *AMOUNT_REFUSALS,
        *PRICING_REFUSALS,
        ChargeSettled,
        AlreadyExists,
    ],
)
async def revise_charge(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Revision,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Raise or lower what the ticket holds while the work goes on, with a reason."""
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await revisions.revise_charge(
        db,
        change,
        amount=body.amount,
        category=body.category,
        variables=body.variables,
        reason=body.reason,
        reference=body.reference,
        document=body.model_dump(mode="json"),
    )
    return answer(view, response)


@routes.post(f"{_T}/refund", summary="Refund a charge", status_code=200)
@operation(
    "ledger:write",
    writes=True,
    optimistic=True,
    refuses=[
        *ACTION_REFUSALS,
        ChargeNotSettled,
        RefundExceedsCharge,
        AlreadyRefunded,
        AlreadyExists,
    ],
)
async def refund_charge(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Refund,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Return units to the lots that they came from, last used first."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await refunds.refund_charge(
        db,
        change,
        amount=body.amount,
        cause=body.cause,
        reason=body.reason,
        actor=body.actor,
        reference=body.reference,
        document=body.model_dump(mode="json"),
    )
    return answer(view, response)


@routes.post(f"{_T}/dispute", summary="Dispute a charge", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[TicketUnknown, PreconditionFailed, DisputeOpen],
)
async def dispute_charge(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Dispute,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Record that the customer thinks the charge is wrong; nothing moves until it is decided."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await refunds.dispute_charge(db, change, reason=body.reason)
    return answer(view, response)


@routes.post(f"{_T}/dispute/decision", summary="Decide a dispute", status_code=200)
@operation(
    "ledger:write",
    writes=True,
    optimistic=True,
    refuses=[
        TicketUnknown,
        PreconditionFailed,
        NoDispute,
        ChargeNotSettled,
        RefundExceedsCharge,
    ],
)
async def decide_dispute(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: DisputeDecision,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Give back what the customer was wrongly charged, or nothing; on the record."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await refunds.decide_dispute(
        db, change, refund_amount=body.refund_amount, reason=body.reason, actor=body.actor
    )
    return answer(view, response)


@routes.post(f"{_T}/split", summary="Split a ticket", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        TicketUnknown,
        PreconditionFailed,
        *COVERAGE_REFUSALS,
        AlreadyExists,
        UnknownRequester,
    ],
)
async def split_ticket(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: Split,
    if_match: IfMatch = None,
) -> SplitWire:
    """Open further tickets for the other questions in one, each charged on its own."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    views = await splits.split_ticket(
        db, change, parts=[part.model_dump(mode="json") for part in body.tickets]
    )
    return SplitWire(tickets=[render_ticket(view) for view in views], sequence=views[0].sequence)
