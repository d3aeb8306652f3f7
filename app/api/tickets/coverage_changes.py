"""Coverage of an open ticket, decided anew: who pays for it."""

from fastapi import Response
from pydantic import Field

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, Amount, Code, LongText, Text, TicketId, Wire
from app.api.tickets.opening_shapes import Variables
from app.api.tickets.ticket_refusals import ACTION_REFUSALS, COVERAGE_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire
from app.api.tickets.tickets import answer
from app.domain.tickets.ticket_rules import TicketResolved
from app.services.metering import coverage_changes
from app.services.metering.coverage_changes import CoverageOrder
from app.services.metering.session_minutes import SessionRunning
from app.services.tickets.tickets import take_ticket

routes = router("Charges")


class CoverageChange(Wire):
    """Who is to pay for a ticket instead: whoever would if it were opened now, or a plan named."""

    catalog: Code | None = None
    """The catalogue to be served under, by its code; required where the account has plans of
    several."""
    plan: Code | None = None
    """The only plan that may pay, by its code; left out, the plan that goes first."""
    category: Code | None = None
    """The row of the rate card that prices the ticket there; left out, the row that it has."""
    variables: Variables = Field(default_factory=dict)
    """The numbers that the category's price depends on."""
    amount: Amount | None = None
    """How many units are agreed for the ticket there; left out, as many as before, or, where a
    category or its variables are named, the list's price."""
    reason: LongText
    """Why the coverage is decided anew, for the record."""
    actor: Text
    """Who decided on that, as the caller names them."""


@routes.post(
    "/v1/accounts/{account_id}/tickets/{ticket_id}/coverage",
    summary="Decide coverage anew",
    status_code=200,
)
@operation(
    "ledger:write",
    writes=True,
    refuses=[*ACTION_REFUSALS, *COVERAGE_REFUSALS, TicketResolved, SessionRunning],
)
async def change_coverage(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: CoverageChange,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Give back what a ticket had, and hold what it needs with who pays now, in one step.

    For a plan that was bought since, or a wrong one named: minutes logged so far are taken from
    the plan that pays now, and what was over is taken back.
    """
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    order = CoverageOrder(
        catalog=body.catalog,
        plan=body.plan,
        category=body.category,
        variables=body.variables,
        amount=body.amount,
        reason=body.reason,
        actor=body.actor,
    )
    return answer(await coverage_changes.decide_coverage_anew(db, change, order=order), response)
