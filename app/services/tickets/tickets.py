"""Tickets: read whole, taken to be changed, and what happened to them recorded."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.db.metering import metered_tickets
from app.db.tickets import tickets, whole_tickets
from app.db.tickets.whole_tickets import WholeTicket
from app.domain.access.callers import Caller
from app.domain.catalog.catalogs import Catalog
from app.domain.events.ticket_events import describe_happening
from app.domain.ledger.remaining import Remaining
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.charges import Charge, Outcome
from app.domain.tickets.queue_order import place_in_queue
from app.domain.tickets.ticket_history import read_clock_events
from app.domain.tickets.ticket_rules import place_event, require_few_events, require_possible
from app.domain.tickets.tickets import Ticket, TicketCover, TicketEvent
from app.domain.time.backdating import decide_instant
from app.domain.values import Value, replace
from app.services.accounts.accounts import require_match
from app.services.coverage import pools
from app.services.promises import deadlines
from app.services.tickets import charges


class TicketView(Value):
    """A ticket with its charge, its clocks, what happened to it, and the account's sequence.

    `terms` are those that it is charged under, `remaining` is what is left of its pool.
    """

    ticket: Ticket
    terms: Catalog
    charge: Charge
    deadlines: tuple[Deadline, ...]
    remaining: Remaining | None
    sequence: int
    events: Sequence[TicketEvent] = ()

    @property
    def version(self) -> int:
        return self.ticket.version


class TicketChange(Value):
    """A ticket that is to be changed: its account's row is locked, and `If-Match` is met.

    `reported_at` is when the caller says that it happened.
    """

    account: LockedAccount
    whole: WholeTicket
    caller: Caller
    reported_at: datetime | None

    @property
    def ticket(self) -> Ticket:
        return self.whole.ticket

    @property
    def at(self) -> datetime:
        """When it happens to the ticket.

        Refuses `at_in_future` and `before_opening`; long ago needs `history:write`.
        """
        at = decide_instant(self.reported_at, now=self.account.now, caller=self.caller)
        return place_event(at, opened_at=self.ticket.opened_at)

    @property
    def name(self) -> str:
        """The ticket, as a refusal names it."""
        return f"The ticket {self.ticket.ticket_id!r}"

    def require_possible(self, type_: str) -> None:
        """Refuse what cannot happen to the ticket as it stands."""
        ticket = self.ticket
        require_possible(type_, self.at, ticket, last_event_at=ticket.last_event_at, name=self.name)


class TicketChanges(TicketCover, total=False):
    """What an event may change of its ticket besides what the clocks' fold does."""

    outcome: Outcome | None
    resolved_at: datetime | None
    overage_amount: int
    dispute: Mapping[str, Any] | None


async def get_ticket(db: Db, *, account_id: str, ticket_id: str) -> TicketView:
    """Return a ticket as it is now."""
    whole = await whole_tickets.load_whole_ticket(db, account_id, ticket_id)
    return await view_ticket(db, whole, now=db.read_clock())


async def view_ticket(db: Db, whole: WholeTicket, *, now: datetime) -> TicketView:
    """Return a ticket as it was read: its charge, its clocks at `now`, and its events."""
    (view,) = await view_tickets(db, [whole], now=now)
    return view


async def view_tickets(db: Db, found: Iterable[WholeTicket], *, now: datetime) -> list[TicketView]:
    """Return an account's tickets as they were read at once, as `view_ticket` does each.

    What is left is measured once for those of one subscription that moved the same lots.
    """
    views: list[TicketView] = []
    measured: dict[object, Remaining | None] = {}
    for whole in found:
        ticket = whole.ticket
        terms = ticket.subscription_id, ticket.catalog_version, ticket.region
        drawn = *terms, id(whole.pool), frozenset(whole.lots)
        if drawn not in measured:
            measured[drawn] = await _measure(db, whole, now=now, account=None)
        charge = charges.fold_charge(whole)
        clocks = await _run_clocks(db, whole, now=now)
        view = await _view(db, whole, charge, clocks, measured[drawn], account=None)
        views.append(view)
    return views


async def view_locked_ticket(db: Db, account: LockedAccount, whole: WholeTicket) -> TicketView:
    """Return a ticket of an account whose row is locked, with what was moved since it was read."""
    charge = await charges.load_charge(db, account, whole.ticket.ticket_id)
    clocks = await _run_clocks(db, whole, now=account.now)
    remaining = await _measure(db, whole, now=account.now, account=account)
    return await _view(db, whole, charge, clocks, remaining, account=account)


async def take_ticket(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    caller: Caller,
    at: datetime | None = None,
    if_match: str | None = None,
) -> TicketChange:
    """Lock the account's row and read the ticket; every change of a ticket begins here.

    Refuses `ticket_unknown` and `precondition_failed`. Nothing happens to a ticket before what
    happened to it last, whatever another machine's clock said then.
    """
    account, whole = await whole_tickets.take_ticket(db, account_id, ticket_id)
    return _change(account, whole, caller, at=at, if_match=if_match)


async def take_metered_ticket(
    db: Db,
    *,
    account_id: str,
    ticket_id: str,
    caller: Caller,
    at: datetime | None = None,
    if_match: str | None = None,
    session_id: str | None = None,
    work_id: str | None = None,
    books: bool = False,
) -> TicketChange:
    """Take a ticket as `take_ticket` does, with what metering it needs read as well.

    Where it `books`, that is also what is booked in the account.
    """
    account, whole = await metered_tickets.take_metered_ticket(
        db, account_id, ticket_id, session_id=session_id, work_id=work_id, books=books
    )
    return _change(account, whole, caller, at=at, if_match=if_match)


def _change(
    account: LockedAccount,
    whole: WholeTicket,
    caller: Caller,
    *,
    at: datetime | None,
    if_match: str | None,
) -> TicketChange:
    require_match(if_match, whole.ticket.version)
    account.now = max(account.now, whole.ticket.last_event_at)
    return TicketChange(account, whole, caller, at)


async def record_event(
    db: Db,
    change: TicketChange,
    type_: str,
    *,
    at: datetime | None = None,
    actor: str | None = None,
    data: Mapping[str, Any] | None = None,
    **changes: Unpack[TicketChanges],
) -> TicketView:
    """Record what happened to a ticket, fold its clocks again, and return it with all of it.

    By the caller and when the change is, unless `actor` and `at` say otherwise. Its `changes`
    are those of its row that the event does not say by itself. What its charge comes to is read
    from the movements, which are written before.
    """
    account, whole = change.account, change.whole
    at = change.at if at is None else at
    ticket = whole.ticket
    at = place_event(at, opened_at=ticket.opened_at)
    require_few_events(type_, ticket.events, name=change.name)
    event = TicketEvent(
        account_id=account.account_id,
        ticket_id=ticket.ticket_id,
        number=ticket.events + 1,
        type=type_,
        at=at,
        recorded_at=account.now,
        actor=change.caller.name if actor is None else actor,
        data=dict(data or {}),
    )
    events = [*whole.events, event]
    folded = read_clock_events(events)
    state = deadlines.read_ticket_state(ticket, folded, now=account.now)
    clocks = await deadlines.run_ticket_clocks(db, ticket, folded, now=account.now)
    charge = await charges.load_charge(db, account, ticket.ticket_id)
    changed = replace(
        ticket,
        status=state.status,
        waiting_on=state.waiting_on,
        severity=state.severity,
        urgent=state.urgent,
        events=event.number,
        last_event_at=max(at, ticket.last_event_at),
        version=ticket.version + 1,
        charge_status=charge.status(overage=changes.get("overage_amount", ticket.overage_amount)),
        charge_amount=charge.held + charge.used,
        charge_held=charge.held,
        **changes,
    )
    changed = place_in_queue(changed, clocks, unanswered=state.unanswered)
    await tickets.insert_event(db, event)
    await tickets.update_ticket(db, changed)
    happened = describe_happening(event, before=ticket, after=changed)
    if happened is not None:
        account.record(happened, at=at)
    deadlines.store_deadlines(account, changed, clocks, before=whole.clocks)
    whole = replace(whole, ticket=changed, events=events)
    remaining = await _measure(db, whole, now=account.now, account=account)
    return await _view(db, whole, charge, clocks, remaining, account=account)


async def _run_clocks(db: Db, whole: WholeTicket, *, now: datetime) -> tuple[Deadline, ...]:
    """Return a ticket's clocks at `now`, or at its last event, where that is later."""
    ticket = whole.ticket
    return await deadlines.run_ticket_clocks(
        db, ticket, read_clock_events(whole.events), now=max(now, ticket.last_event_at)
    )


async def _measure(
    db: Db, whole: WholeTicket, *, now: datetime, account: LockedAccount | None
) -> Remaining | None:
    """Return what is left of a ticket's pool; None without a plan."""
    lots = [*whole.pool, *whole.lots.values()]
    return await pools.measure_remaining(db, whole.ticket, lots, now=now, account=account)


async def _view(
    db: Db,
    whole: WholeTicket,
    charge: Charge,
    clocks: tuple[Deadline, ...],
    remaining: Remaining | None,
    *,
    account: LockedAccount | None,
) -> TicketView:
    """Return a ticket as it is now."""
    terms, _ = await pools.load_plan(db, whole.ticket)
    return TicketView(
        ticket=whole.ticket,
        terms=terms,
        charge=charge,
        deadlines=clocks,
        remaining=remaining,
        sequence=whole.sequence if account is None else account.sequence,
        events=whole.events,
    )
