"""Work: minutes logged on a ticket, charged to its plan's hours, or to be billed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import BEGINNING
from app.db.engine.unit_of_work import Db
from app.db.ledger.ledger import Stamp
from app.db.metering import work
from app.domain.access.callers import Caller
from app.domain.metering.counted_minutes import skip_counted
from app.domain.metering.work import NothingToCorrect, OverCap, Work, WorkSpan
from app.domain.metering.work_parts import read_parts, write_parts
from app.domain.tickets.ticket_history import find_covered_since
from app.domain.tickets.tickets import Ticket
from app.domain.values import Value, replace
from app.services.access.repeats import require_same
from app.services.coverage import pools
from app.services.coverage.ticket_caps import UNIT, load_ticket_cap
from app.services.metering import counted_work, spending
from app.services.metering.spending import Spent
from app.services.tickets import charge_events, charges
from app.services.tickets.tickets import (
    TicketChange,
    TicketView,
    get_ticket,
    record_event,
    take_metered_ticket,
    view_locked_ticket,
)


class WorkOrder(Value):
    """Work as it is logged, under the helpdesk's own id. `over_cap` says what the cap does."""

    work_id: str
    minutes: int
    at: datetime | None
    by: str
    over_cap: OverCap
    document: Mapping[str, Any]


class WorkView(Value):
    """A piece of work, and its ticket."""

    row: Work
    ticket: TicketView


async def log_work(
    db: Db, *, account_id: str, ticket_id: str, order: WorkOrder, caller: Caller
) -> tuple[WorkView, bool]:
    """Charge minutes worked from an instant on; return the work, and whether it is new.

    Refuses `minutes_not_counted` on a plan of incidents or points, `insufficient_units` above
    an allowance whose overage the plan does not bill, `cap_reached` above what the week may use.
    """
    change = await take_metered_ticket(
        db,
        account_id=account_id,
        ticket_id=ticket_id,
        caller=caller,
        at=order.at,
        work_id=order.work_id,
    )
    account, ticket = change.account, change.ticket
    document = {"ticket_id": ticket_id} | dict(order.document)
    seen = await work.find_work(db, account_id, order.work_id)
    if seen is not None:
        require_same(f"The work {order.work_id!r}", then=seen.request, now=document)
        return WorkView(seen, await view_locked_ticket(db, account, change.whole)), False
    at = change.at
    change.require_possible("work")
    piece = Work(
        account_id=account_id,
        work_id=order.work_id,
        ticket_id=ticket_id,
        request=document,
        minutes=0,
        overage_minutes=0,
        parts=[],
        corrections=[],
        starts_at=at,
        worked_by=order.by,
        subscription_id=ticket.subscription_id,
        created_at=account.now,
        worked=order.minutes,
        sequence=None,
    )
    earlier = await _load_others(db, ticket, piece)
    counted = await counted_work.count_pieces(db, account, ticket, [*earlier, piece])
    stamp = _stamp(ticket_id, order.work_id, actor=order.by)
    spent = await spending.spend(
        db,
        account,
        ticket,
        counted[-1],
        over_cap=order.over_cap,
        stamp=stamp,
        covered_since=find_covered_since(change.whole.events),
    )
    parts = await counted_work.mark_work(db, ticket, spent.parts, counted[-1])
    piece = replace(
        piece,
        minutes=sum(each.minutes for each in parts),
        overage_minutes=spent.overage,
        parts=write_parts(parts),
        sequence=account.sequence,
    )
    await work.insert_work(db, piece)
    data = {
        "work_id": order.work_id,
        "minutes": piece.minutes,
        "worked": piece.worked,
        "overage": spent.overage,
    }
    view = await _record(db, change, piece, spent, type_="work", at=at, data=data)
    return view, True


async def correct_work(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    work_id: str,
    minutes: int,
    reason: str,
    actor: str,
    caller: Caller,
) -> WorkView:
    """Put right how long a piece of work took: its last minutes come back, or more are charged.

    What comes back counts from when it was taken, in its week and month. Where its ticket's work
    is rounded together the whole is counted anew, and what others count may move as well.
    """
    change = await take_metered_ticket(
        db, account_id=account_id, ticket_id=ticket_id, caller=caller, work_id=work_id
    )
    account, ticket = change.account, change.ticket
    piece = await get_work(db, ticket, work_id)
    if minutes == piece.worked:
        raise NothingToCorrect(f"The work {work_id!r} took {minutes} minutes already.")
    # What the period's cap leaves is told afterwards, and read before anything is written.
    terms, plan = await pools.load_plan(db, ticket)
    await load_ticket_cap(db, account, ticket, terms=terms, plan=plan, at=account.now)
    corrected = replace(piece, worked=minutes)
    pieces = [*await _load_others(db, ticket, piece), corrected]
    pieces.sort(key=lambda each: (each.created_at, each.work_id))
    counted = await counted_work.count_pieces(db, account, ticket, pieces)
    whole = Spent()
    recounted: list[Work] = []
    # What comes back first may pay for what is more.
    for each, spans in sorted(zip(pieces, counted, strict=True), key=_grows):
        spent, changed = await _recount(
            db, change, each, spans, stamp=_stamp(ticket_id, each.work_id, actor, reason)
        )
        whole.overage += spent.overage
        whole.returns += spent.returns
        if changed.minutes == each.minutes and each.work_id != work_id:
            continue
        before = piece if each.work_id == work_id else each
        correction = {
            "at": account.now.isoformat(),
            "from_minutes": before.minutes,
            "minutes": changed.minutes,
            "from_worked": before.worked,
            "worked": changed.worked,
            "overage_minutes": spent.overage,
            "reason": reason,
            "actor": actor,
            "sequence": account.sequence,
            "from_parts": before.parts,
        }
        changed = replace(changed, corrections=[*each.corrections, correction])
        await work.update_work(db, changed)
        recounted.append(changed)
    [piece] = [each for each in recounted if each.work_id == work_id]
    known = {name: each for name, each in piece.corrections[-1].items() if name != "from_parts"}
    data = known | {"work_id": work_id, "overage_minutes": whole.overage}
    return await _record(
        db, change, piece, whole, type_="work_correction", at=account.now, data=data
    )


async def _recount(
    db: Db, change: TicketChange, piece: Work, spans: Sequence[WorkSpan], *, stamp: Stamp
) -> tuple[Spent, Work]:
    """Bring what a piece of work has taken to what it counts now."""
    parts = read_parts(piece.parts)
    more = sum(each.minutes for each in spans) - piece.minutes
    if more >= 0:
        spent = await spending.spend(
            db,
            change.account,
            change.ticket,
            skip_counted(spans, piece.minutes),
            over_cap=piece.request["over_cap"],
            stamp=stamp,
            covered_since=find_covered_since(change.whole.events),
        )
        parts = [*parts, *spent.parts]
    else:
        parts, spent = await spending.return_units(
            db, change.account, change.ticket, parts, -more, stamp=stamp
        )
    parts = await counted_work.mark_work(db, change.ticket, parts, spans)
    return spent, replace(
        piece,
        minutes=piece.minutes + more,
        overage_minutes=piece.overage_minutes + spent.overage,
        parts=write_parts(parts),
    )


async def _load_others(db: Db, ticket: Ticket, piece: Work) -> list[Work]:
    """Return the other work on a ticket, where it counts together with this piece."""
    if not await counted_work.is_counted_together(db, ticket):
        return []
    found = await work.load_work_of(db, ticket.account_id, [ticket.ticket_id])
    return [each for each in found if each.work_id != piece.work_id]


def _grows(counted: tuple[Work, Sequence[WorkSpan]]) -> bool:
    piece, spans = counted
    return sum(each.minutes for each in spans) > piece.minutes


async def list_work(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
) -> list[WorkView]:
    """Return a ticket's work in the order it was logged, after a place in it."""
    view = await get_ticket(db, account_id=account_id, ticket_id=ticket_id)
    rows = await work.load_ticket_work(
        db, account_id, ticket_id, after=after, ascending=ascending, limit=limit
    )
    return [WorkView(row, view) for row in rows]


async def get_work(db: Db, ticket: Ticket, work_id: str) -> Work:
    """Return a piece of work of the ticket, or refuse with `work_unknown`."""
    row = await work.find_work(db, ticket.account_id, work_id)
    if row is None or row.ticket_id != ticket.ticket_id:
        raise work.WorkUnknown(f"The ticket {ticket.ticket_id!r} has no work {work_id!r}.")
    return row


async def _record(
    db: Db,
    change: TicketChange,
    piece: Work,
    spent: Spent,
    *,
    type_: str,
    at: datetime,
    data: Mapping[str, Any],
) -> WorkView:
    """Record work among its ticket's events, with what the ticket costs then."""
    account, ticket = change.account, change.ticket
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    charged = charge.held + charge.used
    # What takes nothing may be worked on while units of another kind are charged for it.
    unit = (ticket.charge_unit if charged else None) or UNIT
    overage = ticket.overage_amount + spent.overage
    charge_events.record_difference(
        account,
        ticket,
        unit=unit,
        before=ticket.charge_amount,
        after=charged,
        at=at,
        returns=spent.returns,
        work_id=piece.work_id,
    )
    charge_events.record_overage(
        account, ticket, unit=UNIT, amount=spent.overage, at=at, work_id=piece.work_id
    )
    view = await record_event(
        db,
        change,
        type_,
        at=at,
        data=dict(data) | {"returns": spent.returns},
        charge_unit=unit,
        overage_amount=overage,
    )
    return WorkView(piece, view)


def _stamp(ticket_id: str, work_id: str, actor: str, reason: str | None = None) -> Stamp:
    return Stamp(
        effective_at=BEGINNING,
        ticket_id=ticket_id,
        reference=work_id,
        cause="work",
        reason=reason,
        actor=actor,
    )
