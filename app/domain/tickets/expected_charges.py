"""Expected charges: what a ticket would cost yet, were it to take what it is put at."""

from collections.abc import Sequence

from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.coverage.pricing import Asked, price_ticket
from app.domain.tickets.charges import CANCELLING_OUTCOMES
from app.domain.tickets.tickets import Ticket, TicketEvent

# What decides how much a ticket costs in all; what is put at before that counts no more.
_DECIDED = frozenset({"resolution", "withdrawal", "refund", "dispute_decision"})
_REPRICED = frozenset({"revision", "coverage"})


def expect_overage(
    ticket: Ticket, *, held: int, used: int, events: Sequence[TicketEvent], terms: Catalog
) -> int:
    """Return what of a ticket's units would be billed, were it to take what it is put at.

    It is put at what was asked for, or at what it was revised to last. An open ticket holds no
    more than there is; the rest is overage once it is used: minutes when they are worked, other
    units when it is resolved.
    """
    if ticket.status == "resolved" or ticket.category == BUG_CATEGORY:
        return 0
    if ticket.charge_unit == "minute":
        put = put_at(ticket, events, unit="minute")
        return max(0, put - held - used - ticket.overage_amount)
    plan = terms.plans.get(ticket.plan or "")
    if plan is None or not plan.overage:
        return 0
    whole = _put_at_in_all(ticket, events, terms)
    return max(0, whole - held - used - ticket.overage_amount)


def pays_overage(ticket: Ticket, plan: Plan) -> bool:
    """Say whether what a ticket takes beyond its pool is billed, and not refused.

    `plan` is the one whose unit it counts in: without one of its own, only time is billed.
    """
    return plan.overage and (ticket.plan is not None or plan.unit == "minute")


def find_billed_unit(ticket: Ticket, plan: Plan) -> Unit:
    """Return what is billed of a ticket: what its plan counts in, or, without one, its time."""
    return "minute" if ticket.plan is None else plan.unit


def find_undone_return(events: Sequence[TicketEvent]) -> int:
    """Return what a duplicate or a withdrawal gave back, as far as nothing was revised since.

    The ticket costs it again if it is solved after it was reopened.
    """
    for event in reversed(events):
        match event.type:
            case "revision":
                return 0
            case "resolution" | "withdrawal":
                undone = event.data["outcome"] in CANCELLING_OUTCOMES
                returned: int = sum(each["amount"] for each in event.data["returns"])
                return returned + event.data.get("expected", 0) if undone else 0
    return 0


def expect_again(ticket: Ticket, *, held: int, used: int, events: Sequence[TicketEvent]) -> int:
    """Return what solving a reopened ticket would cost anew: what its last resolution returned."""
    if ticket.status == "resolved" or ticket.charge_unit == "minute" or held or used:
        return 0
    return find_undone_return(events)


def put_at(ticket: Ticket, events: Sequence[TicketEvent], *, unit: Unit | None) -> int:
    """Return what a ticket was put at last, or was asked to take when it was opened.

    That is what it was revised to, or what was agreed in `unit` when it was decided anew who pays.
    """
    for event in reversed(events):
        if event.type == "revision":
            return int(event.data["to"])
        agreed = event.data.get("agreed") if event.type == "coverage" else None
        if agreed is not None and event.data["unit"] == unit:
            return int(agreed)
    asked: int = ticket.request["amount"] or 0
    return asked


def _put_at_in_all(ticket: Ticket, events: Sequence[TicketEvent], terms: Catalog) -> int:
    """Return what a ticket that does not count minutes is put at, its sessions' steps included."""
    steps = 0
    for event in reversed(events):
        if event.type in _DECIDED:
            return 0
        if event.type in _REPRICED and "to" in event.data:
            return int(event.data["to"]) + steps
        steps += event.data.get("incidents", 0)
    request = ticket.request
    asked = Asked(
        category=ticket.asked_category,
        severity=ticket.asked_severity,
        urgent=ticket.asked_urgent,
        channel=ticket.channel,
        variables=request.get("variables") or {},
    )
    plan = terms.plans[ticket.plan or ""]
    price = price_ticket(catalog=terms, plan=plan, asked=asked, amount=request.get("amount"))
    return price.amount + steps
