"""Dues: when a target of business time is used up, and the refusal when it never is."""

from typing import ClassVar, NamedTuple

from app.domain.access.refusals import Kind, Refusal
from app.domain.time.instants import InstantOutOfRange, format_instant


class NeverOpens(Refusal):
    """The calendar has no open time, or not enough of it before year 9999 (or since year 1)."""

    kind: ClassVar[Kind] = "invalid"
    code = "never_opens"
    title = "The calendar does not open for long enough"


class Due(NamedTuple):
    """The earliest and the latest instant at which a target is used up."""

    due_at: int
    breaches_after: int


def not_reached(start: int, *, back: bool = False) -> NeverOpens:
    """Return the refusal of a target that lies beyond what is known."""
    until = "since year 1" if back else "before year 9999"
    return NeverOpens(f"The target, from {format_instant(start)}, is not reached {until}.")


def out_of_range() -> InstantOutOfRange:
    """Return the refusal of an instant that no calendar is known for."""
    return InstantOutOfRange("Calendars are known from 0001-01-01 up to 9999-01-01, in UTC.")
