"""What becomes of a ticket's charge: revised, settled or returned, refunded, split, disputed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.db import ledger, tickets
from app.db.accounts import LockedAccount
from app.db.database import Db
from app.db.ledger import Stamp
from app.domain import charges as charging
from app.domain.callers import Caller
from app.domain.catalogs import Catalog, Plan
from app.domain.charges import Charge, ChargeSettled
from app.domain.coverage import InsufficientUnits
from app.domain.ledger import Lot, Movement, draw
from app.domain.occurrences import decide_instant
from app.domain.pricing import price_ticket
from app.domain.refusals import Refusal
from app.domain.requests import Request
from app.services import charges, pools
from app.services.repeats import claim_reference, require_same
from app.services.tickets import (
    TicketOrder,
    TicketResolved,
    TicketView,
    lock_ticket,
    open_new_ticket,
    record_event,
    view_ticket,
)

RETURNING_OUTCOMES = frozenset({"vendor_defect", "duplicate", "withdrawn"})


class BelowUsed(Refusal):
    """The new amount is less than the ticket has used already; a refund returns that."""

    kind = "conflict"
    code = "below_used"
    title = "Less than the ticket has used"


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


async def resolve_ticket(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    outcome: str,
    amount: int | None,
    at: datetime | None,
    reason: str | None,
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Resolve a ticket: settle its charge in whole, in part or above the hold, or return it.

    `vendor_defect`, `duplicate` and `withdrawn` return everything held unless an amount is
    given. A resolved ticket is refused: a charge is resolved exactly once.
    """
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if row["status"] == "resolved":
        raise TicketResolved(f"The ticket {ticket_id!r} is resolved already.")
    at = decide_instant(at, now=account.now, caller=caller)
    charge = await charges.load_charge(db, account_id, ticket_id)
    if amount is None:
        total = charge.used if outcome in RETURNING_OUTCOMES else charge.used + charge.held
    else:
        total = amount
    if total < charge.used:
        raise BelowUsed(
            f"The ticket has used {charge.used} units already; refund what is too much.",
            used=charge.used,
        )
    stamp = Stamp(
        effective_at=await _charge_instant(db, row, at),
        ticket_id=ticket_id,
        cause=outcome,
        reason=reason,
        actor=caller.name,
    )
    overage, returns = await _settle(db, account, row, charge, total - charge.used, stamp=stamp)
    status = _resolved_status(row, charge, total, overage)
    return await record_event(
        db,
        account,
        row,
        type_="withdrawal" if outcome == "withdrawn" else "resolution",
        at=at,
        actor=caller.name,
        data={"outcome": outcome, "reason": reason, "returns": returns},
        outcome=outcome,
        resolved_at=at,
        charge_status=status,
        charge_amount=total - overage,
        overage_amount=row["overage_amount"] + overage,
    )


async def revise_charge(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    amount: int | None,
    category: str | None,
    variables: Mapping[str, int],
    reason: str,
    reference: str | None,
    at: datetime | None,
    document: dict[str, Any],
    caller: Caller,
    if_match: str | None,
) -> TicketView:
    """Raise or lower what an open ticket holds, to an amount or to another category's price.

    More than is there is refused with what would have been needed, or becomes overage where
    the plan allows it.
    """
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if await _done_before(
        db, account, ticket_id, reference=reference, operation="revision", document=document
    ):
        return await view_ticket(db, row, now=account.now)
    if row["status"] == "resolved":
        raise ChargeSettled(f"The charge of the ticket {ticket_id!r} is settled; reopen it first.")
    at = decide_instant(at, now=account.now, caller=caller)
    charge = await charges.load_charge(db, account_id, ticket_id)
    terms, plan = await pools.load_plan(db, row)
    changes: dict[str, Any] = {}
    if amount is None:
        price = price_ticket(
            catalog=terms, plan=plan, category=category, variables=variables, amount=None
        )
        amount = price.amount
        changes = {"category": category, "variables": dict(variables)}
    elif category is not None:
        changes = {"category": category, "variables": dict(variables)}
    if _is_below_list(terms, plan, {**row, **changes}, amount):
        caller.require("ledger:write", why="A price below the list")
    if amount < charge.used:
        raise BelowUsed(
            f"The ticket has used {charge.used} units already; refund what is too much.",
            used=charge.used,
        )
    stamp = Stamp(
        effective_at=await _charge_instant(db, row, at),
        ticket_id=ticket_id,
        reference=reference,
        reason=reason,
        actor=caller.name,
    )
    returns = await _hold_total(db, account, row, plan, charge, amount, stamp=stamp)
    held = amount - charge.used
    return await record_event(
        db,
        account,
        row,
        type_="revision",
        at=at,
        actor=caller.name,
        data={
            "from": charge.held + charge.used,
            "to": amount,
            "reason": reason,
            "returns": returns,
        },
        charge_status="held" if held else row["charge_status"] if charge.used else "none",
        charge_amount=amount,
        **changes,
    )


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

    Done again it is refused, or, with the same `reference`, answered with the ticket as it is.
    """
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if await _done_before(
        db, account, ticket_id, reference=reference, operation="refund", document=document
    ):
        return await view_ticket(db, row, now=account.now)
    at = decide_instant(at, now=account.now, caller=caller)
    stamp = Stamp(
        effective_at=await _charge_instant(db, row, at),
        ticket_id=ticket_id,
        reference=reference,
        cause=cause,
        reason=reason,
        actor=actor,
    )
    return await _refund(db, account, row, amount, at=at, stamp=stamp, changes={})


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
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if row["dispute"] is not None and row["dispute"]["status"] == "open":
        raise DisputeOpen(f"The charge of the ticket {ticket_id!r} is disputed already.")
    dispute = {"status": "open", "reason": reason, "opened_at": account.now.isoformat()}
    return await record_event(
        db,
        account,
        row,
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
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    if row["dispute"] is None or row["dispute"]["status"] != "open":
        raise NoDispute(f"The charge of the ticket {ticket_id!r} is not disputed.")
    dispute = row["dispute"] | {
        "status": "decided",
        "refund_amount": refund_amount,
        "decision": reason,
        "decided_by": actor,
        "decided_at": account.now.isoformat(),
    }
    at = account.now
    stamp = Stamp(effective_at=at, ticket_id=ticket_id, cause="dispute", reason=reason, actor=actor)
    if refund_amount:
        return await _refund(
            db, account, row, refund_amount, at=at, stamp=stamp, changes={"dispute": dispute}
        )
    return await record_event(
        db,
        account,
        row,
        type_="dispute_decision",
        at=at,
        actor=actor,
        data={"refund_amount": 0, "reason": reason},
        dispute=dispute,
    )


async def split_ticket(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    parts: Sequence[Mapping[str, Any]],
    caller: Caller,
    if_match: str | None,
) -> list[TicketView]:
    """Open further tickets for the other questions in one; the first keeps its charge.

    Each part is charged on its own and inherits what it leaves out. All of them are opened, or
    none is. The whole done again answers with the parts as they are.
    """
    account, row = await lock_ticket(
        db, account_id=account_id, ticket_id=ticket_id, if_match=if_match
    )
    views = [await view_ticket(db, row, now=account.now)]
    for part in parts:
        document = _inherit(row, part)
        seen = await tickets.find_ticket(db, account_id, document["ticket_id"])
        if seen is not None:
            require_same(
                f"The ticket {document['ticket_id']!r}", then=seen["request"], now=document
            )
            views.append(await view_ticket(db, seen, now=account.now))
            continue
        order = order_from_document(document, split_from=ticket_id)
        views.append(await open_new_ticket(db, account, order=order, caller=caller))
    views[0] = replace(views[0], sequence=account.sequence)
    return views


def order_from_document(
    document: Mapping[str, Any], *, split_from: str | None = None
) -> TicketOrder:
    """Return a ticket's order from its document, as it is kept with the ticket."""
    at = document["at"]
    return TicketOrder(
        ticket_id=document["ticket_id"],
        subject=document["subject"],
        request=Request(
            channel=document["channel"],
            severity=document["severity"],
            urgent=document["urgent"],
            plan=document["plan"],
            site=document["site"],
            category=document["category"],
            variables=document["variables"],
            topic=document["topic"],
            amount=document["amount"],
        ),
        catalog=document["catalog"],
        at=None if at is None else datetime.fromisoformat(at),
        document=document,
        split_from=split_from,
    )


def _inherit(row: Any, part: Mapping[str, Any]) -> dict[str, Any]:
    inherited = dict(row["request"]) | {
        "catalog": row["catalog"],
        "plan": row["request"]["plan"] or row["plan"],
        "channel": row["channel"],
        "severity": row["severity"],
        "urgent": row["urgent"],
        "at": None,
    }
    given = {name: value for name, value in part.items() if value is not None}
    if "category" in given:
        inherited |= {"variables": {}, "amount": None}
    return inherited | given


async def _settle(
    db: Db, account: LockedAccount, row: Any, charge: Charge, amount: int, *, stamp: Stamp
) -> tuple[int, list[dict[str, Any]]]:
    """Use `amount` more; return what of it is overage, and what came back."""
    pool: list[Lot] = []
    terms, plan = await pools.load_plan(db, row)
    if amount > charge.held:
        pool = await pools.load_lots(db, account, row, stamp.effective_at)
    movements, missing = charging.settle(charge, amount, pool=pool, at=stamp.effective_at)
    if missing and not plan.overage:
        raise _insufficient(charge, plan, amount + charge.used, missing)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    if missing:
        await ledger.post_overage(db, account, unit=plan.unit, amount=missing, stamp=stamp)
    return missing, charges.describe_returns(returned)


async def _hold_total(
    db: Db,
    account: LockedAccount,
    row: Any,
    plan: Plan,
    charge: Charge,
    amount: int,
    *,
    stamp: Stamp,
) -> list[dict[str, Any]]:
    """Make a ticket hold what is missing to `amount` in all, or give back what is more."""
    more = amount - charge.used - charge.held
    terms, _ = await pools.load_plan(db, row)
    if more <= 0:
        movements = charging.release(charge, -more)
    else:
        pool = await pools.load_lots(db, account, row, stamp.effective_at)
        allocations, missing = draw(pool, more, at=stamp.effective_at)
        if missing:
            raise _insufficient(charge, plan, amount, missing)
        movements = charging.hold(allocations)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    return charges.describe_returns(returned)


async def _refund(
    db: Db,
    account: LockedAccount,
    row: Any,
    amount: int | None,
    *,
    at: datetime,
    stamp: Stamp,
    changes: dict[str, Any],
) -> TicketView:
    charge = await charges.load_charge(db, account.account_id, row["ticket_id"])
    given = charge.used if amount is None else amount
    movements: list[Movement] = charging.refund(charge, given)
    terms, _ = await pools.load_plan(db, row)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    left = charge.used - given
    return await record_event(
        db,
        account,
        row,
        type_="refund",
        at=at,
        actor=stamp.actor,
        data={
            "amount": given,
            "cause": stamp.cause,
            "reason": stamp.reason,
            "returns": charges.describe_returns(returned),
        },
        charge_status="held" if charge.held else "partly_refunded" if left else "refunded",
        charge_amount=left + charge.held,
        **changes,
    )


async def _done_before(
    db: Db,
    account: LockedAccount,
    ticket_id: str,
    *,
    reference: str | None,
    operation: str,
    document: dict[str, Any],
) -> bool:
    done = await claim_reference(
        db,
        account,
        reference=reference,
        operation=operation,
        request={"ticket_id": ticket_id} | document,
        result_id=ticket_id,
    )
    return done is not None


async def _charge_instant(db: Db, row: Any, at: datetime) -> datetime:
    """Return when a charge's movement takes effect: not before the movement it follows."""
    last = await ledger.last_ticket_entry_at(db, row["account_id"], row["ticket_id"])
    return at if last is None else max(at, last)


def _insufficient(charge: Charge, plan: Plan, required: int, missing: int) -> InsufficientUnits:
    available = required - missing
    return InsufficientUnits(
        f"It costs {required} {plan.unit}s in all, and {available} are there.",
        required=required,
        available=available,
        shortfall=missing,
        unit=plan.unit,
    )


def _is_below_list(terms: Catalog, plan: Plan, ticket: Mapping[str, Any], amount: int) -> bool:
    """Say whether an amount is less than the list asks for such a ticket."""
    rate = terms.rate_card.get(ticket["category"] or "")
    if plan.unit != "point" or rate is None or rate.kind == "on_request":
        return False
    listed = price_ticket(
        catalog=terms,
        plan=plan,
        category=ticket["category"],
        variables=ticket["variables"],
        amount=None,
    )
    return amount < listed.amount


def _resolved_status(row: Any, charge: Charge, total: int, overage: int) -> str:
    if overage:
        return "overage"
    if total == charge.used and charge.held:
        return "returned" if charge.used == 0 else "settled"
    if total == 0:
        return "none"
    if total == charge.used:
        return str(row["charge_status"])
    return "settled"
