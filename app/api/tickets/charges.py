"""Charges: what a ticket holds revised, refunded, split and disputed."""

from typing import Annotated, Literal, Self

from fastapi import Response
from pydantic import Field, model_validator

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Amount,
    Code,
    Instant,
    LongText,
    Reference,
    SiteUrl,
    Text,
    TicketId,
    Wire,
)
from app.api.tickets.ticket_shapes import TicketIdField, TicketWire, Variables, show_ticket
from app.api.tickets.tickets import ACTION_REFUSALS, COVERAGE_REFUSALS, answer
from app.db.tickets.tickets import TicketUnknown
from app.domain.catalog.catalogs import Channel
from app.domain.coverage.not_covered import CapReached, InsufficientUnits
from app.domain.coverage.pricing import (
    AmountRequired,
    CategoryRequired,
    UnknownCategory,
    UnknownVariable,
    VariableRequired,
)
from app.domain.tickets.charges import (
    AlreadyRefunded,
    BelowUsed,
    ChargeNotSettled,
    ChargeSettled,
    RefundExceedsCharge,
)
from app.services.access.repeats import AlreadyExists
from app.services.accounts.accounts import PreconditionFailed
from app.services.accounts.contacts import UnknownRequester
from app.services.tickets import refunds, settlements, splits
from app.services.tickets.refunds import DisputeOpen, NoDispute
from app.services.tickets.tickets import take_ticket

routes = router("Charges")

_T = "/v1/accounts/{account_id}/tickets/{ticket_id}"


class Revision(Wire):
    """Another price for a ticket that is being worked on: an amount, or a category."""

    amount: Amount | None = None
    """What it costs in all, as it looks now."""
    category: Code | None = None
    """The row of the rate card that it turns out to be."""
    variables: Variables = Field(default_factory=dict)
    """The numbers that the category's price depends on."""
    reason: LongText
    """Why this is done, kept on the record."""
    reference: Reference | None = None
    """Makes it safe to repeat, for ever."""
    at: Instant | None = None
    """At which instant; default now."""

    @model_validator(mode="after")
    def _require_price(self) -> Self:
        if self.amount is None and self.category is None:
            raise ValueError("give an amount, or a category")
        return self


class Refund(Wire):
    """Units given back after the charge was settled."""

    amount: Annotated[Amount | None, Field(ge=1)] = None
    """How many; left out, all that the ticket has used."""
    cause: Literal["vendor_defect", "goodwill", "error"] = "goodwill"
    """Why they come back; a defect of the seller's own always gives them a new term."""
    reason: LongText
    """Why, for the record."""
    actor: Text
    """Who decided it, as the caller names them."""
    reference: Reference | None = None
    """Makes it safe to repeat, for ever."""
    at: Instant | None = None
    """At which instant; default now."""


class Dispute(Wire):
    """The customer thinks the charge is wrong."""

    reason: LongText
    """Why this is done, kept on the record."""


class DisputeDecision(Wire):
    """What becomes of a disputed charge."""

    refund_amount: Amount
    """How many units are given back; 0 for none."""
    reason: LongText
    """Why this is done, kept on the record."""
    actor: Text
    """Who decided it, as the caller names them."""


class SplitPart(Wire):
    """One further ticket; what it leaves out is as in the first."""

    ticket_id: TicketIdField
    """The helpdesk's own id of it."""
    subject: Text
    """What it is about."""
    category: Code | None = None
    """The row of the rate card that prices it."""
    variables: Variables | None = None
    """The numbers that the category's price depends on."""
    amount: Amount | None = None
    """The units agreed upon."""
    channel: Channel | None = None
    """Through which it comes."""
    severity: Annotated[int | None, Field(ge=1, le=4, strict=True)] = None
    """1 (gravest) to 4."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """Whether it is hurried."""
    topic: Code | None = None
    """What it is about, of the catalogue's topics."""
    site: SiteUrl | None = None
    """The store it is about."""


class Split(Wire):
    """The further tickets that one turns out to be."""

    tickets: Annotated[list[SplitPart], Field(min_length=1, max_length=50)]
    """The added parts; the first ticket keeps its own charge."""

    @model_validator(mode="after")
    def _require_different_ids(self) -> Self:
        ids = [part.ticket_id for part in self.tickets]
        if len(set(ids)) != len(ids):
            raise ValueError("two parts have the same ticket_id")
        return self


class SplitWire(Wire):
    """A ticket that was split, and its parts."""

    tickets: list[TicketWire]
    """The first, and then the added parts in order."""
    sequence: int
    """The number of the last movement of the account's units."""


@routes.post(f"{_T}/charge/revision", summary="Revise a charge", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    refuses=[
        *ACTION_REFUSALS,
        InsufficientUnits,
        CapReached,
        ChargeSettled,
        BelowUsed,
        AlreadyExists,
        CategoryRequired,
        UnknownCategory,
        VariableRequired,
        UnknownVariable,
        AmountRequired,
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
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, at=body.at, if_match=if_match
    )
    view = await settlements.revise_charge(
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
@operation("tickets:write", writes=True, refuses=[TicketUnknown, PreconditionFailed, DisputeOpen])
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
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    view = await refunds.dispute_charge(db, change, reason=body.reason)
    return answer(view, response)


@routes.post(f"{_T}/dispute/decision", summary="Decide a dispute", status_code=200)
@operation(
    "ledger:write",
    writes=True,
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
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    view = await refunds.decide_dispute(
        db, change, refund_amount=body.refund_amount, reason=body.reason, actor=body.actor
    )
    return answer(view, response)


@routes.post(f"{_T}/split", summary="Split a ticket", status_code=200)
@operation(
    "tickets:write",
    writes=True,
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
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    views = await splits.split_ticket(
        db, change, parts=[part.model_dump(mode="json") for part in body.tickets]
    )
    return SplitWire(tickets=[show_ticket(view) for view in views], sequence=views[0].sequence)
