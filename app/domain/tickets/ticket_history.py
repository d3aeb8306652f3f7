"""A ticket's history: which of its events count, and what they mean for its clocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from app.domain.access.refusals import Refusal
from app.domain.promises.clock_events import EVENT_TYPES, ClockEvent, EventType, PromisesKept
from app.domain.tickets.charges import CANCELLING_OUTCOMES
from app.domain.tickets.tickets import TicketEvent

# What may be recorded by mistake and moves nothing but clocks: all else has its own correction.
STRIKABLE = frozenset(
    {"agent_reply", "customer_reply", "pause", "resumption", "severity", "remedy"}
)
# What an event of a ticket is to its clocks: who pays decided anew is another plan.
_CLOCK_TYPES: Mapping[str, EventType] = {name: name for name in EVENT_TYPES} | {"coverage": "plan"}
_CLOCK_FIELDS = frozenset(
    {"waiting_on", "severity", "urgent", "policy", "version", "metric", "reason", "actor"}
)


class EventUnknown(Refusal):
    """The ticket has no event of this number."""

    kind = "unknown"
    code = "event_unknown"
    title = "There is no such event"


class NotStrikable(Refusal):
    """Only a reply, a pause, a resumption, a severity or a remedy is struck."""

    kind = "conflict"
    code = "not_strikable"
    title = "Such an event cannot be struck"


class AlreadyStruck(Refusal):
    """The event was struck before."""

    kind = "conflict"
    code = "already_struck"
    title = "The event is struck already"


def find_strikes(events: Iterable[TicketEvent]) -> dict[int, TicketEvent]:
    """Return the strikes among a ticket's events, by the number of the event that each struck."""
    return {int(event.data["number"]): event for event in events if event.type == "strike"}


def require_strikable(events: Sequence[TicketEvent], number: int) -> TicketEvent:
    """Return the event to be struck.

    Refuses with `event_unknown`, `not_strikable` and `already_struck`.
    """
    found = next((event for event in events if event.number == number), None)
    if found is None:
        raise EventUnknown(f"The ticket has no event number {number}.")
    if found.type not in STRIKABLE:
        kind = found.type.replace("_", " ")
        raise NotStrikable(f"Event number {number} is a {kind}, which has its own correction.")
    if number in find_strikes(events):
        raise AlreadyStruck(f"Event number {number} is struck already.")
    return found


def read_clock_events(events: Sequence[TicketEvent]) -> list[ClockEvent]:
    """Return what moves a ticket's clocks among its events; what is struck does not."""
    struck = find_strikes(events)
    return [
        ClockEvent(
            type="withdrawal" if event.data.get("outcome") in CANCELLING_OUTCOMES else type_,
            at=event.at,
            order=event.number,
            breached_at=_read_instant(event.data.get("breached_at")),
            before=_read_promises(event, "before"),
            after=_read_promises(event, "after"),
            **{name: value for name, value in event.data.items() if name in _CLOCK_FIELDS},
        )
        for event in events
        if event.number not in struck and (type_ := _CLOCK_TYPES.get(event.type)) is not None
    ]


def find_covered_since(events: Iterable[TicketEvent]) -> datetime | None:
    """Return when it was decided anew who pays for a ticket, last; None: as it was opened."""
    return max((event.at for event in events if event.type == "coverage"), default=None)


def inherit_events(events: Sequence[ClockEvent], *, at: datetime) -> Iterator[ClockEvent]:
    """Yield what a part that is split off `at` has behind it: the first answer, and the waits.

    The part was asked when its ticket was asked, so what answered that has answered it, and
    what the ticket waited for was not the seller's time. Who waits for the next response waits
    on the ticket itself. A wait that goes on ends for the part: it is worked on from then.
    """
    waiting_on: str | None = None
    answered = False
    for event in sorted(events, key=lambda each: (each.at, each.order)):
        match event.type:
            case "agent_reply" | "session_start" | "resolution" if not answered:
                answered = True
                yield ClockEvent("agent_reply", event.at)
            case "pause":
                waiting_on = event.waiting_on
                yield ClockEvent("pause", event.at, waiting_on=waiting_on)
            case "resumption":
                waiting_on = None
                yield ClockEvent("resumption", event.at)
            case "customer_reply" if waiting_on == "customer":
                waiting_on = None
                yield ClockEvent("resumption", event.at)
            case _:
                pass
    if waiting_on is not None:
        yield ClockEvent("resumption", at)


def _read_promises(event: TicketEvent, name: str) -> PromisesKept | None:
    return PromisesKept(**event.data[name]) if event.type == "coverage" else None


def _read_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
