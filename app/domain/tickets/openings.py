"""Openings: who pays for a ticket, what it holds, and what is owed, decided in one place.

`decide_opening` is what coverage shows, a dry run answers, opening writes and splitting uses.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.domain.access.callers import Caller
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.coverage.coverage import Coverage, CoverageInputs, decide_coverage
from app.domain.coverage.not_covered import describe_trace
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import OpeningHours
from app.domain.coverage.sites import canonical_site
from app.domain.ledger.ledger import Lot
from app.domain.ledger.remaining import Remaining, count_remaining
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.charges import Charge, held_charge
from app.domain.tickets.queue_order import WAITING
from app.domain.tickets.tickets import Ticket, TicketCover, TicketEvent
from app.domain.time.business_time import OpenTime
from app.domain.values import Value, replace

# A version's calendars by name, with the open time of the cover bought on top.
OpenTimes = Callable[[Catalog, int, Sequence[str]], Mapping[str, OpenTime]]


class TicketOrder(Value):
    """A ticket as it is asked for, under the helpdesk's own id."""

    ticket_id: str
    subject: str
    request: Request
    catalog: str | None
    at: datetime | None
    document: Mapping[str, Any]
    split_from: str | None = None
    requester: str | None = None
    origin: "Origin | None" = None


class Origin(Value):
    """What a part has of the ticket that it was split from: when that was asked, and its past."""

    opened_at: datetime
    past: Sequence[ClockEvent]


class Opening(Value):
    """What opening a ticket at `at` gives: who pays, from which version, and what is owed."""

    request: Request
    coverage: Coverage
    catalog_version: int
    at: datetime
    deadlines: tuple[Deadline, ...]

    @property
    def charge(self) -> Charge:
        """What the ticket holds."""
        return held_charge(self.coverage.allocations)

    @property
    def extra_calendars(self) -> tuple[str, ...]:
        """The cover that is in force when it is opened."""
        pool = self.coverage.pool
        return pool.subscription.extra_calendars if pool else ()

    @property
    def region(self) -> str | None:
        """The customer's region, by whose calendars its hours go."""
        pool = self.coverage.pool
        return pool.subscription.region if pool else None

    def remaining(self) -> Remaining | None:
        """Return what is left of the pool afterwards; None without a plan."""
        pool = self.coverage.pool
        if pool is None:
            return None
        held = {each.lot.lot_id: each.amount for each in self.coverage.allocations}
        lots = [_hold(lot, held.get(lot.lot_id, 0)) for lot in pool.lots]
        cap = pool.cap and replace(pool.cap, held=pool.cap.held + self.coverage.held)
        return count_remaining(lots, unit=self.coverage.price.unit, at=self.at, cap=cap)


def decide_opening(
    request: Request,
    *,
    inputs: CoverageInputs,
    caller: Caller,
    at: datetime,
    now: datetime,
    hours: OpeningHours,
    open_times: OpenTimes,
) -> Opening:
    """Return what opening such a ticket at `at` gives, or refuse as `decide_coverage` does.

    What ended or was suspended between `at` and `now` stays so for callers without
    `history:write`. A price off the list needs `ledger:write`.
    """
    if request.site is not None:
        ignore_www = inputs.current.policies.ignore_www
        request = replace(request, site=canonical_site(request.site, ignore_www=ignore_www))
    coverage = decide_coverage(
        request,
        current=inputs.current,
        pools=inputs.pools,
        at=at,
        hours=hours,
        ended_by=at if caller.may("history:write") else now,
        region=inputs.region,
        asker=inputs.asker,
        counts=inputs.counts,
    )
    if coverage.price.off_list:
        caller.require("ledger:write", why="A price off the list")
    pool = coverage.pool
    version = pool.subscription.catalog_version if pool else inputs.version
    deadlines: tuple[Deadline, ...] = ()
    if pool is not None and coverage.promises:
        deadlines = run_clocks(
            promises=coverage.promises,
            calendars=open_times(pool.terms, version, pool.subscription.extra_calendars),
            opened_at=at,
            severity=request.severity,
            urgent=request.urgent,
            events=(),
            now=now,
        )
    return Opening(replace(request, site=coverage.site), coverage, version, at, deadlines)


def make_ticket(opening: Opening, order: TicketOrder, *, account_id: str, now: datetime) -> Ticket:
    """Return the new ticket that an opening makes of an order."""
    coverage, request = opening.coverage, opening.request
    return Ticket(
        account_id=account_id,
        ticket_id=order.ticket_id,
        request=dict(order.document),
        subject=order.subject,
        requester=order.requester,
        status="open",
        waiting_on=None,
        outcome=None,
        channel=coverage.channel,
        severity=request.severity,
        urgent=request.urgent,
        topic=request.topic,
        charge_status=opening.charge.status(overage=0),
        charge_amount=coverage.held,
        charge_held=coverage.held,
        overage_amount=0,
        split_from=order.split_from,
        dispute=None,
        opened_at=opening.at if order.origin is None else order.origin.opened_at,
        resolved_at=None,
        last_event_at=opening.at,
        events=0 if order.origin is None else len(order.origin.past),
        unanswered=True,
        queue_group=WAITING,
        next_metric=None,
        next_strength=None,
        due_at=None,
        breaches_after=None,
        warn_at=None,
        version=1,
        created_at=now,
        **describe_cover(opening),
    )


def describe_past(ticket: Ticket, origin: Origin, caller: Caller) -> list[TicketEvent]:
    """Return the events that a part begins with: the past of the ticket that it was split from."""
    return [
        TicketEvent(
            account_id=ticket.account_id,
            ticket_id=ticket.ticket_id,
            number=number,
            type=event.type,
            at=event.at,
            recorded_at=ticket.created_at,
            actor=caller.name,
            data={"split_from": ticket.split_from}
            | ({} if event.waiting_on is None else {"waiting_on": event.waiting_on}),
        )
        for number, event in enumerate(origin.past, start=1)
    ]


def describe_cover(opening: Opening) -> TicketCover:
    """Return what a ticket has of the decision who pays for it."""
    coverage, request, pool = opening.coverage, opening.request, opening.coverage.pool
    return TicketCover(
        category=request.category,
        variables=dict(request.variables),
        site=request.site,
        catalog=coverage.terms.code,
        catalog_version=opening.catalog_version,
        promise_version=opening.catalog_version,
        plan=pool.plan.code if pool else None,
        subscription_id=pool.subscription.subscription_id if pool else None,
        rank=pool.plan.rank if pool else None,
        on_demand=coverage.on_demand,
        promised=bool(coverage.promises),
        extra_calendars=list(opening.extra_calendars),
        region=opening.region,
        trace=describe_trace(coverage.trace),
        charge_unit=coverage.price.unit,
    )


def cover_ticket(ticket: Ticket, opening: Opening) -> Ticket:
    """Return an open ticket as who pays for it was decided anew, with nothing charged yet."""
    return replace(
        ticket, **describe_cover(opening), charge_amount=0, charge_held=0, overage_amount=0
    )


def find_report_to(terms: Catalog, category: str | None) -> str | None:
    """Return where the seller wants a bug to be reported, for a bug report; None otherwise."""
    return terms.policies.bug_report_to if category == BUG_CATEGORY else None


def _hold(lot: Lot, amount: int) -> Lot:
    return replace(lot, held=lot.held + amount) if amount else lot
