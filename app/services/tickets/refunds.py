"""What is given back after a charge was settled: refunds, and disputes that lead to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.db.engine.database import Db
from app.db.ledger.ledger import Stamp
from app.db.tickets.tickets import WholeTicket
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import AlreadyRefunded
from app.domain.tickets.tickets import TicketEvent
from app.domain.time.backdating import decide_instant
from app.services.coverage import pools
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import TicketView, lock_ticket, record_event, view_ticket


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
    *,
    account_id: str,
    ticket_id: str,
    amount: int | None,
    cause: str,
    reason: str,
    actor: str,
    reference: str | None,
    at: datetime | None,
    document: dict[str, Any],
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Return what a settled charge took, in part or whole, to the lots it came from.

    Done again with the same `reference` it is answered with the ticket as it is; done again
    without one it is refused, with `already_refunded` where a part is left.
    """
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    is_new = await charges.claim_action(
        db, account, ticket_id, reference=reference, operation="refund", document=document
    )
    if not is_new:
        return await view_ticket(db, whole, now=account.now)
    if reference is None and amount is not None:
        asked: dict[str, object] = {"amount": amount, "cause": cause, "reason": reason}
        _refuse_repetition(whole.events, asked, actor=actor)
    at = decide_instant(at, now=account.now, caller=caller)
    stamp = Stamp(
        effective_at=await charges.charge_instant(db, ticket, at),
        ticket_id=ticket_id,
        reference=reference,
        cause=cause,
        reason=reason,
        actor=actor,
    )
    return await _refund(db, account, whole, amount, at=at, stamp=stamp, dispute=ticket.dispute)


async def dispute_charge(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    reason: str,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Record that the customer disputes the charge; nothing moves until it is decided."""
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    if ticket.dispute is not None and ticket.dispute["status"] == "open":
        raise DisputeOpen(f"The charge of the ticket {ticket_id!r} is disputed already.")
    dispute = {"status": "open", "reason": reason, "opened_at": account.now.isoformat()}
    return await record_event(
        db,
        account,
        whole,
        type_="dispute",
        at=account.now,
        actor=caller.name,
        data={"reason": reason},
        dispute=dispute,
    )


async def decide_dispute(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    refund_amount: int,
    reason: str,
    actor: str,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Decide an open dispute: return `refund_amount` units, or none."""
    account, whole = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    ticket = whole.ticket
    if ticket.dispute is None or ticket.dispute["status"] != "open":
        raise NoDispute(f"The charge of the ticket {ticket_id!r} is not disputed.")
    dispute = {
        **ticket.dispute,
        "status": "decided",
        "refund_amount": refund_amount,
        "decision": reason,
        "decided_by": actor,
        "decided_at": account.now.isoformat(),
    }
    at = account.now
    stamp = Stamp(effective_at=at, ticket_id=ticket_id, cause="dispute", reason=reason, actor=actor)
    if refund_amount:
        return await _refund(db, account, whole, refund_amount, at=at, stamp=stamp, dispute=dispute)
    return await record_event(
        db,
        account,
        whole,
        type_="dispute_decision",
        at=at,
        actor=actor,
        data={"refund_amount": 0, "reason": reason, "recorded_by": caller.name},
        dispute=dispute,
    )


async def _refund(
    db: Db,
    account: LockedAccount,
    whole: WholeTicket,
    amount: int | None,
    *,
    at: datetime,
    stamp: Stamp,
    dispute: Mapping[str, Any] | None,
) -> TicketView:
    ticket = whole.ticket
    charge = await charges.load_charge(db, account.account_id, ticket.ticket_id)
    given = charge.used if amount is None else amount
    movements = charging.refund(charge, given)
    terms, plan = await pools.load_plan(db, ticket)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    returns = charges.describe_returns(returned)
    left = charge.used - given
    charge_events.record_refund(
        account,
        ticket,
        unit=plan.unit,
        amount=given,
        left=left + charge.held,
        cause=stamp.cause,
        at=at,
        returns=returns,
    )
    return await record_event(
        db,
        account,
        whole,
        type_="refund",
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
