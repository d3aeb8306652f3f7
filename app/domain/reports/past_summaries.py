"""A customer's tickets, sessions and plans as they stood, out of what happened to them by then.

Pure: what is recorded comes in, what a summary shows of an instant of the past comes out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.metering.bookings import Session
from app.domain.metering.sessions import SessionStatus
from app.domain.promises.next_deadlines import NextDeadline
from app.domain.reports.summary import SessionLine, TicketCounts, TicketLine
from app.domain.tickets.tickets import Ticket, TicketEvent
from app.domain.values import Value, replace

_NEVER = datetime.max.replace(tzinfo=UTC)
# How a session that waits to begin goes away without having begun.
_CALLED_OFF = frozenset({"session_no_show", "session_cancellation"})


class OpenTicket(Value):
    """A ticket that was open, or paused, with what it owed next and held then."""

    ticket: Ticket
    is_paused: bool
    owed: NextDeadline | None
    held: int

    def has_lapsed(self, at: datetime) -> bool:
        """Say whether what it owed next had run out."""
        last = None if self.owed is None else self.owed.breaches_after
        return not self.is_paused and last is not None and last < at

    def is_at_risk(self, at: datetime) -> bool:
        """Say whether it was at risk, and had not run out."""
        warn_at = None if self.owed is None else self.owed.warn_at
        return (
            not self.is_paused and warn_at is not None and warn_at <= at and not self.has_lapsed(at)
        )


class PastSubscription(Value):
    """A subscription as it is, and what of it was changed since.

    `ended_since` says that its order was cancelled or replaced since; `raised_since` is what was
    added to its quantity since.
    """

    subscription: Subscription
    ended_since: bool
    raised_since: int


class SuspensionTurn(Value):
    """That a subscription was suspended at an instant, or its suspension ended."""

    subscription_id: UUID
    at: datetime
    suspended: bool


def count_tickets(found: Iterable[OpenTicket], *, at: datetime) -> TicketCounts:
    """Count tickets as the queue does: by what they owed next, where nobody was waited for."""
    rows = list(found)
    lapsed = [each.owed for each in rows if each.owed is not None and each.has_lapsed(at)]
    missed = sum(owed.strength == "target" for owed in lapsed)
    paused = sum(each.is_paused for each in rows)
    return TicketCounts(
        open=len(rows) - paused,
        paused=paused,
        at_risk=sum(each.is_at_risk(at) for each in rows),
        breached=len(lapsed) - missed,
        missed=missed,
    )


def list_next(found: Iterable[OpenTicket], *, most: int) -> list[TicketLine]:
    """Return the next few tickets to work on, those that wait for somebody last."""
    return [_describe_ticket(each) for each in sorted(found, key=_order)[:most]]


def list_sessions(
    rows: Iterable[Session],
    tickets: Iterable[OpenTicket],
    events: Iterable[TicketEvent],
    *,
    at: datetime,
    most: int,
) -> list[SessionLine]:
    """Return the next few sessions that ran, or that waited to begin, at `at`.

    `events` are those of the `tickets` that were open then: what is booked ends with its ticket.
    """
    open_ids = {each.ticket.ticket_id for each in tickets}
    gone = {
        each.data.get("session_id") for each in events if each.type in _CALLED_OFF and each.at <= at
    }
    found = []
    for row in rows:
        if row.started_at is not None and row.started_at <= at:
            if row.ended_at is None or row.ended_at > at:
                found.append(_describe_session(row, "running"))
        elif row.ends_at > at and row.ticket_id in open_ids and row.session_id not in gone:
            found.append(_describe_session(row, "booked"))
    return sorted(found, key=lambda each: (each.starts_at, each.session_id))[:most]


def count_disputes(events: Iterable[TicketEvent], *, at: datetime) -> int:
    """Count the charges that were disputed by `at` and not decided; `events` in their order."""
    is_open: dict[str, bool] = {}
    for each in events:
        if each.at > at:
            continue
        if each.type == "dispute":
            is_open[each.ticket_id] = True
        elif each.type == "dispute_decision" or each.data.get("cause") == "dispute":
            is_open[each.ticket_id] = False
    return sum(is_open.values())


def restore_subscription(
    past: PastSubscription, lots: Iterable[Lot], turns: Iterable[SuspensionTurn], *, at: datetime
) -> Subscription:
    """Return a subscription as it stood at `at`, by its lots then and what was changed since.

    A suspension that was ended since is known by its `turns`, as far as those are kept.
    """
    found = past.subscription
    own = [lot for lot in lots if lot.subscription_id == found.subscription_id]
    ends = [lot.expires_at for lot in own if lot.source != "grace" and lot.expires_at]
    site, ends_at, suspended_at = found.site, found.ends_at, found.suspended_at
    if own:
        site = max(own, key=lambda lot: lot.granted_sequence).site
    if past.ended_since and ends:
        ends_at = max(ends)
    if not found.is_suspended(at):
        known = [
            each
            for each in turns
            if each.subscription_id == found.subscription_id and each.at <= at
        ]
        suspended_at = known[-1].at if known and known[-1].suspended else None
    return replace(
        found,
        site=site,
        ends_at=ends_at,
        suspended_at=suspended_at,
        quantity=found.quantity - past.raised_since,
    )


def _order(each: OpenTicket) -> tuple[bool, datetime, datetime, datetime, str]:
    owed = each.owed
    return (
        each.is_paused,
        (None if owed is None else owed.breaches_after) or _NEVER,
        (None if owed is None else owed.due_at) or _NEVER,
        each.ticket.opened_at,
        each.ticket.ticket_id,
    )


def _describe_ticket(each: OpenTicket) -> TicketLine:
    owed = each.owed
    return TicketLine(
        ticket_id=each.ticket.ticket_id,
        subject=each.ticket.subject,
        status="paused" if each.is_paused else "open",
        held=each.held,
        metric=None if owed is None else owed.metric,
        strength=None if owed is None else owed.strength,
        clock_status=None if owed is None else "running",
        due_at=None if owed is None else owed.due_at,
        breaches_after=None if owed is None else owed.breaches_after,
    )


def _describe_session(row: Session, status: SessionStatus) -> SessionLine:
    return SessionLine(row.session_id, row.ticket_id, row.kind, status, row.starts_at, row.ends_at)
