"""Deadlines as they would be, of a plan as published, with no account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Channel
from app.domain.catalog.regions import choose_region
from app.domain.coverage.requests import (
    Request,
    require_known_severity,
    require_severity,
)
from app.domain.coverage.serving import refuse_request
from app.domain.promises.clocks import ClockEvent, run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import Subject, select_promises
from app.domain.tickets.ticket_rules import require_history
from app.services.selling.grants import choose_plan


class NotOnPlan(InvalidPayload):
    """The plan does not serve such a request, so nothing is promised."""

    code = "not_on_plan"
    title = "The plan does not serve such a request"


@dataclass(frozen=True, slots=True)
class DeadlineQuestion:
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


async def preview_deadlines(db: Db, question: DeadlineQuestion) -> tuple[Deadline, ...]:
    """Return what would be owed, and by when, by the rules and the fold of a real ticket.

    Seen at `at`; left out, at the later of the opening and the last event.
    """
    terms, _ = await catalogs.load_current(db, question.catalog)
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
    last = max((event.at for event in events), default=question.opened_at)
    return run_clocks(
        promises=promises,
        calendars=terms.calendars,
        opened_at=question.opened_at,
        severity=question.severity,
        urgent=question.urgent,
        events=events,
        now=question.at or max(last, question.opened_at),
    )
