"""The queue: open tickets across accounts, in the order to work on them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    read_cursor,
    reply,
    write_cursor,
)
from app.db.reports.queue import QueueCounts, QueuedTicket, QueueFilter
from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.promises.deadlines import name_lapse
from app.domain.promises.promises import Metric, Strength
from app.domain.tickets.charges import ChargeStatus
from app.services.reports import queue

routes = router("Across accounts")

_PLACE = (int, bool, datetime, bool, int, int, datetime, str, str)


@reply
class QueuedDeadline:
    """What a ticket owes next: of the clocks that run, the one that is broken first."""

    metric: Metric
    """What is owed: a first or next response, or the resolution."""
    strength: Strength
    """How firm the promise is: guaranteed, a target, or best effort."""
    status: Literal["running", "breached", "missed"]
    """Whether there is time left, a guarantee is broken, or a target was missed."""
    due_at: Instant | None
    """The earliest instant at which the target is used up; null without a time."""
    breaches_after: Instant | None
    """The last instant that keeps the promise; null where nothing breaks it."""


@reply
class QueuedCoverage:
    """Who pays for a ticket in the queue."""

    subscription_id: str | None
    """The subscription that pays; null: served without a plan."""
    catalog: str
    """The catalogue that the ticket is served under, by its code."""
    catalog_version: int
    """The version of the catalogue whose terms hold for the ticket."""
    plan: str | None
    """The plan that pays; null: served without one."""
    priority: int | None
    """The rank of the plan, of which 1 goes first; null without a plan."""
    on_demand: bool
    """Whether the ticket is served without a plan, behind those with one, and billed."""


@reply
class QueuedCharge:
    """What a ticket in the queue costs so far."""

    status: ChargeStatus
    """Whether the units are held, settled, returned, refunded, or overage to be billed; `none`:
    nothing to pay."""
    unit: Unit | None
    """The unit that the charge counts: incident, point or minute; null where nothing is counted."""
    amount: int
    """How many units the ticket holds and has used."""
    held: int
    """How many units are set aside for the ticket."""
    overage: int
    """How many units were used beyond what there was, to be billed."""


@reply
class QueueItem:
    """An open ticket, with what somebody needs in order to choose it."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    account_id: str
    """The customer's account, by the seller's own id."""
    account_name: str
    """The customer's name, as the account has it."""
    subject: str
    """What the ticket is about, in a line."""
    status: Literal["open", "paused"]
    """Whether the ticket is worked on, or waits on somebody."""
    waiting_on: str | None
    """On whom the ticket waits, such as `customer`; null while it is not paused."""
    unanswered: bool
    """Whether the customer waits for an answer, the first or the next."""
    channel: Channel
    """The channel through which the ticket came."""
    severity: int | None
    """The severity of the ticket, 1 (gravest) to 5; null where it has none."""
    urgent: bool
    """Whether the ticket is urgent, where the plan serves such."""
    category: str | None
    """The row of the rate card that prices the ticket; null without one."""
    topic: str | None
    """The topic of the ticket, by its code in the catalogue; null where none was given."""
    site: str | None
    """The store that the ticket is about, by its canonical URL; null where none was named."""
    opened_at: Instant
    """The instant at which the ticket was opened."""
    at_risk: bool
    """Whether one of the deadlines is at risk now and none broken, and the ticket is worked on: a
    paused one waits for somebody else."""
    next_deadline: QueuedDeadline | None
    """The ticket's next deadline; null where nothing is owed, or the clock is paused."""
    coverage: QueuedCoverage
    """The plan that pays for the ticket, or that none does."""
    charge: QueuedCharge
    """The charge of the ticket so far."""


@reply
class QueueCountsWire:
    """How many open tickets there are of each kind; each is of one kind."""

    on_time: int
    """Tickets whose next deadline is neither at risk nor past."""
    at_risk: int
    """Tickets with a deadline that is at risk now."""
    breached: int
    """Tickets whose next deadline has passed, and is still owed."""
    paused: int
    """Tickets that are paused, waiting on somebody."""
    no_deadline: int
    """Tickets that owe nothing by any time."""
    missed: int
    """Tickets whose next deadline is a target that has been missed."""


@reply
class QueueWire:
    """A page of the queue: open tickets in the order to work on them."""

    data: list[QueueItem]
    """The tickets, in the order to work on them."""
    next_cursor: str | None
    """The `cursor` to send for the next page; null on the last page."""
    counts: QueueCountsWire | None
    """The number of tickets of the whole selection by kind; null on every page but the first."""


@routes.get("/v1/queue", summary="List what to work on")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def read_queue(
    db: RequestDb,
    catalog: Annotated[
        Code | None, Query(description="Return only tickets of this catalogue, by its code.")
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only tickets on this plan, by its code.")
    ] = None,
    at_risk: Annotated[
        bool | None,
        Query(
            description="Return only tickets that are at risk now (true): a deadline is, none is"
            " broken, and they are not paused; or only the others (false); default both."
        ),
    ] = None,
    requester: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=254,
            pattern=r"^[!-~\u00a1-\ud7ff]+$",
            description="Return only what this person asked, by their address or a contact's id.",
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether tickets of sandbox accounts are listed as well; left out, they"
            " are not."
        ),
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> QueueWire:
    """Open tickets, in an order that lets no promise lapse.

    Who waits for an answer or is owed anything, before who was answered and is owed nothing;
    paused tickets last. Within each: covered before on demand; then what is broken first, what
    was broken already before all, and what nothing breaks last; then urgent, severity, the
    plan's rank, and the oldest.
    """
    asked = QueueFilter(
        catalog=catalog, plan=plan, at_risk=at_risk, requester=requester, sandbox=sandbox
    )
    page = await queue.read_queue(db, asked=asked, after=read_cursor(cursor, *_PLACE), limit=limit)
    return QueueWire(
        data=[_render(ticket) for ticket in page.tickets],
        next_cursor=None if page.last is None else write_cursor(*page.last),
        counts=None if page.counts is None else _render_counts(page.counts),
    )


def _render_counts(counts: QueueCounts) -> QueueCountsWire:
    return QueueCountsWire(
        on_time=counts.on_time,
        at_risk=counts.at_risk,
        breached=counts.breached,
        paused=counts.paused,
        no_deadline=counts.no_deadline,
        missed=counts.missed,
    )


def _render(ticket: QueuedTicket) -> QueueItem:
    now = ticket.now
    lapsed = ticket.breaches_after is not None and ticket.breaches_after < now
    owed = None
    if ticket.next_metric is not None and ticket.next_strength is not None:
        owed = QueuedDeadline(
            metric=ticket.next_metric,
            strength=ticket.next_strength,
            status=name_lapse(ticket.next_strength) if lapsed else "running",
            due_at=ticket.due_at,
            breaches_after=ticket.breaches_after,
        )
    return QueueItem(
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        account_name=ticket.account_name,
        subject=ticket.subject,
        status="paused" if ticket.status == "paused" else "open",
        waiting_on=ticket.waiting_on,
        unanswered=ticket.unanswered,
        channel=ticket.channel,
        severity=ticket.severity,
        urgent=ticket.urgent,
        category=ticket.category,
        topic=ticket.topic,
        site=ticket.site,
        opened_at=ticket.opened_at,
        at_risk=ticket.status != "paused"
        and ticket.warn_at is not None
        and ticket.warn_at <= now
        and not lapsed,
        next_deadline=owed,
        coverage=QueuedCoverage(
            subscription_id=None if ticket.subscription_id is None else str(ticket.subscription_id),
            catalog=ticket.catalog,
            catalog_version=ticket.catalog_version,
            plan=ticket.plan,
            priority=ticket.rank,
            on_demand=ticket.on_demand,
        ),
        charge=QueuedCharge(
            status=ticket.charge_status,
            unit=ticket.charge_unit,
            amount=ticket.charge_amount,
            held=ticket.charge_held,
            overage=ticket.overage_amount,
        ),
    )
