"""A statement: where units came from, which tickets hold some, which have used some.

What was there before the period, and the changes of all three parts, are what is there after
it. A ticket stands in one part only: in progress while anything of it is held, else resolved.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.domain.ledger.histories import HistoryLine, Parts
from app.domain.values import Value, replace

Key = tuple[str, str]


class TicketUnits(Value):
    """What a ticket holds and has used of one unit; `overage` is what no lot paid for."""

    held: int
    used: int
    overage: int


class StatementTicket(Value):
    """What a statement says of a ticket besides its units."""

    ticket_id: str
    subject: str
    catalog: str
    category: str | None
    opened_at: datetime
    outcome: str | None


class TicketPart(Value):
    """One ticket on a statement: as it is at its end, and what the period changed."""

    ticket_id: str
    unit: str
    state: TicketUnits
    change: Parts


def divide_lines(lines: Iterable[HistoryLine]) -> tuple[list[HistoryLine], dict[Key, Parts]]:
    """Divide a period's lines into modifications, and the changes of each (ticket, unit).

    What came back from a ticket to a lot that had ended is returned by the ticket, and then
    lost: the loss is a modification.
    """
    modifications: list[HistoryLine] = []
    tickets: dict[Key, Parts] = {}
    for line in lines:
        if line.ticket_id is None or line.kind in ("grant", "revoke", "extend"):
            modifications.append(line)
            continue
        key = (line.ticket_id, line.unit)
        lost = Parts(available=-line.change.expired, expired=line.change.expired)
        tickets[key] = tickets.get(key, Parts()) + line.change - lost
        if line.change.expired:
            modifications.append(
                replace(line, kind="expiry", entry=None, amount=line.change.expired, change=lost)
            )
    return modifications, tickets


def divide_tickets(
    changes: Mapping[Key, Parts],
    states: Mapping[Key, TicketUnits],
    tickets: Mapping[str, StatementTicket],
) -> tuple[list[TicketPart], list[TicketPart]]:
    """Divide tickets into those in progress and those resolved, the first opened first.

    A ticket that held nothing before the period and has used nothing after it is on neither
    list; one that gave back in the period what it had before is resolved, with nothing used.
    """
    in_progress: list[TicketPart] = []
    resolved: list[TicketPart] = []
    for key in sorted(
        changes.keys() | states.keys(), key=lambda key: (tickets[key[0]].opened_at, key)
    ):
        state = states.get(key, TicketUnits(0, 0, 0))
        part = TicketPart(*key, state, changes.get(key, Parts()))
        if state.held:
            in_progress.append(part)
        elif key in changes and (state.used or state.overage or part.change != Parts()):
            resolved.append(part)
    return in_progress, resolved
