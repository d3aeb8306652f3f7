"""Revisions: an open charge is raised or lowered, or its category is changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.pricing import price_ticket
from app.domain.ledger.burn_order import draw
from app.domain.ledger.returns import Return
from app.domain.tickets import charges as charging
from app.domain.tickets.charges import Charge, ChargeSettled
from app.domain.tickets.expected_charges import expect_overage
from app.domain.tickets.tickets import Ticket
from app.services.coverage import pools
from app.services.coverage.ticket_caps import require_room
from app.services.tickets import charge_events, charges
from app.services.tickets.list_prices import describe_asked, find_listed_amount, require_on_list
from app.services.tickets.tickets import TicketChange, TicketView, record_event, view_locked_ticket


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
        asked = describe_asked(ticket, category=category, variables=variables)
        price = price_ticket(catalog=terms, plan=plan, asked=asked, amount=amount)
        if amount is None:
            # Of minutes a row says what is set aside: no less than was worked already.
            amount = max(price.amount, charge.used) if price.unit == "minute" else price.amount
    assert amount is not None  # noqa: S101  one of the two is there
    listed = await find_listed_amount(
        db, ticket, terms, plan, category=category, variables=variables
    )
    require_on_list(amount, listed, caller=change.caller)
    charging.require_not_below(charge.used, amount, unit=plan.unit, names=terms.names)
    stamp = Stamp(
        effective_at=await charges.charge_instant(db, account, ticket, at),
        ticket_id=ticket.ticket_id,
        reference=reference,
        reason=reason,
        actor=change.caller.name,
    )
    expected = expect_overage(
        ticket, held=charge.held, used=charge.used, events=change.whole.events, terms=terms
    )
    held, returned = await _hold_total(
        db, account, ticket, charge, amount, expected=expected, terms=terms, plan=plan, stamp=stamp
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


async def _hold_total(
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
    """Hold what is missing to `amount` in all, or give back what is more.

    Of a subscription that is suspended no more is billed than was `expected` to be.
    Returns what is held then, and what came back.
    """
    more = amount - charge.used - charge.held
    missing = 0
    if more <= 0:
        movements = charging.release(charge, -more)
    else:
        pool = await pools.load_lots(db, ticket, at=stamp.effective_at, account=account)
        at = stamp.effective_at
        allocations, missing = draw(pool, more, at=at)
        await charges.require_billed(
            db, ticket, plan, missing, expected=expected, required=amount, at=at
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
