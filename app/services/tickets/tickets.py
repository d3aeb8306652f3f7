"""Tickets: read whole, taken to be changed, and what happened to them recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount, lock_account
from app.db.engine.database import Db
from app.db.tickets import tickets
from app.db.tickets.tickets import WholeTicket
from app.domain.access.refusals import Refusal
from app.domain.promises.clocks import TicketEvent
from app.domain.promises.deadlines import Deadline
from app.domain.tickets.charges import Charge
from app.services.accounts.accounts import require_match
from app.services.promises import deadlines
from app.services.tickets import charges


class TicketResolved(Refusal):
    """The ticket is resolved; it would have to be reopened first."""

    kind = "conflict"
    code = "ticket_resolved"
    title = "The ticket is resolved"


class BeforeOpening(Refusal):
    """Something is said to have happened to a ticket before it was opened."""

    kind = "conflict"
    code = "before_opening"
    title = "It happened before the ticket was opened"


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket whole: its row, its charge, its clocks, and the account's sequence."""

    row: Any
    charge: Charge
    deadlines: tuple[Deadline, ...]
    sequence: int
    events: list[Any] = field(default_factory=list)

    @property
    def version(self) -> int:
        return int(self.row["version"])


async def get_ticket(db: Db, *, account_id: str, ticket_id: str) -> TicketView:
    """Return a ticket as it is now."""
    ticket = await tickets.load_whole_ticket(db, account_id, ticket_id)
    return await view_ticket(db, ticket, now=db.read_clock())


async def view_ticket(db: Db, ticket: WholeTicket, *, now: datetime) -> TicketView:
    """Return a ticket with its charge, its clocks at `now`, and its events."""
    clocks = await deadlines.run_ticket_clocks(
        db, ticket, deadlines.read_events(ticket.events), now=max(now, ticket["last_event_at"])
    )
    account: LockedAccount | None = db.held.get(ticket["account_id"])
    if account is None:
        charge, sequence = charges.fold_charge(ticket), ticket.sequence
    else:
        charge = await charges.load_charge(db, account.account_id, ticket["ticket_id"])
        sequence = account.sequence
    return TicketView(ticket, charge, clocks, sequence, ticket.events)


async def lock_ticket(
    db: Db, *, account_id: str, ticket_id: str, if_match: str | None = None
) -> tuple[LockedAccount, WholeTicket]:
    """Take the account's row and read the ticket whole; every action on a ticket begins here.

    Nothing happens to a ticket before what happened to it last, whatever another machine's
    clock said then.
    """
    account = await lock_account(db, account_id)
    ticket = await tickets.load_ticket_to_change(db, account, ticket_id)
    require_match(if_match, ticket["version"])
    account.now = max(account.now, ticket["last_event_at"])
    return account, ticket


async def record_event(
    db: Db,
    account: LockedAccount,
    ticket: WholeTicket,
    *,
    type_: str,
    at: datetime,
    actor: str | None,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> TicketView:
    """Record what happened to a ticket, fold its clocks again, and return it whole.

    Its `changes` are those of its row that the event does not say by itself. What its charge
    comes to is read from the movements, which are written before.
    """
    if at < ticket["opened_at"]:
        raise BeforeOpening(f"The ticket was opened at {ticket['opened_at'].isoformat()}.")
    number = ticket["events"] + 1
    event = {
        "account_id": account.account_id,
        "ticket_id": ticket["ticket_id"],
        "number": number,
        "type": type_,
        "at": at,
        "recorded_at": account.now,
        "actor": actor,
        "data": dict(data or {}),
    }
    events = [*ticket.events, event]
    folded = deadlines.read_events(events)
    charge = await charges.load_charge(db, account.account_id, ticket["ticket_id"])
    changed = WholeTicket({**ticket, **changes}, events=events)
    changed["charge_status"] = charge.status(overage=changed["overage_amount"])
    changed["charge_amount"] = charge.held + charge.used
    changed |= {"events": number, "last_event_at": max(at, ticket["last_event_at"])}
    changed |= _state_changes(ticket, folded, now=account.now)
    clocks = await deadlines.run_ticket_clocks(db, changed, folded, now=account.now)
    changed |= deadlines.next_instants(clocks) | {"version": ticket["version"] + 1}
    await tickets.insert_event(db, event)
    await tickets.update_ticket(db, changed)
    changed.clocks = await deadlines.keep_deadlines(
        db, account, changed, clocks, before=ticket.clocks
    )
    return TicketView(changed, charge, clocks, account.sequence, events)


def require_unresolved(row: Any, at: datetime) -> None:
    """Refuse with `ticket_resolved` what is said to happen after the ticket's resolution."""
    if row["status"] == "resolved" and at >= (row["resolved_at"] or at):
        raise TicketResolved(f"The ticket {row['ticket_id']!r} is resolved already.")


def _state_changes(row: Any, events: list[TicketEvent], *, now: datetime) -> dict[str, Any]:
    state = deadlines.read_ticket_state(row, events, now=now)
    return {
        "status": state.status,
        "waiting_on": state.waiting_on,
        "severity": state.severity,
        "urgent": state.urgent,
    }
