"""A customer's summary as it is on the wire."""

from uuid import UUID

from app.api.http.wire import Instant, MoneyWire, reply
from app.api.ledger.remaining_shapes import RemainingWire, render_remaining
from app.api.reports.summary_texts import (
    write_channel,
    write_notice,
    write_plan_units,
    write_summary,
)
from app.domain.catalog.channels import Channel
from app.domain.catalog.offer_texts import describe_promise
from app.domain.metering.sessions import SessionKind, SessionStatus
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric, Strength
from app.domain.reports.summary import NoticeCode, PlanState, PlanStatus, SessionLine, TicketLine
from app.services.reports.summaries import Overage, Summary


@reply
class SummaryChannel:
    """A channel by which a plan is served."""

    channel: Channel
    """The channel: ticket, email, chat, phone or video."""
    included: bool
    """Whether the plan has the channel: always true, as the others are not listed."""
    urgent_only: bool
    """Whether the channel serves urgent requests alone."""
    open_now: bool
    """Whether the channel is open now; one without closing hours always is."""
    opens_at: Instant | None
    """The instant at which a closed channel opens next; null while it is open."""
    text: str | None
    """What is special about the channel, in words; null where nothing is."""


@reply
class SummaryPromise:
    """A promise that a plan makes."""

    metric: Metric
    """What the promise measures, such as the time to the first response."""
    severity: int | None
    """The severity that the promise is for; null: for all, or for several, as the text says."""
    strength: Strength
    """How firmly it is promised: guaranteed, a target, best effort, or not offered."""
    text: str
    """The promise in words, as one sentence."""


@reply
class SummaryPlan:
    """A plan that a customer has, over its term."""

    subscription_id: UUID
    """The subscription that gives the plan, by its own id."""
    catalog: str
    """The catalogue that the plan was sold from, by its code."""
    plan: str
    """The plan's code in its catalogue."""
    name: str
    """The plan's name, as people read it."""
    status: PlanStatus
    """Whether the subscription is still to begin, is active, or is suspended."""
    site: str | None
    """The one store that the plan covers, by its canonical URL; null: account-wide."""
    region: str | None
    """The customer's region, by whose hours the plan's times go; null where hours depend on
    none."""
    quantity: int
    """How many of the offer were ordered together."""
    starts_at: Instant
    """The instant at which the plan's term begins."""
    ends_at: Instant | None
    """The instant at which the plan's term ends, itself excluded; null: it does not end."""
    remaining: RemainingWire
    """The units of the plan that are left."""
    channels: list[SummaryChannel]
    """The channels through which the plan is served."""
    promises: list[SummaryPromise]
    """The promises that the plan makes."""


@reply
class NextDeadlineWire:
    """The deadline of a ticket that runs out next."""

    metric: Metric
    """What is owed next, such as a first response or a resolution."""
    due_at: Instant | None
    """The instant by which that is owed; null where there is no time."""
    status: Status
    """Whether the deadline runs, is paused, or was not kept."""


@reply
class HeldCharge:
    """What a ticket holds of the customer's units."""

    held: int
    """How many units are set aside for the ticket."""


@reply
class SummaryTicket:
    """An open ticket in short, with what is owed next."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    status: str
    """Whether the ticket is open or paused."""
    next_deadline: NextDeadlineWire | None
    """The ticket's next deadline; null where nothing is owed."""
    charge: HeldCharge
    """The units that the ticket holds."""


@reply
class SummaryTickets:
    """A customer's open tickets: how many, and the next few."""

    open: int
    """How many tickets are open and not paused."""
    paused: int
    """How many tickets are paused, waiting on somebody."""
    at_risk: int
    """How many tickets have a next deadline that is at risk now."""
    breached: int
    """How many tickets owe what was guaranteed and is overdue, as in the queue."""
    missed: int
    """How many tickets owe what was a target and is overdue."""
    next: list[SummaryTicket]
    """The next three tickets, by when their next deadline runs out."""


@reply
class SummarySession:
    """A chat, phone or video session that is booked or runs."""

    session_id: str
    """The session, by the helpdesk's own id."""
    ticket_id: str
    """The ticket that the session is on, by the helpdesk's own id."""
    kind: SessionKind
    """Whether the session is a chat, a phone call, or a video call."""
    status: SessionStatus
    """Whether the session is booked or runs."""
    starts_at: Instant
    """The instant at which the session's booked time begins."""
    ends_at: Instant
    """The instant at which the session's booked time ends, itself excluded."""


@reply
class SummaryOverage:
    """What is to be billed beyond plans since the month began."""

    minutes: int
    """How many minutes are beyond the plans, and to be billed."""
    incidents: int
    """How many incidents are beyond the plans, and to be billed."""
    points: int
    """How many points are beyond the plans, and to be billed."""
    since: Instant
    """The instant from which they are counted: the beginning of the month in the seller's zone, and
    of several sellers' months the first."""
    money: list[MoneyWire]
    """The amounts to be billed, by currency, as far as a price is published."""
    text: str
    """The overage in words, as people read it."""


@reply
class SummaryNotice:
    """Something that whoever serves the customer should know."""

    code: NoticeCode
    """The kind of the notice, as a stable code."""
    text: str
    """The notice in words, as one sentence."""


@reply
class SummaryWire:
    """All that is needed to serve a customer, in one call."""

    account_id: str
    """The account, by the seller's own id of the customer."""
    name: str
    """The name of the customer: of a company, or of a person."""
    as_of: Instant
    """The instant at which everything in the summary holds."""
    sequence: int
    """The number of the last movement of the account's units."""
    text: str
    """The plans and what is left of them, in a sentence or two."""
    plans: list[SummaryPlan]
    """The plans, in the order in which they are drawn upon."""
    tickets: SummaryTickets
    """The customer's open tickets: how many, and the next few."""
    sessions: list[SummarySession]
    """The next three sessions that are booked or run."""
    overage: SummaryOverage | None
    """What is to be billed beyond plans this month; null for nothing."""
    disputes: int
    """How many charges of the customer are disputed and not decided."""
    notices: list[SummaryNotice]
    """Notices of what needs somebody's attention, the most urgent first."""


def render_summary(summary: Summary) -> SummaryWire:
    """Return a summary as it is on the wire."""
    return SummaryWire(
        account_id=summary.account_id,
        name=summary.name,
        as_of=summary.as_of,
        sequence=summary.sequence,
        text=write_summary(summary),
        plans=[_render_plan(plan) for plan in summary.plans],
        tickets=SummaryTickets(
            open=summary.counts.open,
            paused=summary.counts.paused,
            at_risk=summary.counts.at_risk,
            breached=summary.counts.breached,
            missed=summary.counts.missed,
            next=[_render_ticket(line) for line in summary.tickets],
        ),
        sessions=[_render_session(each) for each in summary.sessions],
        overage=None if summary.overage is None else _render_overage(summary, summary.overage),
        disputes=summary.disputes,
        notices=[
            SummaryNotice(code=notice.code, text=write_notice(notice)) for notice in summary.notices
        ],
    )


def _render_plan(plan: PlanState) -> SummaryPlan:
    subscription, remaining = plan.subscription, plan.remaining
    return SummaryPlan(
        subscription_id=subscription.subscription_id,
        catalog=subscription.catalog,
        plan=subscription.plan,
        name=plan.plan.name,
        status=plan.status,
        site=subscription.site,
        region=subscription.region,
        quantity=plan.quantity,
        starts_at=subscription.starts_at,
        ends_at=subscription.ends_at,
        remaining=render_remaining(remaining, plan.catalog, text=write_plan_units(plan)),
        channels=[
            SummaryChannel(
                channel=each.channel,
                included=True,
                urgent_only=each.urgent_only,
                open_now=each.open_now,
                opens_at=each.opens_at,
                text=write_channel(each.terms),
            )
            for each in plan.channels
        ],
        promises=[
            SummaryPromise(
                metric=each.metric,
                severity=min(each.severities) if len(each.severities) == 1 else None,
                strength=each.strength,
                text=each.text or describe_promise(each, plan.catalog.calendars),
            )
            for each in plan.plan.promises
            if each.strength != "none"
        ],
    )


def _render_ticket(line: TicketLine) -> SummaryTicket:
    return SummaryTicket(
        ticket_id=line.ticket_id,
        subject=line.subject,
        status=line.status,
        next_deadline=None
        if line.metric is None or line.clock_status is None
        else NextDeadlineWire(metric=line.metric, due_at=line.due_at, status=line.clock_status),
        charge=HeldCharge(held=line.held),
    )


def _render_session(line: SessionLine) -> SummarySession:
    return SummarySession(
        session_id=line.session_id,
        ticket_id=line.ticket_id,
        kind=line.kind,
        status=line.status,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
    )


def _render_overage(summary: Summary, overage: Overage) -> SummaryOverage:
    sums: dict[str, int] = {}
    for line in overage.lines:
        if line.money is not None:
            sums[line.money.currency] = sums.get(line.money.currency, 0) + line.money.amount
    texts = [write_notice(each) for each in summary.notices if each.code == "overage_running"]
    return SummaryOverage(
        minutes=overage.amounts.get("minute", 0),
        incidents=overage.amounts.get("incident", 0),
        points=overage.amounts.get("point", 0),
        since=overage.since,
        money=[MoneyWire(amount=amount, currency=name) for name, amount in sorted(sums.items())],
        text=" ".join(texts),
    )
