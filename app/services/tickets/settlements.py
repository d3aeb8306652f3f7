"""Settlements of a ticket's charge: settled in whole or in part, or returned."""

from collections.abc import Sequence

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger
from app.db.ledger.ledger import Stamp
from app.domain.access.refusals import Refusal
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.ledger.ledger import Lot
from app.domain.ledger.returns import Return
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import CANCELLING_OUTCOMES, RETURNING_OUTCOMES, Charge, Outcome
from app.domain.tickets.expected_charges import (
    expect_overage,
    find_billed_unit,
    find_undone_return,
)
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant
from app.services.coverage import pools
from app.services.coverage.ticket_caps import require_room
from app.services.tickets import charge_events, charges
from app.services.tickets.list_prices import find_listed_amount, require_on_list
from app.services.tickets.tickets import TicketChange, TicketView, record_event
from app.services.tickets.unbilling import unbill


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
        listed = await find_listed_amount(
            db, ticket, terms, plan, category=ticket.category, variables=ticket.variables
        )
        require_on_list(amount, listed, caller=change.caller)
    happened = change.whole.events
    unit = find_billed_unit(ticket, plan)
    expected = 0
    if unit != "minute":
        expected = expect_overage(
            ticket, held=charge.held, used=charge.used, events=happened, terms=terms
        )
    total = charging.decide_total(
        charge,
        outcome=outcome,
        amount=amount,
        unit=unit,
        overage=before,
        expected=expected,
        returned=find_undone_return(happened),
        names=terms.names,
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
            db,
            account,
            ticket,
            charge,
            more,
            expected=expected,
            terms=terms,
            plan=plan,
            stamp=stamp,
        )
    else:
        over, returned = await _return_units(
            db, account, ticket, charge, -more, terms=terms, unit=unit, stamp=stamp
        )
    used = charge.used + more - over
    returns = charges.describe_returns(returned)
    charge_events.record_resolution(
        account,
        ticket,
        happened=happened,
        unit=unit,
        held=charge.held,
        used=used,
        overage=before + over,
        outcome=outcome,
        at=at,
        returns=returns,
    )
    charge_events.record_overage(account, ticket, unit=unit, amount=over, at=at)
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


async def _settle(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    charge: Charge,
    amount: int,
    *,
    expected: int,
    terms: Catalog,
    plan: Plan,
    stamp: Stamp,
) -> tuple[int, Sequence[Return]]:
    """Use `amount` more; return what of it is overage, and what came back.

    Of a subscription that is suspended only what was `expected` to be billed is.
    """
    at = stamp.effective_at
    used = charge.used + ticket.overage_amount
    pool: list[Lot] = []
    if amount > charge.held:
        pool = await pools.load_lots(db, ticket, at=at, account=account)
    movements, missing = charging.settle(charge, amount, pool=pool, at=at)
    await charges.require_billed(
        db, ticket, plan, missing, expected=expected, required=used + amount, at=at
    )
    drawn = amount - charge.held - missing
    await require_room(db, account, ticket, drawn, terms=terms, plan=plan, at=at)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    if missing:
        unit = find_billed_unit(ticket, plan)
        await ledger.post_overage(db, account, unit=unit, amount=missing, stamp=stamp)
    return missing, returned


async def _return_units(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    charge: Charge,
    amount: int,
    *,
    terms: Catalog,
    unit: Unit,
    stamp: Stamp,
) -> tuple[int, Sequence[Return]]:
    """Give back what is held and `amount` of what is used, what is over first.

    Returns what that adds to the overage (less than nothing), and what came back.
    """
    over = min(amount, ticket.overage_amount)
    movements = charging.return_units(charge, amount - over)
    returned = await charges.post_charge(
        db, account, movements, stamp=stamp, policies=terms.policies
    )
    await unbill(db, account, ticket, over, unit=unit, stamp=stamp)
    return -over, returned
