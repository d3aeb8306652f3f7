"""A ticket's history: everything that happened to it, and what was recorded by mistake struck."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from app.api.http.paging import find_next_cursor
from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    LongText,
    Page,
    Text,
    TicketId,
    Wire,
    read_cursor,
)
from app.api.tickets.ticket_refusals import ACTION_REFUSALS
from app.api.tickets.ticket_shapes import TicketWire
from app.api.tickets.tickets import answer
from app.db.tickets.tickets import TicketUnknown
from app.domain.tickets.ticket_history import (
    AlreadyStruck,
    EventUnknown,
    NotStrikable,
    find_strikes,
)
from app.domain.tickets.ticket_rules import MOST_EVENTS
from app.domain.tickets.tickets import TicketEvent
from app.services.tickets import ticket_actions, tickets
from app.services.tickets.tickets import take_ticket

routes = router("Tickets")

_EVENTS = "/v1/accounts/{account_id}/tickets/{ticket_id}/events"
_APART = frozenset({"reason", "actor"})


class Strike(Wire):
    """Why an event was recorded by mistake."""

    reason: LongText
    """Why it was a mistake, for the record."""
    actor: Text
    """Who decided that it was."""


class StruckWire(Wire):
    """By whom and why an event was struck; it no longer counts."""

    number: int
    """The number of the strike among the ticket's events."""
    at: Instant
    """When it was struck, in UTC."""
    actor: str | None
    """Who decided that it was a mistake."""
    reason: str | None
    """Why it was a mistake, as given."""


class TicketEventWire(Wire):
    """Something that happened to a ticket."""

    number: int
    """Its number among the ticket's events, from 1, as they were reported."""
    type: str
    """What happened: `agent_reply`, `pause`, `resolution`, `refund`, `strike` and so on."""
    at: Instant
    """When it happened, which may be before it was reported."""
    recorded_at: Instant
    """When it was reported to the service."""
    actor: str | None
    """Who did it, or the key by which it was reported."""
    reason: str | None
    """Why, where a reason was given."""
    data: dict[str, Any]
    """Its particulars: who is waited for, the new severity, what came back, and so on."""
    struck: StruckWire | None
    """By whom and why it was struck; null while it counts."""


@routes.get(_EVENTS, summary="List a ticket's events")
@operation("read", refuses=[TicketUnknown, InvalidCursor])
async def list_ticket_events(
    db: RequestDb,
    account_id: AccountId,
    ticket_id: TicketId,
    order: Annotated[
        Literal["desc", "asc"], Query(description="The latest number first, or the first one.")
    ] = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TicketEventWire]:
    """Everything that happened to a ticket, numbered as it was reported, with who and why.

    What was struck stays in its place, and is marked.
    """
    view = await tickets.get_ticket(db, account_id=account_id, ticket_id=ticket_id)
    place = read_cursor(cursor, int)
    after = place[0] if place else None
    events = sorted(view.events, key=lambda event: event.number, reverse=order == "desc")
    if after is not None:
        events = [
            event
            for event in events
            if (event.number < after if order == "desc" else event.number > after)
        ]
    return Page(
        data=_render_events(events[:limit], find_strikes(view.events)),
        next_cursor=find_next_cursor(events, limit=limit, place=lambda event: (event.number,)),
    )


@routes.post(_EVENTS + "/{number}/strike", summary="Strike an event", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    refuses=[*ACTION_REFUSALS, EventUnknown, NotStrikable, AlreadyStruck],
)
async def strike_event(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    number: Annotated[int, Path(ge=1, le=10 * MOST_EVENTS, description="The number of the event.")],
    body: Strike,
    response: Response,
    if_match: IfMatch = None,
) -> TicketWire:
    """Strike a reply, a pause, a resumption or a severity that was recorded by mistake.

    It stays on the record and no longer counts: the clocks are as if it had never been.
    """
    change = await take_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, if_match=if_match
    )
    view = await ticket_actions.strike_event(
        db, change, number=number, reason=body.reason, actor=body.actor
    )
    return answer(view, response)


def _render_events(
    events: Iterable[TicketEvent], strikes: dict[int, TicketEvent]
) -> list[TicketEventWire]:
    return [
        TicketEventWire(
            number=event.number,
            type=event.type,
            at=event.at,
            recorded_at=event.recorded_at,
            actor=event.actor,
            reason=event.data.get("reason"),
            data={name: value for name, value in event.data.items() if name not in _APART},
            struck=_render_strike(strikes.get(event.number)),
        )
        for event in events
    ]


def _render_strike(strike: TicketEvent | None) -> StruckWire | None:
    if strike is None:
        return None
    return StruckWire(
        number=strike.number, at=strike.at, actor=strike.actor, reason=strike.data.get("reason")
    )
