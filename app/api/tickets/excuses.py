"""Excuses: why a breach is not held against the seller, beside the breach."""

from typing import Annotated

from fastapi import Path, Response

from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, Instant, LongText, Text, TicketId, Wire
from app.api.tickets.ticket_refusals import ACTION_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire
from app.api.tickets.tickets import answer
from app.domain.promises.promises import Metric
from app.services.tickets import excuses
from app.services.tickets.excuses import NotBreached
from app.services.tickets.tickets import take_ticket

routes = router("Deadlines")


class Excusing(Wire):
    """Why a breach is not held against the seller."""

    reason: LongText
    """Why the breach is excused, for the record."""
    actor: Text
    """Who excused the breach, as the caller names them."""
    breached_at: Instant | None = None
    """The breach to excuse, by its `breached_at` or `missed_at`; left out, the last one."""


@routes.post(
    "/v1/accounts/{account_id}/tickets/{ticket_id}/deadlines/{metric}/excuse",
    summary="Excuse a breach",
    status_code=200,
)
@operation("tickets:write", writes=True, refuses=[*ACTION_REFUSALS, NotBreached])
async def excuse_breach(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    metric: Annotated[
        Metric, Path(description="What was owed: an answer, a remedy or a resolution.")
    ],
    body: Excusing,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Record why a breach is not held against the seller: beside the breach, not instead."""
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    view = await excuses.excuse_breach(
        db,
        change,
        metric=metric,
        breached_at=body.breached_at,
        reason=body.reason,
        actor=body.actor,
    )
    return answer(view, response)
