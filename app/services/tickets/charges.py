"""Charges in the database: a ticket's movements written, and what comes back decided.

Every function expects the account's row to be locked. What a ticket holds and has used of each
lot is the fold of its entries; nothing else keeps it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from uuid_utils.compat import uuid7

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import entries, ledger, stored_lots
from app.db.ledger.ledger import Stamp
from app.db.selling import purchases
from app.db.tickets.whole_tickets import WholeTicket
from app.domain.catalog.amounts import Unit, write_amount, write_with_verb
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Policies
from app.domain.coverage.not_covered import InsufficientUnits, NotCovered
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import SUSPENDED, Rejection
from app.domain.ledger.ledger import Lot, Movement
from app.domain.ledger.returns import Return, decide_return, list_returns
from app.domain.selling.moves import find_moved
from app.domain.tickets.charges import Charge
from app.domain.tickets.expected_charges import find_billed_unit, pays_overage
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant
from app.domain.values import replace
from app.services.access.repeats import claim_reference
from app.services.coverage import pools

_MOVED = "The cover has moved to another store: the units are granted again there."


async def load_charge(db: Db, account: LockedAccount, ticket_id: str) -> Charge:
    """Return what a ticket holds and has used, with the lots as they are now."""
    uses = await entries.load_ticket_uses(db, account, ticket_id)
    return Charge(await stored_lots.load_locked_lots(db, account, uses), uses)


def fold_charge(whole: WholeTicket) -> Charge:
    """Return what a ticket holds and has used, as it was read."""
    return Charge(whole.lots, entries.fold_movements(whole.movements))


async def charge_instant(db: Db, account: LockedAccount, ticket: Ticket, at: datetime) -> datetime:
    """Return when a charge's movement takes effect: not before the movement it follows."""
    last = await entries.last_ticket_entry_at(db, account, ticket.ticket_id)
    return at if last is None else max(at, last)


async def post_charge(
    db: Db,
    account: LockedAccount,
    movements: Sequence[Movement],
    *,
    stamp: Stamp,
    policies: Policies,
) -> list[Return]:
    """Write a charge's movements; return what became of the units that came back."""
    if not movements:
        return []
    moved = await ledger.post(db, account, movements, stamp)
    returns: list[Return] = []
    for movement in list_returns(movements):
        lot = moved[movement.lot.lot_id]
        decide = partial(
            decide_return,
            lot,
            movement.amount,
            cause=stamp.cause,
            policies=policies,
            at=stamp.effective_at,
        )
        decided = decide()
        if decided.to == "grace" and await purchases.was_paid_back(
            db, account.account_id, lot.order_id
        ):
            decided = decide(paid_back=True)
        elif decided.to != "lot" and (there := await _find_moved(db, account, lot, stamp)):
            decided = replace(decided, to="grace", why=_MOVED, expires_at=there.expires_at)
            lot = replace(there, lot_id=lot.lot_id)
        if decided.to == "grace":
            decided = await _grant_grace(db, account, lot, decided, stamp)
        returns.append(decided)
    return returns


async def _find_moved(db: Db, account: LockedAccount, lot: Lot, stamp: Stamp) -> Lot | None:
    """Return what is left of a lot at the store that its cover has moved to, while that runs."""
    if lot.site is None:
        return None
    lots = await stored_lots.load_subscription_lots(db, account.account_id, lot.subscription_id)
    there = find_moved(lot, lots)
    return None if there is None or there.has_ended(stamp.effective_at) else there


async def claim_action(
    db: Db,
    account: LockedAccount,
    ticket_id: str,
    *,
    reference: str | None,
    operation: str,
    document: dict[str, Any],
) -> bool:
    """Take a reference for an action on a ticket; False when the same was done with it before."""
    done = await claim_reference(
        db,
        account,
        reference=reference,
        operation=operation,
        request={"ticket_id": ticket_id} | document,
        result_id=ticket_id,
    )
    return done is None


async def require_billed(
    db: Db,
    ticket: Ticket,
    plan: Plan,
    missing: int,
    *,
    expected: int,
    required: int,
    at: datetime,
) -> None:
    """Refuse what is `missing` to `required` in all, where it is not billed instead.

    Of a subscription that is suspended no more is billed than was `expected` to be.
    """
    if not missing:
        return
    is_billed = pays_overage(ticket, plan) and (
        missing <= expected or not await pools.is_suspended(db, ticket, at)
    )
    if not is_billed:
        unit = find_billed_unit(ticket, plan)
        raise await insufficient_units(db, ticket, unit, required=required, missing=missing, at=at)


async def insufficient_units(
    db: Db,
    ticket: Ticket,
    unit: Unit,
    *,
    required: int,
    missing: int,
    at: datetime | None = None,
) -> NotCovered:
    """Return the refusal of a charge that would cost more than is there at `at` (now).

    Its trace is the ticket's own pool; its offers those of the same plan that grant what is
    missing. Where the ticket's subscription is suspended, that is why, as when one is opened.
    """
    request = Request(
        channel=ticket.channel,
        plan=ticket.plan,
        category=ticket.category,
        variables=ticket.variables,
        amount=missing,
    )
    if await pools.is_suspended(db, ticket, db.read_clock() if at is None else at):
        return await pools.refuse_ticket(db, ticket, SUSPENDED, request=request)
    terms, _ = await pools.load_plan(db, ticket)
    whole = write_amount(required, unit, terms.names)
    lacking = write_with_verb(missing, unit, terms.names)
    return await pools.refuse_ticket(
        db,
        ticket,
        Rejection("exhausted", f"It costs {whole} in all, and {lacking} missing."),
        request=request,
        refusal=InsufficientUnits,
        required=required,
        available=required - missing,
        shortfall=missing,
        unit=unit,
    )


def describe_returns(returns: Sequence[Return]) -> list[dict[str, Any]]:
    """Return what came back as plain JSON, as it is kept with the ticket's events."""
    return [
        {
            "lot_id": str(each.lot_id),
            "amount": each.amount,
            "to": each.to,
            "why": each.why,
            "grace_lot_id": None if each.grace_lot_id is None else str(each.grace_lot_id),
            "expires_at": None if each.expires_at is None else write_instant(each.expires_at),
        }
        for each in returns
    ]


async def _grant_grace(
    db: Db, account: LockedAccount, origin: Lot, decided: Return, stamp: Stamp
) -> Return:
    lot_id = uuid7()
    lot = replace(
        origin,
        lot_id=lot_id,
        source="grace",
        origin_lot_id=origin.lot_id,
        granted=decided.amount,
        held=0,
        used=0,
        revoked=0,
        valid_from=stamp.effective_at,
        expires_at=decided.expires_at,
        created_at=account.now,
    )
    await ledger.insert_lots(db, account, [lot], stamp)
    return replace(decided, grace_lot_id=lot_id)
