"""Deadlines as they would be, of a plan as published, with no account."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.regions import choose_region
from app.domain.coverage.requests import (
    Request,
    require_known_severity,
    require_severity,
)
from app.domain.coverage.serving import refuse_request
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import Promise, Subject, select_promises
from app.domain.tickets.ticket_rules import require_history
from app.domain.values import Value
from app.services.catalog.named import load_named
from app.services.selling.grants import choose_plan
from app.services.time.calculations import work_out

# With more, the clocks are run beside the event loop.
_FEW_EVENTS = 50
Answer = TypeVar("Answer")


class NotOnPlan(InvalidPayload):
    """The plan does not serve such a request, so nothing is promised."""

    code = "not_on_plan"
    title = "The plan does not serve such a request"


class DeadlineQuestion(Value):
    """A request on a plan, what happened to it, and when to look at it."""

    catalog: str
    plan: str | None
    severity: int | None
    channel: Channel | None
    urgent: bool
    opened_at: datetime
    events: Sequence[ClockEvent]
    at: datetime | None
    region: str | None = None


class DeadlinePreview(Value):
    """What the clocks of a request are run with: nothing more has to be read for it."""

    question: DeadlineQuestion
    terms: Catalog
    promises: tuple[Promise, ...]
    events: Sequence[ClockEvent]


async def prepare_preview(db: Db, question: DeadlineQuestion) -> DeadlinePreview:
    """Return a request by the rules of a real ticket, or refuse it as one would be."""
    terms, _ = await load_named(db, question.catalog)
    terms = terms.in_region(choose_region(terms, named=question.region, accounts=None))
    plan = choose_plan(terms, question.plan)
    require_known_severity(question.severity, terms)
    subject = Subject(question.channel or plan.channels[0])
    promises = select_promises(plan.promises, subject)
    require_severity(promises, severity=question.severity, urgent=question.urgent, terms=terms)
    request = Request(channel=question.channel, urgent=question.urgent)
    refused = refuse_request(plan, terms, request, at=None, hours=None)
    if refused is not None:
        pointer = "/urgent" if refused.code == "urgent_not_included" else "/channel"
        raise NotOnPlan([Fault(pointer, refused.detail, refused.code)])
    events = require_history(
        question.events,
        opened_at=question.opened_at,
        severity=question.severity,
        urgent=question.urgent,
        terms=terms,
    )
    return DeadlinePreview(question, terms, promises, events)


async def run_preview(
    preview: DeadlinePreview, answer: Callable[[tuple[Deadline, ...]], Answer]
) -> Answer:
    """Return the answer to what would be owed, and by when, by the fold of a real ticket.

    Seen at `at`; left out, at the later of the opening and the last event. Refuses with
    `calculation_too_large` what spans too many dates and shifts.
    """
    question, events = preview.question, preview.events
    last = max((event.at for event in events), default=question.opened_at)

    def work() -> Answer:
        return answer(
            run_clocks(
                promises=preview.promises,
                calendars=preview.terms.calendars,
                opened_at=question.opened_at,
                severity=question.severity,
                urgent=question.urgent,
                events=events,
                now=question.at or max(last, question.opened_at),
            )
        )

    return await work_out(work, large=len(events) > _FEW_EVENTS)
