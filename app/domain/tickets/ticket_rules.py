"""Rules of tickets: what may happen to one in its state, real or previewed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.domain.access.refusals import Choice, Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.requests import require_known_severity
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import ClockState, StateFold
from app.domain.tickets.tickets import Ticket
from app.domain.time.instants import write_instant
from app.domain.values import replace

# As far as clocks may differ: what is said to have happened a moment before the opening.
EARLY = timedelta(seconds=60)
# More than a person would write on one ticket; what ends a ticket is always taken.
MOST_EVENTS = 2_000
_ENDING = frozenset(
    {
        "resolution",
        "withdrawal",
        "refund",
        "dispute",
        "dispute_decision",
        "session_end",
        "session_correction",
        "work_correction",
        "coverage",
    }
)
_STANDARD_CAUSES = {
    "customer": "The customer has to answer, or to do something.",
    "vendor": "Another company has to answer, or to do something.",
}


class BeforeOpening(Refusal):
    """Something is said to have happened to a ticket before it was opened."""

    kind = "conflict"
    code = "before_opening"
    title = "It happened before the ticket was opened"


class TicketResolved(Refusal):
    """The ticket is resolved; it would have to be reopened first."""

    kind = "conflict"
    code = "ticket_resolved"
    title = "The ticket is resolved"


class TicketNotResolved(Refusal):
    """The ticket is not resolved."""

    kind = "conflict"
    code = "ticket_not_resolved"
    title = "The ticket is not resolved"


class TicketNotPaused(Refusal):
    """The ticket is not paused."""

    kind = "conflict"
    code = "ticket_not_paused"
    title = "The ticket is not paused"


class TicketPaused(Refusal):
    """The ticket waits on the same already."""

    kind = "conflict"
    code = "ticket_paused"
    title = "The ticket is paused already"


class AlreadyRemedied(Refusal):
    """A remedy was given before; strike it, if that was a mistake."""

    kind = "conflict"
    code = "already_remedied"
    title = "A remedy was given already"


class TooManyEvents(Refusal):
    """More has happened to the ticket than one ticket is for; open another one."""

    kind = "conflict"
    code = "too_many_events"
    title = "The ticket has too long a history"


class UnknownCause(InvalidPayload):
    """Neither the promises nor the catalogue know this cause of waiting; `choices` has those."""

    code = "unknown_cause"
    title = "Nobody can be waited for like this"


def place_event(at: datetime, *, opened_at: datetime) -> datetime:
    """Return when something happened to a ticket: a moment before its opening counts as at it.

    Refuses with `before_opening` what lies further back.
    """
    if at < opened_at - EARLY:
        raise BeforeOpening(f"The ticket was opened at {write_instant(opened_at)}.")
    return max(at, opened_at)


def require_possible(
    type_: str, at: datetime, state: ClockState | Ticket, *, last_event_at: datetime, name: str
) -> None:
    """Refuse what cannot happen to a ticket in a state; `name` says which ticket, in words.

    What is reported late, of before the ticket was resolved or of before the last that is known,
    may have happened.
    """
    match type_:
        case "pause" | "severity" | "work" | "session_start" | "remedy" if state.is_resolved(at):
            raise TicketResolved(f"{name} is resolved already.")
        case "resolution" | "withdrawal" if state.status == "resolved":
            raise TicketResolved(f"{name} is resolved already.")
        case "resumption" if state.status != "paused" and at >= last_event_at:
            raise TicketNotPaused(f"{name} is {state.status}.")
        case "reopening" if state.status != "resolved":
            raise TicketNotResolved(f"{name} is {state.status}.")
        case _:
            pass


def require_history(
    events: Iterable[ClockEvent],
    *,
    opened_at: datetime,
    severity: int | None,
    urgent: bool,
    terms: Catalog,
) -> list[ClockEvent]:
    """Return what a ticket would record of these events, in order; refuse what it would refuse.

    An event's `order` is its place in what was asked. What a customer writes on a resolved
    ticket reopens it, where the catalogue says so.
    """
    fold = StateFold(opened_at=opened_at, severity=severity, urgent=urgent)
    placed = [replace(each, at=place_event(each.at, opened_at=opened_at)) for each in events]
    recorded: list[ClockEvent] = []
    for event in sorted(placed, key=lambda each: (each.at, each.order)):
        state = fold.state
        require_possible(
            event.type, event.at, state, last_event_at=fold.last_event_at, name="The request"
        )
        place = f"/events/{event.order}"
        if event.type == "pause":
            require_known_cause(event.waiting_on or "", terms, pointer=f"{place}/waiting_on")
        if event.type == "remedy":
            require_no_remedy(state, name="The request")
        if event.type == "severity":
            require_known_severity(event.severity, terms, pointer=f"{place}/severity")
        happened = [event]
        if event.type == "customer_reply" and reopens(state.is_resolved(event.at), terms):
            happened.append(ClockEvent("reopening", event.at))
        for each in happened:
            numbered = replace(each, order=len(recorded))
            fold.take(numbered)
            recorded.append(numbered)
    return recorded


def reopens(was_resolved: bool, terms: Catalog) -> bool:
    """Say whether what a customer writes reopens a ticket that is resolved."""
    return was_resolved and terms.policies.reply_after_resolution == "reopen"


def require_unresolved(ticket: Ticket, at: datetime) -> None:
    """Refuse with `ticket_resolved` what would happen after the ticket's resolution."""
    if ticket.is_resolved(at):
        raise TicketResolved(f"The ticket {ticket.ticket_id!r} is resolved already.")


def require_no_remedy(state: ClockState, *, name: str) -> None:
    """Refuse with `already_remedied` a second remedy."""
    if state.remedied:
        raise AlreadyRemedied(f"{name} has a remedy already.")


def require_few_events(type_: str, count: int, *, name: str) -> None:
    """Refuse with `too_many_events` more than a person could need; a ticket can always be ended."""
    if count >= MOST_EVENTS and type_ not in _ENDING:
        raise TooManyEvents(
            f"{name} has {count} events, and more than {MOST_EVENTS} are not taken: open another"
            " ticket, or split this one."
        )


def require_known_cause(waiting_on: str, terms: Catalog, *, pointer: str) -> None:
    """Refuse with `unknown_cause` a wait that neither promises nor catalogue know."""
    causes = list_causes(terms)
    if waiting_on not in causes:
        known = ", ".join(causes)
        detail = f"{terms.title} knows no cause of waiting {waiting_on!r}; it knows {known}."
        choices = [
            Choice(cause, cause.replace("_", " ").capitalize(), definition)
            for cause, definition in causes.items()
        ]
        raise UnknownCause([Fault(pointer, detail, UnknownCause.code)], choices=choices)


def list_causes(terms: Catalog) -> dict[str, str | None]:
    """Return the causes of waiting that a catalogue's promises pause on, and the usual ones."""
    named = {
        cause
        for plan in terms.plans.values()
        for promise in plan.promises
        for cause in promise.pauses
    }
    return {**_STANDARD_CAUSES, **dict.fromkeys(sorted(named - set(_STANDARD_CAUSES)))}
