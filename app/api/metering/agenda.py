"""The agenda of sessions over all accounts, and free times to offer a customer."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from app.api.http.paging import cut_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    Page,
    Wire,
    read_cursor,
)
from app.domain.coverage.not_covered import NotCovered
from app.domain.metering.bookings import AgendaLine
from app.domain.metering.sessions import (
    LONGEST_MINUTES,
    SessionKind,
    SessionLimitReached,
    SessionStatus,
)
from app.domain.time.periods import PeriodTooLong
from app.services.coverage.coverage import CatalogRequired
from app.services.metering import free_times
from app.services.metering.slots import StartsTooFar

routes = router("Sessions")

_EVER = (datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
Order = Annotated[
    Literal["asc", "desc"],
    Query(
        description="The order of the booked times: `asc` the earliest first, `desc` the latest"
        " first."
    ),
]


class AgendaLineWire(Wire):
    """A session as the agenda has it, with its customer and what it is about."""

    account_id: str
    """The customer's account, by the seller's own id."""
    account_name: str
    """The customer's name, as the account has it."""
    ticket_id: str
    """The ticket that the session is on, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    catalog: str
    """The catalogue that the ticket is served under, by its code."""
    plan: str | None
    """The plan that the ticket is on; null without one."""
    session_id: str
    """The session, by the helpdesk's own id."""
    kind: SessionKind
    """Whether the session is a chat, a phone call, or a video call."""
    status: SessionStatus
    """Whether the session waits to begin, runs, is over, was missed by the customer, or was
    cancelled."""
    starts_at: Instant
    """The instant at which the session's booked time begins."""
    ends_at: Instant
    """The instant at which the session's booked time ends, itself excluded."""
    started_at: Instant | None
    """The instant at which the session began; null while it has not."""
    ended_at: Instant | None
    """The instant at which the session ended; null while it has not."""
    minutes: int | None
    """The minutes of the session that count; null until it has ended."""
    contact: str | None
    """Where the customer is reached for the session; null where that was not said."""
    with_: Annotated[str | None, Field(alias="with", serialization_alias="with")]
    """Who holds the session for the seller; null where that was not said."""


class FreeTimeWire(Wire):
    """A time that a session could be booked for now."""

    starts_at: Instant
    """The instant at which the session would begin."""
    ends_at: Instant
    """The instant at which the session would end, itself excluded."""


class FreeTimesWire(Wire):
    """Free times for one kind of session, one after the other."""

    catalog: str
    """The catalogue whose hours and terms the free times fit, by its code."""
    kind: SessionKind
    """Whether the session would be a chat, a phone call, or a video call."""
    minutes: int
    """The minutes that each of the times lasts."""
    data: list[FreeTimeWire]
    """The free times, the earliest first."""
    next_from: Instant | None
    """The `from` with which to ask for further free times; null where these are all."""


@routes.get("/v1/accounts/{account_id}/slots", summary="Find free times")
@operation(
    "read",
    refuses=[
        NotCovered,
        CatalogRequired,
        SessionLimitReached,
        StartsTooFar,
        PeriodTooLong,
    ],
)
async def find_free_times(
    db: RequestDb,
    account_id: AccountId,
    kind: Annotated[
        SessionKind,
        Query(description="The kind of session: a chat, a phone call, or a video call."),
    ],
    catalog: Annotated[
        Code | None,
        Query(
            description="The catalogue to be served under, by its code; left out, the account's"
            " only one."
        ),
    ] = None,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from", description="The instant from which free times are listed; default now."
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(
            description="Only times that begin before this instant are listed; default 28 days"
            " after `from`."
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        Query(
            ge=1,
            le=LONGEST_MINUTES,
            description="The minutes that the session is to last; default as when one is booked.",
        ),
    ] = None,
    limit: Limit = 50,
) -> FreeTimesWire:
    """Times that a session could be booked for, to offer to the customer before anything is.

    Within the channel's hours as the account's plan has them, and not taken by as many sessions
    as run at once. Nothing is set aside by asking.
    """
    found = await free_times.find_free_times(
        db,
        account_id=account_id,
        catalog=catalog,
        kind=kind,
        since=from_,
        until=to,
        minutes=minutes,
        limit=limit,
    )
    return FreeTimesWire(
        catalog=found.catalog,
        kind=found.kind,
        minutes=found.minutes,
        data=[FreeTimeWire(starts_at=each.starts_at, ends_at=each.ends_at) for each in found.slots],
        next_from=found.slots[-1].ends_at if found.more else None,
    )


@routes.get("/v1/sessions", summary="List all accounts' sessions")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_agenda(
    db: RequestDb,
    catalog: Annotated[
        Code | None, Query(description="Return only sessions of this catalogue, by its code.")
    ] = None,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from",
            description="Return only sessions whose booked time begins at this instant or after.",
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(description="Return only sessions whose booked time begins before this instant."),
    ] = None,
    status: Annotated[
        SessionStatus | None,
        Query(
            description="Return only sessions that are booked, run, have ended, were missed, or"
            " were cancelled."
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether sessions of sandbox accounts are listed as well; left out, they"
            " are not."
        ),
    ] = False,
    order: Order = "asc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AgendaLineWire]:
    """The agenda: sessions in the order of their slots, with customer, subject and contact.

    What was booked for a ticket that is resolved is left out: it ends with its ticket.
    """
    start = (_EVER[1], "~", "") if order == "desc" else (_EVER[0], "", "")
    after = read_cursor(cursor, datetime, str, str) or start
    found = await free_times.list_agenda(
        db,
        catalog=catalog,
        status=status,
        sandbox=sandbox,
        since=from_ or _EVER[0],
        until=to or _EVER[1],
        after=(after[0], after[1], after[2]),
        latest_first=order == "desc",
        limit=limit + 1,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda line: (line.starts_at, line.account_id, line.session_id),
        render=_render,
    )


def _render(line: AgendaLine) -> AgendaLineWire:
    return AgendaLineWire(
        account_id=line.account_id,
        account_name=line.account_name,
        ticket_id=line.ticket_id,
        subject=line.subject,
        catalog=line.catalog,
        plan=line.plan,
        session_id=line.session_id,
        kind=line.kind,
        status=line.status,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        started_at=line.started_at,
        ended_at=line.ended_at,
        minutes=line.minutes,
        contact=line.contact,
        **{"with": line.agent},
    )
