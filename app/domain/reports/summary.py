"""A customer's summary: what each plan has left, which channels are open, what needs attention.

Pure: what is stored comes in, what a helpdesk's sidebar shows comes out. Sentences are made from
it where it is spoken.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app.domain.catalog.amounts import NO_NAMES, Names, Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel, ChannelTerms
from app.domain.catalog.plans import Plan
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Cap, Subscription, pool_of
from app.domain.ledger.remaining import Remaining, count_remaining, join_remaining
from app.domain.metering.sessions import SessionKind, SessionStatus
from app.domain.promises.deadlines import Status, name_lapse
from app.domain.promises.promises import Metric, Strength
from app.domain.time.calendars import Calendar
from app.domain.values import Value, replace

PlanStatus = Literal["upcoming", "active", "suspended"]
NoticeCode = Literal[
    "units_low",
    "units_exhausted",
    "ends_soon",
    "cap_reached",
    "overage_running",
    "dispute_open",
    "suspended",
]
# How long before the end of a term a helpdesk is shown that it ends.
ENDS_SOON = timedelta(days=30)

# Whether a calendar is open at an instant, and when it opens next.
Opening = Callable[[Calendar, datetime], tuple[bool, datetime | None]]


class ChannelState(Value):
    """A channel that a plan has; `opens_at` is when one that is closed opens next."""

    terms: ChannelTerms
    channel: Channel
    urgent_only: bool
    open_now: bool
    opens_at: datetime | None


class PlanState(Value):
    """A subscription as it stands: its plan's terms, what is left, and how to be reached.

    `coming` is what it begins with, where that is still to come.
    """

    subscription: Subscription
    catalog: Catalog
    plan: Plan
    status: PlanStatus
    quantity: int
    remaining: Remaining
    coming: Remaining | None
    channels: tuple[ChannelState, ...]


class TicketLine(Value):
    """An open ticket with the clock that runs out next, and what it holds."""

    ticket_id: str
    subject: str
    status: Literal["open", "paused"]
    held: int
    metric: Metric | None
    strength: Strength | None
    clock_status: Status | None
    due_at: datetime | None
    breaches_after: datetime | None


class TicketCounts(Value):
    """How many tickets are open and paused; of the open ones how many are at risk or late.

    A ticket is counted by what it owes next, as in the queue: `breached` owes what was guaranteed
    and is past its last instant, `missed` what was aimed at.
    """

    open: int
    paused: int
    at_risk: int
    breached: int
    missed: int


class SessionLine(Value):
    """A session that is booked or runs."""

    session_id: str
    ticket_id: str
    kind: SessionKind
    status: SessionStatus
    starts_at: datetime
    ends_at: datetime


class Notice(Value):
    """Something to be told to whoever serves the customer; `plan` is the one it is about.

    `names` are the seller's own words for what is counted, where it is of one seller.
    """

    code: NoticeCode
    plan: PlanState | None = None
    at: datetime | None = None
    count: int | None = None
    unit: Unit = "minute"
    names: Names = NO_NAMES


def describe_plan(
    subscription: Subscription,
    catalog: Catalog,
    lots: Sequence[Lot],
    *,
    quantity: int,
    cap: Cap | None,
    at: datetime,
    opening: Opening,
) -> PlanState:
    """Return how a subscription stands at `at`; `lots` are its own.

    Its `extra_calendars` are those of the cover that it has at `at`.
    """
    plan = catalog.plans[subscription.plan]
    if subscription.is_suspended(at):
        status: PlanStatus = "suspended"
    else:
        status = "upcoming" if at < subscription.starts_at else "active"
    return PlanState(
        subscription=subscription,
        catalog=catalog,
        plan=plan,
        status=status,
        quantity=quantity,
        remaining=count_remaining(lots, unit=subscription.unit, cap=cap, at=at),
        coming=count_remaining(lots, unit=subscription.unit, at=subscription.starts_at)
        if status == "upcoming"
        else None,
        channels=tuple(
            _open_channels(
                plan, catalog, cover=subscription.extra_calendars, at=at, opening=opening
            )
        ),
    )


def share_lots(
    subscriptions: Sequence[Subscription], lots: Iterable[Lot], *, at: datetime
) -> tuple[dict[UUID, list[Lot]], list[Lot]]:
    """Return the lots that each subscription is shown with, and the usable ones of none.

    Units that outlast the term that they came with (granted again, or carried over) are shown
    with the first active subscription of their pool, if there is one.
    """
    shown: dict[UUID, list[Lot]] = {each.subscription_id: [] for each in subscriptions}
    left: list[Lot] = []
    for lot in lots:
        if lot.subscription_id in shown:
            shown[lot.subscription_id].append(lot)
        elif lot.is_usable(at):
            left.append(lot)
    alone: list[Lot] = []
    for lot in left:
        pool = pool_of(lot)
        beside = (each for each in subscriptions if each.pool == pool)
        found = next((each for each in beside if each.status_at(at) == "active"), None)
        (alone if found is None else shown[found.subscription_id]).append(lot)
    return shown, alone


def find_next_clock(lines: Sequence[TicketLine], *, at: datetime) -> list[TicketLine]:
    """Return open tickets by when their next clock runs out, those that wait for nobody last.

    A clock that was stored as running and has run out since is shown as it is at `at`.
    """
    found = [_lapse(line, at) for line in lines]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    return sorted(found, key=lambda line: line.breaches_after or line.due_at or far)


def list_notices(
    plans: Sequence[PlanState],
    *,
    overage: Mapping[Unit, int],
    names: Mapping[Unit, Names],
    disputes: int,
    at: datetime,
) -> list[Notice]:
    """Return what is worth telling of a customer's plans, the plans in their order.

    `overage` is what is used beyond them, `names` what their sellers call each unit.
    """
    found: list[Notice] = []
    for plan in plans:
        found += _plan_notices(plan, list_beside(plan, plans), at=at)
    for unit, amount in overage.items():
        own = names.get(unit, NO_NAMES)
        found.append(Notice("overage_running", count=amount, unit=unit, names=own))
    if disputes:
        found.append(Notice("dispute_open", count=disputes))
    return found


def list_beside(plan: PlanState, plans: Sequence[PlanState]) -> list[PlanState]:
    """Return the active plans whose units are drawn upon as one with a plan's, itself included."""
    pool = plan.subscription.pool
    return [each for each in plans if each.subscription.pool == pool and each.status == "active"]


def _plan_notices(plan: PlanState, pooled: Sequence[PlanState], *, at: datetime) -> list[Notice]:
    """Return what is worth telling of a plan; of its pool's units once, with the first of it."""
    if plan.status == "suspended":
        return [Notice("suspended", plan, plan.subscription.suspended_at)]
    if plan.status == "upcoming":
        return []
    found: list[Notice] = []
    if plan is pooled[0]:
        remaining = join_remaining([each.remaining for each in pooled])
        joined = replace(plan, remaining=remaining)
        if remaining.available == 0:
            found.append(Notice("units_exhausted", joined, remaining.resets_at))
        elif remaining.low:
            found.append(Notice("units_low", joined, remaining.resets_at))
    cap = plan.remaining.cap
    if cap is not None and cap.used + cap.held >= cap.limit:
        found.append(Notice("cap_reached", plan, cap.resets_at))
    ends_at = plan.subscription.ends_at
    if ends_at is not None and ends_at - at <= ENDS_SOON:
        found.append(Notice("ends_soon", plan, ends_at))
    return found


def _open_channels(
    plan: Plan, catalog: Catalog, *, cover: Sequence[str], at: datetime, opening: Opening
) -> list[ChannelState]:
    found = []
    for channel, terms in catalog.channels.items():
        if channel not in plan.channels:
            continue
        is_open, opens_at = True, None
        if terms.hours is not None:
            known = [opening(catalog.calendars[name], at) for name in (terms.hours, *cover)]
            is_open = any(opens for opens, _ in known)
            opens_at = min((each for _, each in known if each is not None), default=None)
        found.append(
            ChannelState(
                terms=terms,
                channel=terms.channel,
                urgent_only=terms.urgent_only,
                open_now=is_open,
                opens_at=None if is_open else opens_at,
            )
        )
    return found


def _lapse(line: TicketLine, at: datetime) -> TicketLine:
    last = line.breaches_after
    if line.clock_status != "running" or last is None or last >= at or line.strength is None:
        return line
    return TicketLine(
        line.ticket_id,
        line.subject,
        line.status,
        line.held,
        line.metric,
        line.strength,
        name_lapse(line.strength),
        line.due_at,
        line.breaches_after,
    )
