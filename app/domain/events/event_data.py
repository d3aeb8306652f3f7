"""What events say of what happened: ids, units and times, and nothing of a person.

So an erasure has nothing to blank in them. `sequence` is the account's, with what happened in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.access.keys import ApiKey
from app.domain.events.notices import Level
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.metering.bookings import Session
from app.domain.selling.cancellations import Cancellation
from app.domain.selling.purchases import Purchase
from app.domain.selling.quotes import Quote
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant


def describe_ticket(ticket: Ticket) -> dict[str, Any]:
    """Return which ticket something happened to, and the plan that it is on."""
    return {
        "ticket_id": ticket.ticket_id,
        "catalog": ticket.catalog,
        "plan": ticket.plan,
        "subscription_id": _id(ticket.subscription_id),
    }


def describe_opening(ticket: Ticket) -> dict[str, Any]:
    """Return what was opened: on which plan, by which channel, how urgent."""
    return describe_ticket(ticket) | {
        "channel": ticket.channel,
        "severity": ticket.severity,
        "urgent": ticket.urgent,
        "category": ticket.category,
        "on_demand": ticket.on_demand,
        "opened_at": write_instant(ticket.opened_at),
    }


def describe_units(
    ticket: Ticket, *, unit: str | None, amount: int, sequence: int, **more: object
) -> dict[str, Any]:
    """Return what of a ticket's charge moved: so many units, and `more` about why."""
    return describe_ticket(ticket) | {"unit": unit, "amount": amount, "sequence": sequence} | more


def describe_coverage_change(before: Ticket, after: Ticket, *, sequence: int) -> dict[str, Any]:
    """Return a ticket with who pays for it now, and who did before."""
    return describe_ticket(after) | {
        "previous_catalog": before.catalog,
        "previous_plan": before.plan,
        "previous_subscription_id": _id(before.subscription_id),
        "on_demand": after.on_demand,
        "sequence": sequence,
    }


def describe_dispute(ticket: Ticket, *, sequence: int, **more: object) -> dict[str, Any]:
    """Return a ticket whose charge is disputed, with what it costs; `more` once it is decided."""
    return describe_ticket(ticket) | {
        "unit": ticket.charge_unit,
        "charge_amount": ticket.charge_amount,
        "sequence": sequence,
        **more,
    }


def describe_session(ticket: Ticket, session: Session, *, sequence: int) -> dict[str, Any]:
    """Return which session of a ticket something happened to, and its slot."""
    return describe_ticket(ticket) | {
        "session_id": session.session_id,
        "kind": session.kind,
        "starts_at": write_instant(session.starts_at),
        "ends_at": write_instant(session.ends_at),
        "sequence": sequence,
    }


def describe_session_move(
    ticket: Ticket, session: Session, before: Session, *, sequence: int
) -> dict[str, Any]:
    """Return a session that was moved, with the slot that it had."""
    return describe_session(ticket, session, sequence=sequence) | {
        "previous_starts_at": write_instant(before.starts_at),
        "previous_ends_at": write_instant(before.ends_at),
    }


def describe_session_start(
    ticket: Ticket, session: Session, *, started_at: datetime, sequence: int
) -> dict[str, Any]:
    """Return a session that began, with the further incidents that its ticket was charged."""
    return describe_session(ticket, session, sequence=sequence) | {
        "started_at": write_instant(started_at),
        "incidents": session.charged,
    }


def describe_session_end(
    ticket: Ticket,
    session: Session,
    *,
    started_at: datetime,
    ended_at: datetime,
    sequence: int,
) -> dict[str, Any]:
    """Return a session that ended, with the minutes that count and what they cost."""
    return describe_session_start(ticket, session, started_at=started_at, sequence=sequence) | {
        "ended_at": write_instant(ended_at),
        "minutes": session.minutes,
        "over_minutes": session.over_minutes,
        "ended_by": session.ended_by,
    }


def describe_purchase(order: Purchase) -> dict[str, Any]:
    """Return which order something happened to, and what it sells."""
    return {
        "order_id": order.order_id,
        "catalog": order.catalog,
        "offer": order.offer,
        "plan": order.terms.plan,
        "site": order.site,
        "subscription_id": _id(order.subscription_id),
    }


def describe_quote(quote: Quote) -> dict[str, Any]:
    """Return a price that was promised, until when, and what it is for."""
    return {
        "quote_id": str(quote.quote_id),
        "catalog": quote.catalog,
        "offer": quote.offer,
        "plan": quote.terms.plan,
        "site": quote.site,
        "quantity": quote.terms.quantity,
        "total": {"amount": quote.total_amount, "currency": quote.total_currency},
        "upgrades": quote.upgraded_order_id,
        "valid_until": write_instant(quote.valid_until),
    }


def describe_pending(order: Purchase) -> dict[str, Any]:
    """Return an order that waits for its payment, and what is to be paid."""
    return describe_purchase(order) | {
        "total": {"amount": order.total_amount, "currency": order.total_currency},
        "quote_id": _id(order.quote_id),
    }


def describe_subscription(subscription: Subscription) -> dict[str, Any]:
    """Return which subscription something happened to, and the plan that it is of."""
    return {
        "subscription_id": str(subscription.subscription_id),
        "order_id": subscription.order_id,
        "catalog": subscription.catalog,
        "plan": subscription.plan,
        "site": subscription.site,
        "ends_at": None if subscription.ends_at is None else write_instant(subscription.ends_at),
    }


def describe_subscription_move(
    moved: Subscription, *, from_site: str | None, sequence: int
) -> dict[str, Any]:
    """Return a subscription that covers another store now, and the store that it was of."""
    return describe_subscription(moved) | {"from_site": from_site, "sequence": sequence}


def describe_activation(
    order: Purchase,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    lots: Sequence[Lot],
    sequence: int,
) -> dict[str, Any]:
    """Return what a paid order gives: its term, and its units; `granted` None: without a count."""
    counted = [lot.granted for lot in lots if lot.granted is not None]
    return describe_purchase(order) | {
        "starts_at": write_instant(starts_at),
        "ends_at": None if ends_at is None else write_instant(ends_at),
        "unit": lots[0].unit if lots else None,
        "granted": sum(counted) if counted or not lots else None,
        "sequence": sequence,
    }


def describe_cancellation(
    order: Purchase, decided: Cancellation, *, revoked: int, sequence: int
) -> dict[str, Any]:
    """Return what a cancellation took back, and what of the price is to be paid back."""
    return describe_purchase(order) | {
        "refund": {"amount": decided.refund_amount, "currency": order.total_currency},
        "replaced_by": decided.replaced_by,
        "unit": order.terms.unit,
        "revoked": revoked,
        "sequence": sequence,
    }


def describe_end(order: Purchase, *, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    """Return an order, with its term, which is over."""
    return describe_purchase(order) | {
        "starts_at": write_instant(starts_at),
        "ends_at": write_instant(ends_at),
    }


def describe_lot(lot: Lot, *, amount: int, sequence: int) -> dict[str, Any]:
    """Return a lot of which something is told: of so many of its units."""
    return {
        "lot_id": str(lot.lot_id),
        "catalog": lot.catalog,
        "plan": lot.plan,
        "site": lot.site,
        "subscription_id": str(lot.subscription_id),
        "order_id": lot.order_id,
        "unit": lot.unit,
        "amount": amount,
        "expires_at": None if lot.expires_at is None else write_instant(lot.expires_at),
        "sequence": sequence,
    }


def describe_level(terms_of: Lot, level: Level, *, sequence: int) -> dict[str, Any]:
    """Return what is left of a pool; `terms_of` is the lot whose subscription's terms hold."""
    return _describe_pool(terms_of) | {
        "available": level.free,
        "granted": level.granted,
        "sequence": sequence,
    }


def describe_fair_use(
    lot: Lot, *, used: int, fair_use: int, month: tuple[datetime, datetime], sequence: int
) -> dict[str, Any]:
    """Return how often a lot without a count was used within one month of its term."""
    starts_at, ends_at = month
    return _describe_pool(lot) | {
        "lot_id": str(lot.lot_id),
        "used": used,
        "fair_use": fair_use,
        "from": write_instant(starts_at),
        "until": write_instant(ends_at),
        "sequence": sequence,
    }


def _describe_pool(lot: Lot) -> dict[str, Any]:
    return {
        "catalog": lot.catalog,
        "plan": lot.plan,
        "site": lot.site,
        "subscription_id": str(lot.subscription_id),
        "unit": lot.unit,
    }


def describe_key(key: ApiKey) -> dict[str, Any]:
    """Return a key as events show it: neither its name nor anything of its secret."""
    return {
        "key_id": str(key.key_id),
        "role": key.role,
        "scopes": list(key.scopes),
        "account_id": key.bound_account_id,
        "expires_at": None if key.expires_at is None else write_instant(key.expires_at),
    }


def describe_returns(returns: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where units came back to, without the sentence that says why."""
    return [{name: value for name, value in each.items() if name != "why"} for each in returns]


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
