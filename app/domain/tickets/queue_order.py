"""Order of the queue: the place of an open ticket, whatever the time is.

Whoever waits for an answer, or is owed anything, goes before those who were answered and are
owed nothing; whoever is waited for goes last. Within each of the three: covered before on
demand; what is broken first (what was broken already before all), none last; urgent; the
gravest severity, none last; the best plan; the oldest.
"""

from collections.abc import Iterable
from typing import Literal

from app.domain.promises.deadlines import Deadline
from app.domain.promises.next_deadlines import NextDeadline, find_next_deadline
from app.domain.tickets.tickets import Ticket, TicketStatus
from app.domain.values import replace

QueueGroup = Literal[0, 1, 2]
WAITING: QueueGroup = 0
ANSWERED: QueueGroup = 1
PAUSED: QueueGroup = 2


def place_in_queue(ticket: Ticket, deadlines: Iterable[Deadline], *, unanswered: bool) -> Ticket:
    """Return a ticket with what the queue needs of its clocks and its state."""
    owed = find_next_deadline(deadlines)
    return replace(
        ticket,
        unanswered=unanswered,
        queue_group=find_queue_group(ticket.status, unanswered=unanswered, owed=owed),
        next_metric=None if owed is None else owed.metric,
        next_strength=None if owed is None else owed.strength,
        due_at=None if owed is None else owed.due_at,
        breaches_after=None if owed is None else owed.breaches_after,
        warn_at=None if owed is None else owed.warn_at,
    )


def find_queue_group(
    status: TicketStatus, *, unanswered: bool, owed: NextDeadline | None
) -> QueueGroup:
    """Return which of the three groups a ticket is in; `owed` is what it owes next."""
    if status == "paused":
        return PAUSED
    return WAITING if unanswered or owed is not None else ANSWERED
