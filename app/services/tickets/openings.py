"""Openings: who pays for a ticket is decided, its units held, its clocks started."""

from app.db.accounts.locked_accounts import LockedAccount
from app.db.coverage.coverage_inputs import AccountUnits, load_account_units, take_account_units
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.db.tickets import tickets, whole_tickets
from app.domain.access.callers import Caller
from app.domain.coverage.coverage import TRACE_ENDED
from app.domain.events.ticket_events import describe_opening
from app.domain.tickets import charges as charging
from app.domain.tickets.openings import TicketOrder, describe_past, make_ticket
from app.domain.tickets.queue_order import place_in_queue
from app.domain.time.backdating import decide_instant
from app.services.access.repeats import require_same
from app.services.accounts.contacts import require_requester
from app.services.coverage.coverage import plan_opening
from app.services.promises import deadlines
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import TicketView, view_locked_ticket


async def open_ticket(
    db: Db, *, account_id: str, order: TicketOrder, caller: Caller
) -> tuple[TicketView, bool]:
    """Open a ticket: decide who pays, hold its units, start its clocks.

    Returns the ticket and whether it is new. The id seen again with the same request gives the
    ticket as it is now; with another it is refused.
    """
    account, units_found = await take_account_units(
        db, account_id, at=order.at, kept=TRACE_ENDED, ticket_id=order.ticket_id
    )
    if units_found.seen:
        seen = await whole_tickets.load_whole_ticket(db, account_id, order.ticket_id)
        then, now = dict(seen.ticket.request), dict(order.document)
        if then["channel"] is None:  # it was given the first of its plan
            then["channel"] = seen.ticket.channel
            now["channel"] = now["channel"] or seen.ticket.channel
        require_same(f"The ticket {order.ticket_id!r}", then=then, now=now)
        return await view_locked_ticket(db, account, seen), False
    view = await open_new_ticket(db, account, order=order, caller=caller, units_found=units_found)
    return view, True


async def open_new_ticket(
    db: Db,
    account: LockedAccount,
    *,
    order: TicketOrder,
    caller: Caller,
    units_found: AccountUnits | None = None,
) -> TicketView:
    """Open a ticket whose id is known to be free, in an account whose row is locked.

    `units_found` is what the account has, where it has been read already.
    """
    at = decide_instant(order.at, now=account.now, caller=caller)
    if order.requester is not None:
        await require_requester(db, account.account_id, order.requester)
    if units_found is None:
        units_found = await load_account_units(
            db, account.account_id, at=at, ended_since=at - TRACE_ENDED, account=account
        )
    opening = await plan_opening(
        db,
        account.account_id,
        order.request,
        catalog=order.catalog,
        at=at,
        now=account.now,
        clock_at=account.clock_at,
        caller=caller,
        units_found=units_found,
        requester=order.requester,
    )
    coverage = opening.coverage
    stamp = Stamp(effective_at=at, ticket_id=order.ticket_id, actor=caller.name)
    if coverage.pool is not None and at == account.now:  # of another instant it is another pool
        account.cache_pool(coverage.pool.lots, coverage.pool.terms)
    held = charging.hold(coverage.allocations)
    await charges.post_charge(db, account, held, stamp=stamp, policies=coverage.terms.policies)
    ticket = make_ticket(opening, order, account_id=account.account_id, now=account.now)
    clocks, unanswered = opening.deadlines, True
    if order.origin is not None:
        past = list(order.origin.past)
        clocks = await deadlines.run_ticket_clocks(db, ticket, past, now=account.now)
        unanswered = deadlines.read_ticket_state(ticket, past, now=account.now).unanswered
    ticket = place_in_queue(ticket, clocks, unanswered=unanswered)
    await tickets.insert_ticket(db, ticket)
    for event in () if order.origin is None else describe_past(ticket, order.origin, caller):
        await tickets.insert_event(db, event)
    account.record(describe_opening(ticket), at=at)
    charge_events.record_difference(
        account, ticket, unit=coverage.price.unit, before=0, after=ticket.charge_amount, at=at
    )
    deadlines.store_deadlines(account, ticket, clocks, before=())
    db.count("ticket_opened", catalog=ticket.catalog, plan=ticket.plan or "none")
    return TicketView(
        ticket=ticket,
        terms=coverage.terms,
        charge=opening.charge,
        deadlines=clocks,
        remaining=opening.remaining(),
        sequence=account.sequence,
    )
