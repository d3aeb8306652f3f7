"""Deadlines: what is owed and by when, explained as data and as a picture."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Literal, Self

from fastapi import Query, Request, Response
from pydantic import Field, model_validator

from app.api.http.replies.media import HTML, JSON, choose_media_type
from app.api.http.routing import RequestDb, answer_later, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Instant,
    LongText,
    SeverityLevel,
    TicketId,
    Wire,
    reply,
)
from app.api.pages.words import Language, words_of
from app.api.promises.deadline_shapes import DeadlineWire, render_deadlines
from app.api.promises.explanation_shapes import ExplainedWire, render_explained
from app.api.promises.timelines import render_timeline, render_timeline_page
from app.db.catalog.catalogs import CatalogUnknown, load_catalog
from app.db.engine.unit_of_work import Db
from app.db.tickets.ticket_clocks import ClockedTicket, load_clocked_ticket
from app.db.tickets.tickets import TicketUnknown
from app.domain.catalog.channels import Channel
from app.domain.catalog.regions import RegionRequired, UnknownRegion
from app.domain.coverage.requests import SeverityRequired, UnknownPlan, UnknownSeverity
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.ticket_history import read_clock_events
from app.domain.tickets.ticket_rules import (
    AlreadyRemedied,
    BeforeOpening,
    TicketNotPaused,
    TicketNotResolved,
    TicketResolved,
    UnknownCause,
)
from app.domain.time.business_time import InstantOutOfRange, NeverOpens
from app.domain.time.calculation_limits import CalculationTooLarge
from app.services.promises import deadlines
from app.services.selling.grants import PlanRequired
from app.services.tickets import deadline_previews
from app.services.tickets.deadline_previews import DeadlineQuestion, NotOnPlan

routes = router("Deadlines")

SVG = "image/svg+xml"
_VARIES = {"Vary": "Accept"}


class PreviewEvent(Wire):
    """An event of the request whose deadlines are previewed."""

    type: Literal[
        "agent_reply",
        "customer_reply",
        "pause",
        "resumption",
        "severity",
        "resolution",
        "withdrawal",
        "reopening",
        "remedy",
    ]
    """The kind of the event, such as a reply, a pause or a new severity."""
    at: Instant
    """The instant at which the event happens."""
    waiting_on: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] = None
    """For a pause: on whom the request waits, such as `customer`."""
    severity: SeverityLevel | None = None
    """For a change of severity: the new severity, 1 (gravest) to 5; left out, it stays."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """For a change of severity: whether the request is urgent from then on; left out, that
    stays."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """For a change of severity: what running clocks keep, the time used, nothing, or their
    target."""
    reason: LongText | None = None
    """Why the event happens; the preview does not depend on it."""

    @model_validator(mode="after")
    def _require_its_own(self) -> Self:
        """Refuse what the ticket's own body for such an event would lack."""
        if self.type == "pause" and self.waiting_on is None:
            raise ValueError("say on whom it waits: waiting_on")
        if self.type == "severity" and self.severity is None and self.urgent is None:
            raise ValueError("give a severity, or an urgency")
        return self


class PreviewQuestion(Wire):
    """A request whose deadlines are to be previewed, with what happens to it."""

    catalog: Code
    """The catalogue whose terms hold, by its code."""
    plan: Code | None = None
    """The plan that the request is on, by its code; may be left out where the catalogue has only
    one."""
    severity: SeverityLevel | None = None
    """The severity of the request, 1 (gravest) to 5; required where the plan's promises depend on
    it."""
    channel: Channel | None = None
    """The channel through which the request comes."""
    urgent: Annotated[bool, Field(strict=True)] = False
    """Whether the request is urgent, where the plan serves such; default not."""
    region: Code | None = None
    """The customer's region, where the plan's hours depend on it."""
    opened_at: Instant
    """The instant at which the request is made."""
    events: Annotated[list[PreviewEvent], Field(max_length=1_000)] = Field(default_factory=list)
    """The events of the request, in any order."""
    at: Instant | None = None
    """The instant at which the deadlines are seen; default the last event's."""


class DeadlinesWire(Wire):
    """The deadlines of a request, each with how it came about."""

    deadlines: list[ExplainedWire]
    """The deadlines, one for each metric that is promised."""


@reply
class TicketDeadlinesWire:
    """The deadlines of a ticket, as they stood at an instant."""

    deadlines: list[ExplainedWire | DeadlineWire]
    """The deadlines, one for each metric that is promised; with explanations if they were asked
    for."""
    as_of: Instant
    """The instant at which the deadlines stood so."""


@routes.post(
    "/v1/deadlines/preview",
    summary="Preview deadlines",
    status_code=200,
    response_model=DeadlinesWire,
)
@operation(
    "read",
    refuses=[
        CatalogUnknown,
        PlanRequired,
        UnknownPlan,
        SeverityRequired,
        UnknownSeverity,
        RegionRequired,
        UnknownRegion,
        NotOnPlan,
        NeverOpens,
        InstantOutOfRange,
        BeforeOpening,
        TicketResolved,
        TicketNotResolved,
        TicketNotPaused,
        AlreadyRemedied,
        UnknownCause,
        CalculationTooLarge,
    ],
)
async def preview_deadlines(db: RequestDb, request: Request, body: PreviewQuestion) -> Response:
    """What would be owed and by when, with the explanation; no account is needed."""
    preview = await deadline_previews.prepare_preview(
        db,
        DeadlineQuestion(
            catalog=body.catalog,
            plan=body.plan,
            severity=body.severity,
            channel=body.channel,
            urgent=body.urgent,
            opened_at=body.opened_at,
            events=[
                ClockEvent(
                    type=event.type,
                    at=event.at,
                    order=order,
                    waiting_on=event.waiting_on,
                    severity=event.severity,
                    urgent=event.urgent,
                    policy=event.policy,
                )
                for order, event in enumerate(body.events)
            ],
            at=body.at,
            region=body.region,
        ),
    )

    async def finish() -> Response:
        return await deadline_previews.run_preview(preview, _answer_preview)

    return answer_later(request, finish)


def _answer_preview(found: tuple[Deadline, ...]) -> Response:
    shown = DeadlinesWire(deadlines=[render_explained(each) for each in found])
    return Response(shown.model_dump_json(by_alias=True), media_type=JSON)


async def render_ticket_timeline(
    db: Db, request: Request, account_id: str, ticket_id: str
) -> Response:
    """Return a ticket's clocks as they stand now, as a picture, or as a page with it."""
    ticket, reported = await load_clocked_ticket(db, account_id, ticket_id)
    as_of = max(db.read_clock(), ticket.last_event_at)
    events = read_clock_events(reported)
    found = await deadlines.run_ticket_clocks(db, ticket, events, now=as_of)
    wanted = choose_media_type(request.headers.get("Accept"), (SVG, HTML))
    return await _draw(db, ticket, found, as_of=as_of, form=wanted)


@routes.get(
    "/v1/accounts/{account_id}/tickets/{ticket_id}/deadlines",
    summary="Read a ticket's deadlines",
    response_model=TicketDeadlinesWire,
    responses={
        200: {"content": {each: {"schema": {"type": "string"}} for each in (SVG, HTML)}},
    },
)
@operation("read", refuses=[TicketUnknown], brief=True)
async def get_ticket_deadlines(
    db: RequestDb,
    request: Request,
    account_id: AccountId,
    ticket_id: TicketId,
    at: Annotated[
        Instant | None,
        Query(description="The instant at which the deadlines are to be seen; default now."),
    ] = None,
    explain: Annotated[
        bool, Query(description="Whether each deadline comes with what was counted, and why.")
    ] = False,
    language: Annotated[
        Language | None,
        Query(description="The language of the picture's words; default the seller's first."),
    ] = None,
) -> TicketDeadlinesWire | Response:
    """What is owed and by when, as data, or as a picture with `Accept: image/svg+xml`.

    With `text/html` it is a page with the picture, drawn for a phone as well.
    """
    ticket, reported = await load_clocked_ticket(db, account_id, ticket_id)
    events = read_clock_events(reported)
    as_of = at or max(db.read_clock(), ticket.last_event_at)
    found = await deadlines.run_ticket_clocks(db, ticket, events, now=as_of)
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, SVG, HTML))
    if wanted != JSON:
        return await _draw(db, ticket, found, as_of=as_of, form=wanted, language=language)
    shown: list[ExplainedWire | DeadlineWire] = (
        [render_explained(each) for each in found] if explain else [*render_deadlines(found)]
    )
    return TicketDeadlinesWire(deadlines=shown, as_of=as_of)


async def _draw(
    db: Db,
    ticket: ClockedTicket,
    found: Sequence[Deadline],
    *,
    as_of: datetime,
    form: str,
    language: Language | None = None,
) -> Response:
    terms = await load_catalog(db, ticket.catalog, ticket.catalog_version)
    words = words_of(terms, language)
    draw = partial(
        render_timeline,
        found,
        now=as_of,
        title=ticket.subject,
        sellers_zone=terms.zone,
        words=words,
    )
    if form == SVG:
        return Response(draw(), media_type=SVG, headers=_VARIES)
    page = render_timeline_page(ticket.subject, terms.branding, words, draw)
    page.headers.update(_VARIES)
    return page
