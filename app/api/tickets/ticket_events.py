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
    """Why an event of a ticket was recorded by mistake, and no longer counts."""

    reason: LongText
    """Why the event was a mistake, for the record."""
    actor: Text
    """Who decided that the event was a mistake."""


class StruckWire(Wire):
    """The strike of an event, which no longer counts: by whom, and why."""

    number: int
    """The number of the strike among the ticket's events."""
    at: Instant
    """The instant at which the event was struck."""
    actor: str | None
    """Who decided that the event was a mistake; null where nobody is named."""
    reason: str | None
    """Why the event was a mistake, as it was put on the record."""


class TicketEventWire(Wire):
    """Something that happened to a ticket, as it was reported."""

    number: int
    """The number of the event among the ticket's, from 1, in the order of their reports."""
    type: str
    """The type of the event: `agent_reply`, `pause`, `resolution`, `refund`, `strike` and so on."""
    at: Instant
    """The instant at which the event happened, which may be before it was reported."""
    recorded_at: Instant
    """The instant at which the event was reported to the service."""
    actor: str | None
    """Who acted, or the key by which the event was reported; null where neither is known."""
    reason: str | None
    """Why the event happened, in words; null where no reason was given."""
    data: dict[str, Any]
    """The particulars of the event: who is waited for, the new severity, what came back, and so
    on."""
    struck: StruckWire | None
    """Who struck the event, and why; null while the event counts."""


@routes.get(_EVENTS, summary="List a ticket's events")
@operation("read", refuses=[TicketUnknown, InvalidCursor])
async def list_ticket_events(
    db: RequestDb,
    account_id: AccountId,
    ticket_id: TicketId,
    order: Annotated[
        Literal["desc", "asc"],
        Query(
            description="The order of the numbers: `desc` the latest first, `asc` the first one"
            " first."
        ),
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
    number: Annotated[
        int,
        Path(
            ge=1,
            le=10 * MOST_EVENTS,
            description="The number of the event among the ticket's events.",
        ),
    ],
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
