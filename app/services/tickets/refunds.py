"""Refunds of a settled charge, and disputes that lead to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.domain.access.refusals import Refusal
from app.domain.events.charge_events import RefundCause, describe_decision, describe_dispute
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import AlreadyRefunded
from app.domain.tickets.expected_charges import find_billed_unit
from app.domain.tickets.tickets import Ticket, TicketEvent
from app.services.coverage import pools
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import TicketChange, TicketView, record_event, view_locked_ticket
from app.services.tickets.unbilling import unbill


class DisputeOpen(Refusal):
    """The charge is disputed already, and not decided."""

    kind = "conflict"
    code = "dispute_open"
    title = "The charge is disputed already"


class NoDispute(Refusal):
    """There is no open dispute to decide."""

    kind = "conflict"
    code = "no_dispute"
    title = "There is no open dispute"


async def refund_charge(
    db: Db,
    change: TicketChange,
    *,
    amount: int | None,
    cause: RefundCause,
    reason: str,
    actor: str,
    reference: str | None,
    document: dict[str, Any],
) -> TicketView:
    """Return what a settled charge took, in part or whole, to the lots it came from.

    What is billed beyond them is given back first: it is billed no more.
    Done again with the same `reference` it is answered with the ticket as it is; done again
    without one it is refused, with `already_refunded` where a part is left.
    """
    account, ticket = change.account, change.ticket
    is_new = await charges.claim_action(
        db, account, ticket.ticket_id, reference=reference, operation="refund", document=document
    )
    if not is_new:
        return await view_locked_ticket(db, account, change.whole)
    if reference is None and amount is not None:
        asked: dict[str, object] = {"amount": amount, "cause": cause, "reason": reason}
        _refuse_repetition(change.whole.events, asked, actor=actor)
    at = change.at
    stamp = Stamp(
        effective_at=await charges.charge_instant(db, account, ticket, at),
        ticket_id=ticket.ticket_id,
        reference=reference,
        cause=cause,
        reason=reason,
        actor=actor,
    )
    return await _refund(
        db, change, amount, at=at, cause=cause, stamp=stamp, dispute=ticket.dispute
    )


async def dispute_charge(db: Db, change: TicketChange, *, reason: str) -> TicketView:
    """Record that the customer disputes the charge; nothing moves until it is decided."""
    account, ticket = change.account, change.ticket
    if ticket.dispute is not None and ticket.dispute["status"] == "open":
        raise DisputeOpen(f"The charge of the ticket {ticket.ticket_id!r} is disputed already.")
    dispute = {"status": "open", "reason": reason, "opened_at": change.at.isoformat()}
    account.record(describe_dispute(ticket, sequence=account.sequence), at=change.at)
    return await record_event(db, change, "dispute", data={"reason": reason}, dispute=dispute)


async def decide_dispute(
    db: Db, change: TicketChange, *, refund_amount: int, reason: str, actor: str
) -> TicketView:
    """Decide an open dispute, not before it was opened: return `refund_amount` units, or none."""
    account, ticket = change.account, change.ticket
    if ticket.dispute is None or ticket.dispute["status"] != "open":
        raise NoDispute(f"The charge of the ticket {ticket.ticket_id!r} is not disputed.")
    at = max(change.at, datetime.fromisoformat(ticket.dispute["opened_at"]))
    if refund_amount:
        at = await charges.charge_instant(db, account, ticket, at)
    dispute = {
        **ticket.dispute,
        "status": "decided",
        "refund_amount": refund_amount,
        "decision": reason,
        "decided_by": actor,
        "decided_at": at.isoformat(),
    }
    stamp = Stamp(
        effective_at=at,
        ticket_id=ticket.ticket_id,
        cause="dispute",
        reason=reason,
        actor=actor,
    )
    if refund_amount:
        view = await _refund(
            db, change, refund_amount, at=at, cause="dispute", stamp=stamp, dispute=dispute
        )
        _record_decision(account, view.ticket, refund_amount, at=at)
        return view
    _record_decision(account, ticket, 0, at=at)
    return await record_event(
        db,
        change,
        "dispute_decision",
        at=at,
        actor=actor,
        data={"refund_amount": 0, "reason": reason, "recorded_by": change.caller.name},
        dispute=dispute,
    )


def _record_decision(
    account: LockedAccount, ticket: Ticket, refund_amount: int, *, at: datetime
) -> None:
    data = describe_decision(ticket, refund_amount=refund_amount, sequence=account.sequence)
    account.record(data, at=at)


async def _refund(
    db: Db,
    change: TicketChange,
    amount: int | None,
    *,
    at: datetime,
    cause: RefundCause,
    stamp: Stamp,
    dispute: Mapping[str, Any] | None,
) -> TicketView:
    account, ticket = change.account, change.ticket
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    terms, plan = await pools.load_plan(db, ticket)
    unit, billed = find_billed_unit(ticket, plan), ticket.overage_amount
    given = charge.used + billed if amount is None else amount
    over, movements = charging.refund_with_overage(
        charge, given, billed=billed, unit=unit, names=terms.names
    )
    await unbill(db, account, ticket, over, unit=unit, stamp=stamp)
    charge_events.record_overage(account, ticket, unit=unit, amount=-over, at=at)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    returns = charges.describe_returns(returned)
    left = charge.used - given + over
    charge_events.record_refund(
        account,
        ticket,
        unit=unit,
        amount=given,
        left=left + charge.held,
        cause=cause,
        at=at,
        returns=returns,
    )
    return await record_event(
        db,
        change,
        "refund",
        at=at,
        actor=stamp.actor,
        data={
            "amount": given,
            "cause": stamp.cause,
            "reason": stamp.reason,
            "reference": stamp.reference,
            "returns": returns,
        },
        dispute=dispute,
        overage_amount=ticket.overage_amount - over,
    )


def _refuse_repetition(
    events: Sequence[TicketEvent], asked: dict[str, object], *, actor: str
) -> None:
    """Refuse with `already_refunded` what was refunded alike since the last resolution.

    A part refunded again by a repeated request would be given twice.
    """
    for event in reversed(events):
        if event.type in ("resolution", "withdrawal"):
            return
        data = event.data
        alike = event.type == "refund" and data["reference"] is None and event.actor == actor
        if alike and all(data[name] == value for name, value in asked.items()):
            raise AlreadyRefunded(
                f"{asked['amount']} were refunded already, for the same reason and by the same"
                " person; give a reference to refund as many again.",
                amount=asked["amount"],
            )
