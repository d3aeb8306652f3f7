"""Settlements of a ticket's charge, and revisions of it before: settled, or returned."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.pricing import Asked, find_list_price, price_ticket
from app.domain.ledger.burn_order import draw
from app.domain.ledger.ledger import Lot
from app.domain.ledger.returns import Return
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import (
    CANCELLING_OUTCOMES,
    RETURNING_OUTCOMES,
    Charge,
    ChargeSettled,
    Outcome,
)
from app.domain.tickets.expected_charges import (
    expect_overage,
    find_undone_return,
    pays_overage,
)
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant
from app.services.coverage import pools
from app.services.coverage.ticket_caps import require_room
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import (
    TicketChange,
    TicketView,
    record_event,
    view_locked_ticket,
)


class ReopenedSince(Refusal):
    """The ticket was reopened after the instant at which it is said to have been resolved."""

    kind = "conflict"
    code = "reopened_since"
    title = "The ticket was reopened after that"


async def resolve_ticket(
    db: Db, change: TicketChange, *, outcome: Outcome, amount: int | None, reason: str | None
) -> TicketView:
    """Resolve a ticket: settle its charge in whole, in part or above the hold, or return it.

    `duplicate` and `withdrawn` return everything held unless an amount is given, and so does
    any outcome on an hours plan; `vendor_defect` returns what was used before too. A ticket that
    was a duplicate or withdrawn, was reopened and is solved after all costs what it gave back
    then, as if it were opened now. Solved for less than the list asks needs `ledger:write`. A
    resolved ticket is refused: a charge is resolved once.
    """
    account, ticket = change.account, change.ticket
    change.require_possible("resolution")
    at = change.at
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    terms, plan = await pools.load_plan(db, ticket)
    before = ticket.overage_amount
    if amount is not None and outcome not in RETURNING_OUTCOMES:
        listed = await _list_price(
            db, ticket, terms, plan, category=ticket.category, variables=ticket.variables
        )
        _require_on_list(amount, listed, caller=change.caller)
    happened = change.whole.events
    expected = 0
    if plan.unit != "minute":
        expected = expect_overage(
            ticket, held=charge.held, used=charge.used, events=happened, terms=terms
        )
    total = charging.decide_total(
        charge,
        outcome=outcome,
        amount=amount,
        unit=plan.unit,
        overage=before,
        expected=expected,
        returned=find_undone_return(happened),
    )
    stamp = Stamp(
        effective_at=await charges.charge_instant(db, account, ticket, at),
        ticket_id=ticket.ticket_id,
        cause=outcome,
        reason=reason,
        actor=change.caller.name,
    )
    more = total - before - charge.used
    if more >= 0:
        over, returned = await _settle(
            db, account, ticket, charge, more, terms=terms, plan=plan, stamp=stamp
        )
    else:
        over, returned = await _return_units(
            db, account, charge, -more, overage=before, terms=terms, plan=plan, stamp=stamp
        )
    used = charge.used + more - over
    returns = charges.describe_returns(returned)
    charge_events.record_resolution(
        account,
        ticket,
        happened=happened,
        unit=plan.unit,
        held=charge.held,
        used=used,
        overage=before + over,
        outcome=outcome,
        at=at,
        returns=returns,
    )
    charge_events.record_overage(account, ticket, unit=plan.unit, amount=over, at=at)
    view = await record_event(
        db,
        change,
        "withdrawal" if outcome in CANCELLING_OUTCOMES else "resolution",
        data={
            "outcome": outcome,
            "reason": reason,
            "returns": returns,
            "expected": expected if amount is None else 0,
        },
        outcome=outcome,
        resolved_at=at,
        overage_amount=before + over,
    )
    if view.ticket.status != "resolved":
        raise ReopenedSince(
            f"The ticket {ticket.ticket_id!r} was reopened after {write_instant(at)}."
        )
    return view


async def revise_charge(
    db: Db,
    change: TicketChange,
    *,
    amount: int | None,
    category: str | None,
    variables: Mapping[str, int],
    reason: str,
    reference: str | None,
    document: dict[str, Any],
) -> TicketView:
    """Raise or lower what an open ticket holds, to an amount or to another category's price.

    More than is there is refused with what would have been needed; where the plan allows
    overage, all that is there is held, and the rest is overage once it is used.
    """
    account, ticket = change.account, change.ticket
    is_new = await charges.claim_action(
        db, account, ticket.ticket_id, reference=reference, operation="revision", document=document
    )
    if not is_new:
        return await view_locked_ticket(db, account, change.whole)
    if ticket.status == "resolved":
        raise ChargeSettled(
            f"The charge of the ticket {ticket.ticket_id!r} is settled; reopen it first."
        )
    at = change.at
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    terms, plan = await pools.load_plan(db, ticket)
    if category is None and not variables:
        category, variables = ticket.category, ticket.variables
    else:
        category = category or ticket.category
        asked = _ask(ticket, category=category, variables=variables)
        price = price_ticket(catalog=terms, plan=plan, asked=asked, amount=amount)
        amount = price.amount if amount is None else amount
    assert amount is not None  # noqa: S101  one of the two is there
    listed = await _list_price(db, ticket, terms, plan, category=category, variables=variables)
    _require_on_list(amount, listed, caller=change.caller)
    charging.require_not_below(charge.used, amount)
    stamp = Stamp(
        effective_at=await charges.charge_instant(db, account, ticket, at),
        ticket_id=ticket.ticket_id,
        reference=reference,
        reason=reason,
        actor=change.caller.name,
    )
    held, returned = await _hold_total(
        db, account, ticket, charge, amount, terms=terms, plan=plan, stamp=stamp
    )
    returns = charges.describe_returns(returned)
    charge_events.record_revision(
        account,
        ticket,
        unit=plan.unit,
        before=charge.held + charge.used,
        after=charge.used + held,
        category=category,
        at=at,
        returns=returns,
    )
    return await record_event(
        db,
        change,
        "revision",
        data={
            "from": charge.held + charge.used,
            "to": amount,
            "reason": reason,
            "returns": returns,
        },
        category=category,
        variables=dict(variables),
    )


async def _settle(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    charge: Charge,
    amount: int,
    *,
    terms: Catalog,
    plan: Plan,
    stamp: Stamp,
) -> tuple[int, Sequence[Return]]:
    """Use `amount` more; return what of it is overage, and what came back."""
    pool: list[Lot] = []
    if amount > charge.held:
        pool = await pools.load_lots(db, ticket, at=stamp.effective_at, account=account)
    movements, missing = charging.settle(charge, amount, pool=pool, at=stamp.effective_at)
    if missing and not pays_overage(ticket, plan):
        raise await charges.insufficient_units(
            db, ticket, plan.unit, required=amount + charge.used, missing=missing
        )
    drawn = amount - charge.held - missing
    await require_room(db, account, ticket, drawn, terms=terms, plan=plan, at=stamp.effective_at)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    if missing:
        await ledger.post_overage(db, account, unit=plan.unit, amount=missing, stamp=stamp)
    return missing, returned


async def _return_units(
    db: Db,
    account: LockedAccount,
    charge: Charge,
    amount: int,
    *,
    overage: int,
    terms: Catalog,
    plan: Plan,
    stamp: Stamp,
) -> tuple[int, Sequence[Return]]:
    """Give back what is held and `amount` of what is used, what is over first.

    Returns what that adds to the overage (less than nothing), and what came back.
    """
    over = min(amount, overage)
    movements = charging.return_units(charge, amount - over)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    if over:
        await ledger.post_overage(db, account, unit=plan.unit, amount=-over, stamp=stamp)
    return -over, returned


async def _hold_total(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    charge: Charge,
    amount: int,
    *,
    terms: Catalog,
    plan: Plan,
    stamp: Stamp,
) -> tuple[int, Sequence[Return]]:
    """Hold what is missing to `amount` in all, or give back what is more.

    Returns what is held then, and what came back.
    """
    more = amount - charge.used - charge.held
    missing = 0
    if more <= 0:
        movements = charging.release(charge, -more)
    else:
        pool = await pools.load_lots(db, ticket, at=stamp.effective_at, account=account)
        allocations, missing = draw(pool, more, at=stamp.effective_at)
        if missing and not pays_overage(ticket, plan):
            raise await charges.insufficient_units(
                db, ticket, plan.unit, required=amount, missing=missing
            )
        drawn = more - missing
        await require_room(
            db, account, ticket, drawn, terms=terms, plan=plan, at=stamp.effective_at
        )
        movements = charging.hold(allocations)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    return charge.held + more - missing, returned


async def _list_price(
    db: Db,
    ticket: Ticket,
    terms: Catalog,
    plan: Plan,
    *,
    category: str | None,
    variables: Mapping[str, int],
) -> int:
    """Return the least that the list asks for a ticket, its sessions included."""
    asked = _ask(ticket, category=category, variables=variables)
    listed = find_list_price(catalog=terms, plan=plan, asked=asked)
    if listed is None:
        return 0
    rows = await sessions.load_ticket_sessions(db, ticket.account_id, ticket.ticket_id)
    return listed + sum(each.charged for each in rows)


def _ask(ticket: Ticket, *, category: str | None, variables: Mapping[str, int]) -> Asked:
    """Return what the price of a ticket depends on, as it is now."""
    return Asked(
        category=category,
        severity=ticket.severity,
        urgent=ticket.urgent,
        channel=ticket.channel,
        variables=variables,
    )


def _require_on_list(amount: int, listed: int, *, caller: Caller) -> None:
    """Require `ledger:write` for less than the list asks."""
    if amount < listed:
        caller.require("ledger:write", why="A price below the list")
