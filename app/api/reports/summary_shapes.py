"""A customer's summary as it is on the wire."""

from uuid import UUID

from app.api.http.wire import Instant, MoneyWire, Wire
from app.api.ledger.remaining_shapes import RemainingWire, render_remaining
from app.api.reports.summary_texts import (
    write_channel,
    write_notice,
    write_summary,
)
from app.domain.catalog.channels import Channel
from app.domain.catalog.offer_texts import describe_promise
from app.domain.metering.sessions import SessionKind, SessionStatus
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric, Strength
from app.domain.reports.summary import NoticeCode, PlanState, PlanStatus, TicketLine
from app.services.reports.summaries import Overage, Summary


class SummaryChannel(Wire):
    """A channel by which a plan is served."""

    channel: Channel
    """Which channel it is."""
    included: bool
    """Whether the plan has it; only those that it has are listed."""
    urgent_only: bool
    """Whether it serves urgent requests alone."""
    open_now: bool
    """Whether it is open now; a channel without closing hours always is."""
    opens_at: Instant | None
    """When a closed channel opens next; null while it is open."""
    text: str | None
    """What is special about it, in words; null where nothing is."""


class SummaryPromise(Wire):
    """Something that a plan promises."""

    metric: Metric
    """What the promise measures."""
    severity: int | None
    """The severity it is for; null: for all, or for several, as the text says."""
    strength: Strength
    """How firmly it is promised."""
    text: str
    """The promise in a sentence."""


class SummaryPlan(Wire):
    """A plan that a customer has."""

    subscription_id: UUID
    """The subscription that gives it."""
    catalog: str
    """The catalogue it was sold from."""
    plan: str
    """The plan's code in its catalogue."""
    name: str
    """The plan's name for people."""
    status: PlanStatus
    """How the subscription stands now."""
    site: str | None
    """The one store it covers; null: account-wide."""
    region: str | None
    """The customer's region, by whose hours its times go, where they depend on it."""
    quantity: int
    """How many were ordered together."""
    starts_at: Instant
    """When its term begins."""
    ends_at: Instant | None
    """When its term ends, itself excluded; null: it does not end."""
    remaining: RemainingWire
    """What is left of its units."""
    channels: list[SummaryChannel]
    """By which channels it is served."""
    promises: list[SummaryPromise]
    """The promises that it makes."""


class NextDeadlineWire(Wire):
    """The deadline of a ticket that runs out next."""

    metric: Metric
    """What is owed next."""
    due_at: Instant | None
    """When it is owed; null where it has no time."""
    status: Status
    """How it stands now."""


class HeldCharge(Wire):
    """What a ticket holds of the customer's units."""

    held: int
    """How many units are set aside for it."""


class SummaryTicket(Wire):
    """An open ticket in short."""

    ticket_id: str
    """The helpdesk's own id of it."""
    subject: str
    """What it is about."""
    status: str
    """Whether it is open or paused."""
    next_deadline: NextDeadlineWire | None
    """What is owed next; null where nothing is."""
    charge: HeldCharge
    """What it holds of the units."""


class SummaryTickets(Wire):
    """A customer's open tickets: how many, and the next few."""

    open: int
    """How many are open and not paused."""
    paused: int
    """How many are paused."""
    at_risk: int
    """How many owe next what is at risk now."""
    breached: int
    """How many owe what was guaranteed and has passed; as in the queue, while it is owed."""
    missed: int
    """How many owe what was aimed at and has passed."""
    next: list[SummaryTicket]
    """The next three, by when their next deadline runs out."""


class SummarySession(Wire):
    """A chat, phone or video session that is booked or runs."""

    session_id: str
    """The helpdesk's own id of it."""
    ticket_id: str
    """The ticket it is about."""
    kind: SessionKind
    """What kind of session it is."""
    status: SessionStatus
    """Whether it is booked or runs."""
    starts_at: Instant
    """The instant at which it begins."""
    ends_at: Instant
    """When it is to end."""


class SummaryOverage(Wire):
    """What is to be billed beyond plans since the month began."""

    minutes: int
    """How many minutes are beyond the plans."""
    incidents: int
    """How many incidents are beyond the plans."""
    points: int
    """How many points are beyond the plans."""
    since: Instant
    """Since when they are counted."""
    money: list[MoneyWire]
    """What they come to, by currency, as far as a price is published."""
    text: str
    """The same in words."""


class SummaryNotice(Wire):
    """Something that whoever serves the customer should know."""

    code: NoticeCode
    """A stable code of what it is about."""
    text: str
    """The notice in a sentence."""


class SummaryWire(Wire):
    """A customer in one call."""

    account_id: str
    """The seller's own id of the customer."""
    name: str
    """The name of the customer or person."""
    as_of: Instant
    """The instant that everything here is told of."""
    sequence: int
    """The number of the last movement of the account's units."""
    text: str
    """The plans and what is left of them, in a sentence or two."""
    plans: list[SummaryPlan]
    """The plans, in the order in which they are drawn upon."""
    tickets: SummaryTickets
    """The tickets that are open."""
    sessions: list[SummarySession]
    """The next three sessions."""
    overage: SummaryOverage | None
    """What is to be billed beyond plans this month; null for nothing."""
    disputes: int
    """How many charges are disputed and not decided."""
    notices: list[SummaryNotice]
    """What needs somebody's attention, most urgent first."""


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
        sessions=[SummarySession.model_validate(each) for each in summary.sessions],
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
        remaining=render_remaining(remaining, plan.catalog),
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
