"""Booked sessions: as they are stored, and how many may wait at once.

Nothing is booked in the past, nor for longer than its limit (DESIGN §4). A seller's time is
everybody's: one ticket, and one customer, can have only so much of it set aside.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.domain.access.refusals import Refusal
from app.domain.metering.sessions import EndedBy, SessionKind, SessionStatus
from app.domain.values import Value

# How many sessions of one ticket, and of one account, may wait to begin, and how long they are.
MOST_OF_TICKET = 5
MOST_OF_ACCOUNT = 20
MOST_MINUTES_OF_ACCOUNT = 8 * 60
# Clocks differ: what was asked for so long ago is booked for now.
BEHIND = timedelta(seconds=60)

_MINUTE = timedelta(minutes=1)
# Why a session does not run, by its status.
_NOT_RUNNING: Mapping[SessionStatus, str] = {
    "booked": "has not started",
    "ended": "has ended already",
    "no_show": "was missed",
    "cancelled": "was cancelled",
}


class TooManyBooked(Refusal):
    """The ticket, or the account, has as much booked as may wait at once."""

    kind = "conflict"
    code = "too_many_booked"
    title = "Too many sessions are booked"


class SessionNotBooked(Refusal):
    """The session is not waiting to begin: it runs, has ended, was missed or cancelled."""

    kind = "conflict"
    code = "session_not_booked"
    title = "The session is not waiting to begin"


class SessionNotRunning(Refusal):
    """The session does not run: it has not begun, or has ended."""

    kind = "conflict"
    code = "session_not_running"
    title = "The session does not run"


class SessionNotEnded(Refusal):
    """Only the minutes of a session that has ended can be corrected."""

    kind = "conflict"
    code = "session_not_ended"
    title = "The session has not ended"


class Session(Value):
    """A session as it is stored.

    `contact` is where the customer is reached, `agent` who holds it.
    `minutes` are those that count, `over_minutes` those run beyond what could be charged.
    `charged` is how many further incidents its ticket was charged on account of it.
    """

    account_id: str
    session_id: str
    ticket_id: str
    request: Mapping[str, Any]
    kind: SessionKind
    catalog: str
    status: SessionStatus
    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    minutes: int | None
    over_minutes: int
    ended_by: EndedBy | None
    charged: int
    corrections: Sequence[Mapping[str, Any]]
    created_at: datetime
    contact: str | None
    agent: str | None

    @property
    def booked_minutes(self) -> int:
        """Return how long its slot is."""
        return (self.ends_at - self.starts_at) // _MINUTE

    def require_booked(self) -> None:
        """Refuse with `session_not_booked` a session that does not wait to begin."""
        if self.status != "booked":
            raise SessionNotBooked(
                f"The session {self.session_id!r} is {self.status.replace('_', ' ')}.",
                session_status=self.status,
            )

    def require_running(self) -> datetime:
        """Return when it began; refuse with `session_not_running` one that does not run."""
        if self.status != "running" or self.started_at is None:
            why = _NOT_RUNNING.get(self.status, "does not run")
            raise SessionNotRunning(
                f"The session {self.session_id!r} {why}.", session_status=self.status
            )
        return self.started_at

    def require_ended(self) -> int:
        """Return the minutes it counts; refuse with `session_not_ended` one that has none yet."""
        if self.status != "ended" or self.minutes is None:
            raise SessionNotEnded(f"The session {self.session_id!r} has not ended.")
        return self.minutes

    def takes_time(self, now: datetime) -> bool:
        """Return whether it runs, or is booked and its time has not passed."""
        return self.status == "running" or (self.status == "booked" and self.ends_at > now)


class AgendaLine(Value):
    """A session as the agenda has it, with its customer and what it is about."""

    account_id: str
    account_name: str
    ticket_id: str
    subject: str
    catalog: str
    plan: str | None
    session_id: str
    kind: SessionKind
    status: SessionStatus
    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    minutes: int | None
    contact: str | None
    agent: str | None


def require_bookable(
    waiting: Iterable[Session], ticket_id: str, session_id: str, minutes: int
) -> None:
    """Refuse with `too_many_booked` one more session than a ticket or an account may have waiting.

    `waiting` are the account's; the session itself, where it is moved, does not count.
    """
    others = [each for each in waiting if each.session_id != session_id]
    of_ticket = sum(each.ticket_id == ticket_id for each in others)
    if of_ticket >= MOST_OF_TICKET:
        raise TooManyBooked(
            f"{of_ticket} sessions of the ticket wait to begin; {MOST_OF_TICKET} may.",
            most=MOST_OF_TICKET,
            booked=of_ticket,
        )
    if len(others) >= MOST_OF_ACCOUNT:
        raise TooManyBooked(
            f"{len(others)} sessions of the account wait to begin; {MOST_OF_ACCOUNT} may.",
            most=MOST_OF_ACCOUNT,
            booked=len(others),
        )
    booked = sum(each.booked_minutes for each in others)
    if booked + minutes > MOST_MINUTES_OF_ACCOUNT:
        raise TooManyBooked(
            f"Sessions of {booked} minutes wait to begin; {MOST_MINUTES_OF_ACCOUNT} may together.",
            most_minutes=MOST_MINUTES_OF_ACCOUNT,
            booked_minutes=booked,
        )
