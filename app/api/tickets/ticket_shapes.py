"""A ticket as it is on the wire: covered, charged and promised."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from app.api.http.wire import Instant, MoneyWire, Wire, render_money, reply
from app.api.ledger.remaining_shapes import PoolRemainingWire, render_pool_remaining
from app.api.promises.deadline_shapes import DeadlineWire, render_deadlines
from app.domain.catalog.channels import Channel
from app.domain.catalog.time_terms import AS_WORKED
from app.domain.tickets.charges import ChargeStatus
from app.domain.tickets.expected_charges import expect_again, expect_overage
from app.domain.tickets.openings import find_report_to
from app.services.tickets.tickets import TicketView


@reply
class TraceWire:
    """What became of one of the account's pools: accepted, or refused and why."""

    subscription_id: UUID
    """The subscription whose terms the pool carries, by its own id."""
    catalog: str
    """The catalogue that the pool's plan is of, by its code."""
    plan: str
    """The plan that the pool's units are of, by its code in the catalogue."""
    site: str | None
    """The store that the pool is bound to, by its canonical URL; null: account-wide."""
    accepted: bool
    """Whether the pool could pay for the request."""
    code: str | None
    """Why the pool could not pay, as a stable code; null where it could."""
    detail: str
    """What became of the pool, in a sentence."""


@reply
class CoverageWire:
    """The plan that pays for a ticket, or that none does, and why."""

    subscription_id: UUID | None
    """The subscription that the ticket is charged to; null: served without a plan."""
    catalog: str
    """The catalogue that the ticket is served under, by its code."""
    catalog_version: int
    """The version of the catalogue whose terms hold for the ticket."""
    plan: str | None
    """The plan that the ticket is charged to, by its code; null: served without one."""
    priority: int | None
    """The rank of the plan, of which 1 goes first; null without a plan."""
    region: str | None
    """The region by whose hours the ticket is served; null where hours depend on none."""
    on_demand: bool
    """Whether the ticket is served without a plan, behind those with one, and billed."""
    trace: list[TraceWire]
    """Every pool that was asked, in order, and what became of it."""


@reply
class AllocationWire:
    """The part of a ticket's charge that is of one lot."""

    lot_id: UUID
    """The lot that the units belong to, by its own id."""
    amount: int
    """How many units of the lot the ticket holds and has used."""
    held: int
    """How many units of the lot are set aside for the ticket."""
    used: int
    """How many units of the lot the ticket has used for good."""
    expires_at: Instant | None
    """The instant at which the lot ends, itself excluded; null without an end."""


class ReturnWire(Wire):
    """A return: units that came back to one lot, and what became of them."""

    lot_id: UUID
    """The lot that the units had been taken from."""
    amount: int
    """How many units came back from the ticket."""
    to: Literal["lot", "expired", "grace"]
    """Where the units went: back to their lot, expired with it, or granted again."""
    why: str
    """Why the units went there, in a sentence."""
    grace_lot_id: UUID | None
    """The new lot as which the units were granted again; null where they were not."""
    expires_at: Instant | None
    """Until when the units can be used, itself excluded; null: they cannot, or their lot has no
    end."""


@reply
class ChargeWire:
    """The charge of a ticket: its units, by what has become of them."""

    status: ChargeStatus
    """Whether the units are held, settled, returned, refunded in part or whole, or overage to be
    billed; `none`: nothing to pay."""
    unit: str | None
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units the ticket holds and has used."""
    held: int
    """How many units are set aside for the ticket."""
    used: int
    """How many units the ticket has used for good."""
    overage: int
    """How many units were used beyond what there was, to be billed."""
    expected_overage: int
    """How many more units would be billed, if the ticket takes what it was asked or revised to
    take."""
    expected_again: int
    """How many units solving the ticket costs anew, where it was reopened after it was returned as
    a duplicate."""
    overage_rate: MoneyWire | None
    """What an hour of overage costs; null where that is not published."""
    overage_price: MoneyWire | None
    """What each incident or point of overage costs; null where the plan bills none."""
    allocations: list[AllocationWire]
    """The lots that the units are of, in burn order."""
    returns: list[ReturnWire]
    """The units that came back so far, where they went and why."""


class DisputeWire(Wire):
    """A dispute of a ticket's charge: the customer thinks that it is wrong."""

    status: Literal["open", "decided"]
    """Whether the dispute still waits for its decision."""
    reason: str
    """Why the customer disputes the charge."""
    opened_at: Instant
    """The instant at which the charge was disputed."""
    refund_amount: int | None
    """How many units were given back, 0 for none; null while the dispute is open."""
    decision: str | None
    """Why the dispute was decided so; null while it is open."""
    decided_by: str | None
    """Who decided the dispute, as the caller names them; null while it is open."""
    decided_at: Instant | None
    """The instant at which the dispute was decided; null while it is open."""


@reply
class TicketWire:
    """A ticket: who pays, what is charged, what is owed, and how it stands."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    account_id: str
    """The account, by the seller's own id of the customer."""
    subject: str
    """What the ticket is about, in a line."""
    requester: str | None
    """Who asked: an address, or the id of one of the account's contacts; null where nobody was
    named."""
    status: Literal["open", "paused", "resolved"]
    """Whether the ticket is worked on, waits on somebody, or is resolved."""
    waiting_on: str | None
    """On whom the ticket waits, such as `customer`; null while it is not paused."""
    outcome: str | None
    """How the ticket was resolved; null while it is not."""
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
    resolved_at: Instant | None
    """The instant at which the ticket was resolved; null while it is not."""
    split_from: str | None
    """The ticket that this one was split from; null where it was no part of one."""
    sequence: int
    """The number of the last movement of the account's units."""
    coverage: CoverageWire
    """The plan that pays for the ticket, or that none does, and why."""
    charge: ChargeWire
    """The charge of the ticket: its units, by what has become of them."""
    dispute: DisputeWire | None
    """The dispute of the charge; null where there was none."""
    deadlines: list[DeadlineWire]
    """The deadlines of the ticket, one for each metric that is promised."""
    remaining: PoolRemainingWire | None
    """What is left of the pool that the ticket is charged to; null without a plan."""
    report_to: str | None
    """Where the seller wants the request to be reported instead, as a bug to a tracker; null where
    nowhere else."""


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
            trace=[render_trace(line) for line in ticket.trace],
        ),
        charge=_render_charge(view),
        dispute=None if ticket.dispute is None else render_dispute(ticket.dispute),
        deadlines=render_deadlines(view.deadlines),
        remaining=render_pool_remaining(view.remaining, view.terms),
        report_to=find_report_to(view.terms, ticket.category),
    )


def render_trace(line: Mapping[str, Any]) -> TraceWire:
    """Return what became of one pool, as it is stored, as it is on the wire."""
    return TraceWire(
        subscription_id=UUID(line["subscription_id"]),
        catalog=line["catalog"],
        plan=line["plan"],
        site=line["site"],
        accepted=line["accepted"],
        code=line["code"],
        detail=line["detail"],
    )


def render_dispute(dispute: Mapping[str, Any]) -> DisputeWire:
    """Return a stored dispute as it is on the wire."""
    return DisputeWire(**{name: dispute.get(name) for name in DisputeWire.model_fields})


def _render_charge(view: TicketView) -> ChargeWire:
    ticket, charge = view.ticket, view.charge
    held, used = charge.held, charge.used
    plan = view.terms.plans.get(ticket.plan or "")
    is_billed = plan is not None or ticket.on_demand
    time = view.terms.time_terms(ticket.plan) if is_billed else AS_WORKED
    rate = time.hourly_rate(ticket.worked) if time.rates else None
    return ChargeWire(
        status=ticket.charge_status,
        unit=ticket.charge_unit,
        amount=held + used,
        held=held,
        used=used,
        overage=ticket.overage_amount,
        expected_overage=expect_overage(
            ticket, held=held, used=used, events=view.events, terms=view.terms
        ),
        expected_again=expect_again(ticket, held=held, used=used, events=view.events),
        overage_rate=render_money(rate),
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
