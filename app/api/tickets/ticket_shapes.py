"""A ticket as it is on the wire: covered, charged and promised."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from app.api.http.wire import Instant, MoneyWire, Wire, render_money
from app.api.ledger.remaining_shapes import PoolRemainingWire, render_pool_remaining
from app.api.promises.deadline_shapes import DeadlineWire, render_deadlines
from app.domain.catalog.channels import Channel
from app.domain.tickets.charges import ChargeStatus
from app.domain.tickets.expected_charges import expect_again, expect_overage
from app.domain.tickets.openings import find_report_to
from app.services.tickets.tickets import TicketView


class TraceWire(Wire):
    """What became of one of the account's pools: accepted, or refused and why."""

    subscription_id: UUID
    """The subscription whose terms the pool carries."""
    catalog: str
    """The catalogue, by its code."""
    plan: str
    """The plan, by its code in the catalogue."""
    site: str | None
    """The store it is bound to."""
    accepted: bool
    """Whether it could pay for this."""
    code: str | None
    """Why not: a stable code."""
    detail: str
    """Why not, in a sentence."""


class CoverageWire(Wire):
    """Who pays for a ticket."""

    subscription_id: UUID | None
    """The subscription; null: served without a plan."""
    catalog: str
    """The catalogue, by its code."""
    catalog_version: int
    """The version of the terms that hold."""
    plan: str | None
    """The plan, by its code in the catalogue."""
    priority: int | None
    """The plan's rank; 1 goes first."""
    region: str | None
    """The region by whose hours it is served, where those depend on it."""
    on_demand: bool
    """Served without a plan, behind those with one, and billed."""
    trace: list[TraceWire]
    """Every pool that was asked, in order."""


class AllocationWire(Wire):
    """A ticket's part of one lot."""

    lot_id: UUID
    """The lot that the units belong to."""
    amount: int
    """Held and used of it."""
    held: int
    """How many units are set aside."""
    used: int
    """How many units are taken for good."""
    expires_at: Instant | None
    """When the lot ends; null without an end."""


class ReturnWire(Wire):
    """Units that came back, and what became of them."""

    lot_id: UUID
    """The lot that they came from."""
    amount: int
    """How many units came back."""
    to: Literal["lot", "expired", "grace"]
    """Back in the lot, lapsed with it, or granted again."""
    why: str
    """Why, in a sentence."""
    grace_lot_id: UUID | None
    """The lot that they were granted again as."""
    expires_at: Instant | None
    """Until when they may be used; null: they may not, or without an end."""


class ChargeWire(Wire):
    """What a ticket costs."""

    status: ChargeStatus
    """Nothing to pay, held, settled, returned, refunded in part or whole, or beyond the plan."""
    unit: str | None
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units are held and used."""
    held: int
    """How many units are set aside."""
    used: int
    """How many units are taken for good."""
    overage: int
    """Used beyond what there was, to be billed."""
    expected_overage: int
    """What more would be billed, if it takes what it was asked or revised to take."""
    expected_again: int
    """What solving it costs anew, where it was reopened after it was returned as a duplicate."""
    overage_rate: MoneyWire | None
    """What an hour of overage costs, where that is published."""
    overage_price: MoneyWire | None
    """What each incident or point of overage costs, where the plan bills them."""
    allocations: list[AllocationWire]
    """Of which lots, first to burn first."""
    returns: list[ReturnWire]
    """What came back so far, where to and why."""


class DisputeWire(Wire):
    """A charge that the customer disputes."""

    status: Literal["open", "decided"]
    """Whether it is decided."""
    reason: str
    """Why the customer disputes it."""
    opened_at: Instant
    """When the charge was disputed."""
    refund_amount: int | None
    """What was given back."""
    decision: str | None
    """Why it was decided so."""
    decided_by: str | None
    """Who decided the dispute; null while open."""
    decided_at: Instant | None
    """When it was decided; null while open."""


class TicketWire(Wire):
    """A ticket with its charge, its deadlines and what happened to it."""

    ticket_id: str
    """The helpdesk's own id of it."""
    account_id: str
    """The customer, by the seller's own id."""
    subject: str
    """What it is about."""
    requester: str | None
    """Who asked: an address, or the id of one of the account's contacts."""
    status: Literal["open", "paused", "resolved"]
    """How it stands now."""
    waiting_on: str | None
    """Who it waits on, while paused."""
    outcome: str | None
    """How it was resolved."""
    channel: Channel
    """Through which it came."""
    severity: int | None
    """1 (gravest) to 4."""
    urgent: bool
    """Whether it is hurried."""
    category: str | None
    """The row of the rate card that priced it."""
    topic: str | None
    """What it is about, of the catalogue's topics."""
    site: str | None
    """The store it is about, in canonical form."""
    opened_at: Instant
    """When it was asked."""
    resolved_at: Instant | None
    """When it was resolved."""
    split_from: str | None
    """The ticket that it was a part of."""
    sequence: int
    """The number of the last movement of the account's units."""
    coverage: CoverageWire
    """Which plan pays, and why."""
    charge: ChargeWire
    """What it costs in all."""
    dispute: DisputeWire | None
    """Whether the charge is disputed."""
    deadlines: list[DeadlineWire]
    """What is owed, and by when."""
    remaining: PoolRemainingWire | None
    """What is left of the pool that it is charged to; null without a plan."""
    report_to: str | None
    """Where the seller wants it to be reported instead: a bug that belongs in a tracker."""


def render_ticket(view: TicketView) -> TicketWire:
    """Return a ticket as it is on the wire."""
    ticket = view.ticket
    return TicketWire(
        ticket_id=ticket.ticket_id,
        account_id=ticket.account_id,
        subject=ticket.subject,
        requester=ticket.requester,
        status=ticket.status,
        waiting_on=ticket.waiting_on,
        outcome=ticket.outcome,
        channel=ticket.channel,
        severity=ticket.severity,
        urgent=ticket.urgent,
        category=ticket.category,
        topic=ticket.topic,
        site=ticket.site,
        opened_at=ticket.opened_at,
        resolved_at=ticket.resolved_at,
        split_from=ticket.split_from,
        sequence=view.sequence,
        coverage=CoverageWire(
            subscription_id=ticket.subscription_id,
            catalog=ticket.catalog,
            catalog_version=ticket.catalog_version,
            plan=ticket.plan,
            priority=ticket.rank,
            region=ticket.region,
            on_demand=ticket.on_demand,
            trace=[TraceWire(**line) for line in ticket.trace],
        ),
        charge=_render_charge(view),
        dispute=None if ticket.dispute is None else render_dispute(ticket.dispute),
        deadlines=render_deadlines(view.deadlines),
        remaining=render_pool_remaining(view.remaining, view.terms),
        report_to=find_report_to(view.terms, ticket.category),
    )


def render_dispute(dispute: Mapping[str, Any]) -> DisputeWire:
    """Return a stored dispute as it is on the wire."""
    return DisputeWire(**{name: dispute.get(name) for name in DisputeWire.model_fields})


def _render_charge(view: TicketView) -> ChargeWire:
    ticket, charge = view.ticket, view.charge
    plan = view.terms.plans.get(ticket.plan or "")
    return ChargeWire(
        status=ticket.charge_status,
        unit=ticket.charge_unit,
        amount=charge.held + charge.used,
        held=charge.held,
        used=charge.used,
        overage=ticket.overage_amount,
        expected_overage=expect_overage(
            ticket, held=charge.held, used=charge.used, events=view.events, terms=view.terms
        ),
        expected_again=expect_again(ticket, held=charge.held, used=charge.used, events=view.events),
        overage_rate=render_money(plan.hourly_rate(urgent=ticket.urgent, category=ticket.category))
        if plan
        else None,
        overage_price=render_money(plan.overage_price) if plan else None,
        allocations=[
            AllocationWire(
                lot_id=lot.lot_id,
                amount=use.held + use.used,
                held=use.held,
                used=use.used,
                expires_at=lot.expires_at,
            )
            for lot, use in charge.in_burn_order()
            if use.held or use.used
        ],
        returns=[
            ReturnWire(**each) for event in view.events for each in event.data.get("returns", [])
        ],
    )
