"""`/v1/events`: what happened, to catch up with at any time."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    OnlyOrder,
    Wire,
    read_cursor,
    write_cursor,
)
from app.db.accounts.accounts import AccountUnknown
from app.domain.access.refusals import Fault
from app.domain.events.events import EventType
from app.services.events import events
from app.services.events.events import CursorAhead

routes = router("Events")

_LARGEST_NUMBER = 2**63 - 1


class EventWire(Wire):
    """An event: something that happened, once. Webhooks carry the same document."""

    id: Annotated[UUID, Field(validation_alias="event_id")]
    """The event's own id, the same wherever and however often it is sent."""
    type: EventType
    """The type of the event: its subject and what happened to that, such as `ticket.opened`."""
    timestamp: Annotated[Instant, Field(validation_alias="at")]
    """The instant at which the event happened, as it was reported."""
    recorded_at: Instant
    """The instant at which the event was recorded: later than `timestamp` where it was reported
    late."""
    account_id: str
    """The account that the event happened to; `-` for what belongs to no account, such as a key."""
    sequence: Annotated[int, Field(validation_alias="number")]
    """The event's number among those of its account: 1, 2, 3 … without a gap. A `sequence` within
    `data` is another: the number of the account's last movement of units."""
    sandbox: bool
    """Whether the event's account is a sandbox, whose clock is its own."""
    data: dict[str, Any]
    """The particulars of the event, by its type: see the webhooks of this document."""


class EventsPage(Wire):
    """One page of events in their order, and where to go on."""

    data: list[EventWire]
    """The events of this page, the oldest first."""
    next_cursor: str | None
    """The `cursor` or `after` to send for the next page; null where no further event has happened
    yet."""
    last: str | None
    """The place of the last event seen, to send as `after` now or later; null before the first
    event."""
    missed: int
    """How many events between the place asked for and this page are kept no longer."""


@routes.get("/v1/events", summary="List events")
@operation(
    "read", across=True, sequences=True, refuses=[InvalidCursor, AccountUnknown, CursorAhead]
)
async def list_events(
    db: RequestDb,
    caller: RequestCaller,
    account_id: Annotated[
        str | None,
        Query(
            pattern=ID_PATTERN,
            description="Return only the events of this account, by the seller's own id.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        Query(
            max_length=1_000,
            description="The place to go on from. With an account: the `sequence` of the last"
            " event seen (0 for all). Without: the `last` or `next_cursor` of an earlier reply.",
        ),
    ] = None,
    order: OnlyOrder = "asc",
    cursor: Cursor = None,
    limit: Limit = 50,
    sandbox: Annotated[
        bool,
        Query(
            description="Return the events of sandbox accounts too; with `account_id` its own are"
            " always there."
        ),
    ] = False,
) -> EventsPage:
    """What happened, oldest first, to catch up with at any time.

    With `account_id`, the account's own, numbered without a gap. Without, those of all accounts,
    in order for each: an event that was seen is never followed later by one that comes before
    it. Sandbox accounts' are left out of that unless `sandbox` is true; a page may then have
    fewer events than `limit` and a `next_cursor`, which goes on past those left out.

    Events are kept for 90 days after they were recorded, or as long as SURETY_EVENTS_KEPT_DAYS
    says. Who was away for longer reads on from the oldest that is left, and is told by `missed`
    how many there were before it; tickets, balances and entries still say what they came to. Who is
    further than the events are, as after a restore to an earlier instant, is refused
    (`cursor_ahead`). What happens to keys is for the scope `admin`.
    """
    given, after = ("/cursor", cursor) if after is None else ("/after", after)
    if account_id is None:
        place = read_cursor(after, str, place=given)
        number = _read_number(None if place is None else str(place[0]), given)
        page = await events.list_events(
            db, after=number, limit=limit, caller=caller, sandbox=sandbox
        )
        last = after if page.last is None else write_cursor(str(page.last))
    else:
        number = _read_number(after, given)
        page = await events.list_account_events(
            db, account_id=account_id, after=number, limit=limit
        )
        last = after if page.last is None else str(page.last)
    return EventsPage(
        data=[EventWire.model_validate(each) for each in page.events],
        next_cursor=last if page.more else None,
        last=last,
        missed=page.missed,
    )


def _read_number(after: str | None, pointer: str) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit()) or int(after[:20]) > _LARGEST_NUMBER:
        detail = "With an account it is the sequence of an event; without, what a reply gave."
        raise InvalidCursor([Fault(pointer, detail, InvalidCursor.code)])
    return int(after)
