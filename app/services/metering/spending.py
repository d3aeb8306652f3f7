"""Minutes taken from a ticket's hours, and given back to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.ledger import entries, ledger
from app.db.ledger.ledger import Stamp
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.requests import Request
from app.domain.coverage.serving import SUSPENDED
from app.domain.ledger.ledger import Lot, Movement
from app.domain.ledger.pools import Cap
from app.domain.metering.counted_minutes import takes_nothing
from app.domain.metering.work import (
    MinutesNotCounted,
    OverCap,
    WorkPart,
    WorkSpan,
    describe_spending,
    lowest_since,
    spend_minutes,
    take_back,
)
from app.domain.tickets.tickets import Ticket
from app.domain.values import State, Value, field, replace
from app.services.coverage import pools
from app.services.coverage.ticket_caps import UNIT, load_ticket_cap, refuse_cap
from app.services.ledger import caps
from app.services.tickets import charges


class Spent(State):
    """What became of some minutes: their parts, what of them is overage, and what came back."""

    parts: list[WorkPart] = field(default_factory=list)
    overage: int = 0
    returns: list[dict[str, Any]] = field(default_factory=list)


class _Job(Value):
    """The work that minutes are taken for."""

    account: LockedAccount
    ticket: Ticket
    terms: Catalog
    plan: Plan
    over_cap: OverCap
    stamp: Stamp


async def spend(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    spans: Sequence[WorkSpan],
    *,
    over_cap: OverCap,
    stamp: Stamp,
    covered_since: datetime | None = None,
) -> Spent:
    """Take counted minutes: from what the ticket holds, its pool, or as overage.

    Without a plan all of it is overage; of a bug report nothing is. `stamp` says for what and
    by whom; when, is each span's own, or now for what was logged ahead of time. What was worked
    before it was decided anew who pays, `covered_since` then, is taken as of then.
    """
    terms, plan = await pools.load_plan(db, ticket)
    job = _Job(account, ticket, terms, plan, over_cap, stamp)
    spent = Spent()
    if takes_nothing(ticket.category):
        spent.parts += [WorkPart(each.at, each.minutes, "nothing", None) for each in spans]
        return spent
    minutes = sum(each.minutes for each in spans)
    if not ticket.on_demand and spans:
        first = max(spans[0].at, covered_since or spans[0].at)
        await _require_counted(db, job, minutes, at=min(first, account.now))
    for span in spans:
        at = min(max(span.at, covered_since or span.at), account.now)
        missing = span.minutes
        if not missing:
            continue
        if not ticket.on_demand:
            missing = await _spend_span(db, job, spent, at, missing)
            if missing and not plan.overage:
                raise await charges.insufficient_units(
                    db,
                    ticket,
                    UNIT,
                    required=ticket.charge_amount + minutes,
                    missing=missing,
                    at=at,
                )
        if missing:
            await _bill(db, job, spent, at, missing)
    return spent


async def return_units(
    db: Db,
    account: LockedAccount,
    ticket: Ticket,
    parts: Sequence[WorkPart],
    minutes: int,
    *,
    stamp: Stamp,
) -> tuple[list[WorkPart], Spent]:
    """Give back the last minutes of a piece of work; return the parts that stay, and the rest.

    What the ticket was refunded in the meantime does not come back twice.
    """
    terms, _ = await pools.load_plan(db, ticket)
    stay, back = take_back(parts, minutes)
    spent = Spent()
    for part in back:
        if part.source == "overage":
            billed = ticket.overage_amount + spent.overage
            if over := min(part.minutes, billed):
                await ledger.post_overage(
                    db,
                    account,
                    unit=UNIT,
                    amount=-over,
                    stamp=replace(stamp, effective_at=part.at),
                )
            spent.overage -= over
        elif part.lot_id is not None:
            spent.returns += await _refund(db, account, ticket, part, terms=terms, stamp=stamp)
    return stay, spent


async def _require_counted(db: Db, job: _Job, minutes: int, *, at: datetime) -> None:
    if job.plan.unit != UNIT or job.ticket.plan is None:
        raise MinutesNotCounted(f"The plan {job.plan.name} counts {job.plan.unit}s.")
    if await pools.is_suspended(db, job.ticket, at):
        raise await pools.refuse_ticket(
            db,
            job.ticket,
            SUSPENDED,
            request=_request(job.ticket, minutes),
        )


async def _spend_span(db: Db, job: _Job, spent: Spent, at: datetime, minutes: int) -> int:
    """Take one span's minutes; return those that are not there.

    What the ticket came to hold only after them is taken as of then, where all else is used.
    """
    held = await _load_held(db, job, at)
    lots = await pools.load_lots(db, job.ticket, at=at, account=job.account)
    missing = await _take(db, job, spent, minutes, at=at, held=held, lots=lots)
    later = await charges.charge_instant(db, job.account, job.ticket, at)
    if missing and later > at:
        held = await _load_held(db, job, later)
        missing = await _take(db, job, spent, missing, at=later, held=held, lots=[])
    return missing


async def _take(
    db: Db,
    job: _Job,
    spent: Spent,
    minutes: int,
    *,
    at: datetime,
    held: Sequence[tuple[Lot, int]],
    lots: Sequence[Lot],
) -> int:
    """Move a span's minutes as far as they are there; return those that are not."""
    cap, may_bill = await _load_cap(db, job, at)
    decided = spend_minutes(
        minutes,
        held=held,
        lots=lots,
        room=None if cap is None else cap.limit - cap.used - cap.held,
        at=at,
    )
    if decided.over_cap and cap is not None and not may_bill:
        why = await _explain_billing(db, job, at)
        raise await refuse_cap(db, job.ticket, cap, minutes, why=why)
    stamp = replace(job.stamp, effective_at=at)
    await ledger.post(db, job.account, decided.settles, stamp)
    spent.parts += describe_spending(decided, at)
    if decided.over_cap:
        await _bill(db, job, spent, at, decided.over_cap)
    return decided.missing


async def _load_held(db: Db, job: _Job, at: datetime) -> list[tuple[Lot, int]]:
    """Return what the ticket holds of each lot, and held at every instant since `at`."""
    ticket_id = job.ticket.ticket_id
    charge = await charges.load_charge(db, job.account, ticket_id)
    moved = await entries.load_lot_movements(db, job.account, ticket_id)
    lowest = lowest_since(((lot_id, each.effective_at, each.held) for lot_id, each in moved), at)
    return [
        (charge.lots[lot_id], min(use.held, lowest.get(lot_id, 0)))
        for lot_id, use in charge.uses.items()
        if use.held
    ]


async def _load_cap(db: Db, job: _Job, at: datetime) -> tuple[Cap | None, bool]:
    """Return the cap of the week of `at`, and whether an agreement bills what is above it.

    In the present week, what other tickets hold is set aside for them.
    """
    account = job.account
    cap, lots = await load_ticket_cap(
        db, account, job.ticket, terms=job.terms, plan=job.plan, at=at
    )
    if cap is None:
        return None, False
    charge = await charges.load_charge(db, account, job.ticket.ticket_id)
    held = cap.held - charge.held if account.now < cap.resets_at else 0
    may_bill = job.over_cap == "bill" and await caps.bills_above(
        db, account.account_id, lots, at=at
    )
    return replace(cap, held=held), may_bill


async def _explain_billing(db: Db, job: _Job, at: datetime) -> str:
    """Return what bills the minutes above a cap that are not billed, where something does."""
    if job.over_cap == "bill":
        return " No agreement bills what is above."
    _, lots = await load_ticket_cap(
        db, job.account, job.ticket, terms=job.terms, plan=job.plan, at=at
    )
    if await caps.bills_above(db, job.account.account_id, lots, at=at):
        return ' An agreement bills what is above of work logged with `over_cap: "bill"`.'
    if job.plan.overage:
        return (
            ' What is above is billed of work logged with `over_cap: "bill"`, once an agreement'
            " (`raise_cap`) says so."
        )
    return ""


async def _bill(db: Db, job: _Job, spent: Spent, at: datetime, minutes: int) -> None:
    """Record minutes to be billed."""
    stamp = replace(job.stamp, effective_at=at)
    await ledger.post_overage(db, job.account, unit=UNIT, amount=minutes, stamp=stamp)
    spent.overage += minutes
    spent.parts.append(WorkPart(at, minutes, "overage", None))


async def _refund(
    db: Db, account: LockedAccount, ticket: Ticket, part: WorkPart, *, terms: Catalog, stamp: Stamp
) -> list[dict[str, Any]]:
    """Give a part back to its lot as of when it was taken, or as of now if the lot has ended."""
    assert part.lot_id is not None  # noqa: S101  the caller's own condition
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    lot, use = charge.lots[part.lot_id], charge.uses[part.lot_id]
    given = min(part.minutes, use.used)
    if not given:
        return []
    moved = await entries.load_lot_movements(db, account, ticket.ticket_id)
    used = lowest_since(((lot_id, each.effective_at, each.used) for lot_id, each in moved), part.at)
    at = part.at
    if lot.has_ended(account.now) or used[part.lot_id] < given:
        at = await charges.charge_instant(db, account, ticket, account.now)
    returned = await charges.post_charge(
        db,
        account,
        [Movement("refund", lot, given)],
        stamp=replace(stamp, effective_at=at),
        policies=terms.policies,
    )
    return charges.describe_returns(returned)


def _request(ticket: Ticket, minutes: int) -> Request:
    return Request(channel=ticket.channel, plan=ticket.plan, amount=minutes)
