"""Work on tickets: minutes logged, charged to hours bought, or to be billed."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from app.api.http.paging import cut_page
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    AccountId,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    LongText,
    Order,
    Page,
    Text,
    TicketId,
    Wire,
    read_cursor,
)
from app.api.metering.work_shapes import WorkActionWire, WorkWire, render_action, render_work
from app.db.metering.work import WorkUnknown
from app.db.tickets.tickets import TicketUnknown
from app.domain.coverage.not_covered import CapReached, InsufficientUnits, NotCovered
from app.domain.metering.work import LONGEST_MINUTES, MinutesNotCounted, NothingToCorrect, OverCap
from app.domain.tickets.ticket_rules import BeforeOpening, TicketResolved
from app.domain.time.backdating import AtInFuture
from app.services.access.repeats import AlreadyExists
from app.services.metering import work
from app.services.metering.work import WorkOrder

routes = router("Work")

WorkId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The piece of work, by the helpdesk's own id.")
]
_W = "/v1/accounts/{account_id}/tickets/{ticket_id}/work"


class WorkLog(Wire):
    """Work that was done on a ticket, under the helpdesk's own id."""

    work_id: Annotated[str, Field(pattern=ID_PATTERN, examples=["W-2207"])]
    """The piece of work, by the helpdesk's own id."""
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES, strict=True, examples=[90])]
    """The minutes that the work took."""
    at: Instant | None = None
    """The instant at which the work began; default now."""
    by: Text
    """Who did the work, as the helpdesk names them."""
    over_cap: OverCap = "refuse"
    """Whether minutes above the week's cap are refused, or billed where an agreement says so."""

    def as_order(self) -> WorkOrder:
        """Return the work as a value."""
        return WorkOrder(
            work_id=self.work_id,
            minutes=self.minutes,
            at=self.at,
            by=self.by,
            over_cap=self.over_cap,
            document=self.model_dump(mode="json"),
        )


class WorkCorrection(Wire):
    """Another length for a piece of work that was logged."""

    minutes: Annotated[int, Field(ge=0, le=LONGEST_MINUTES, strict=True, examples=[60])]
    """The minutes that the work took, as they should have been logged."""
    reason: LongText
    """Why the minutes are corrected, for the record."""
    actor: Text
    """Who decided on the correction, as the caller names them."""


@routes.post(_W, summary="Log work", status_code=201)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        TicketUnknown,
        AlreadyExists,
        TicketResolved,
        BeforeOpening,
        MinutesNotCounted,
        NotCovered,
        InsufficientUnits,
        CapReached,
        AtInFuture,
    ],
)
async def log_work(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    body: WorkLog,
    response: Response,
) -> WorkActionWire:
    """Charge minutes of work to what the ticket holds, then to its plan's hours; the rest is
    billed.

    The same id with the same body again answers 200 with the work as it is now.
    """
    view, created = await work.log_work(
        db, account_id=account_id, ticket_id=ticket_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return render_action(view)


@routes.get(_W, summary="List a ticket's work")
@operation("read", refuses=[TicketUnknown, InvalidCursor])
async def list_work(
    db: RequestDb,
    account_id: AccountId,
    ticket_id: TicketId,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WorkWire]:
    """The pieces of work on a ticket, by when they were logged."""
    found = await work.list_work(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        after=read_cursor(cursor, datetime, str),
        ascending=order == "asc",
        limit=limit + 1,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda view: (view.row.created_at, view.row.work_id),
        render=render_work,
    )


@routes.post(_W + "/{work_id}/correction", summary="Correct work", status_code=200)
@operation(
    "tickets:write",
    writes=True,
    optimistic=True,
    refuses=[
        TicketUnknown,
        WorkUnknown,
        NothingToCorrect,
        NotCovered,
        InsufficientUnits,
        CapReached,
    ],
)
async def correct_work(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    ticket_id: TicketId,
    work_id: WorkId,
    body: WorkCorrection,
) -> WorkActionWire:
    """Correct how long the work took: its last minutes come back, or more are charged."""
    view = await work.correct_work(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        work_id=work_id,
        minutes=body.minutes,
        reason=body.reason,
        actor=body.actor,
        caller=caller,
    )
    return render_action(view)
