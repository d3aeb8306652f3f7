"""An explained deadline as it is on the wire: what was counted, what was not, and why."""

from dataclasses import fields
from typing import Annotated

from pydantic import Field

from app.api.http.wire import Instant, Wire, reply
from app.api.promises.deadline_shapes import DeadlineWire, render_deadlines
from app.domain.promises.deadlines import Deadline
from app.domain.promises.explanations import explain_deadline
from app.domain.promises.promises import Strength


class ExplainedSegmentWire(Wire):
    """A half-open span of time, counted or not."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """When the segment begins, itself included."""
    to: Instant
    """Its end, itself excluded."""
    counted: bool
    """Whether its time is counted."""
    why: str
    """Open, closed, a holiday, an override, paused, or stopped."""
    detail: str | None
    """The holiday's name, or what was waited for."""


class ExplainedClauseWire(Wire):
    """One target of the promise: when it is due, or why it does not apply."""

    target: str
    """The target in words."""
    strength: Strength
    """How strong it is."""
    calendar: str | None
    """The calendar it counts in; null: elapsed time."""
    opened_in_hours: str | None
    """The calendar in whose hours the request must have been made."""
    applies: bool
    """Whether it applies to this request."""
    won: bool
    """Whether it is the one that is due first."""
    due_at: Instant | None
    """When it is due."""
    breaches_after: Instant | None
    """The last instant that keeps it."""
    reason: str
    """Why it applies, or does not."""


class ExplanationWire(Wire):
    """How a deadline came about."""

    target: str | None
    """The target that won, in words."""
    calendar: str | None
    """The calendar it counts in; null: elapsed time."""
    zone: str | None
    """The time zone of that calendar."""
    clauses: list[ExplainedClauseWire]
    """Every target of the promise."""
    segments: list[ExplainedSegmentWire]
    """The time from the start to the due instant."""
    counted_seconds: int
    """What the counted segments come to."""
    truncated: bool
    """Whether segments were left out, being too many."""


@reply
class ExplainedWire(DeadlineWire):
    """A deadline with how it came about."""

    explanation: ExplanationWire
    """What was counted, what was not, and why."""


def render_explained(deadline: Deadline) -> ExplainedWire:
    """Return a deadline and its explanation as they are on the wire."""
    shown = render_deadlines([deadline])[0]
    found = explain_deadline(deadline)
    return ExplainedWire(
        **{each.name: getattr(shown, each.name) for each in fields(DeadlineWire)},
        explanation=ExplanationWire(
            target=found.target,
            calendar=found.calendar,
            zone=found.zone,
            clauses=[ExplainedClauseWire.model_validate(each) for each in found.clauses],
            segments=[
                ExplainedSegmentWire.model_validate(
                    {
                        "from": each.start,
                        "to": each.end,
                        "counted": each.counted,
                        "why": each.why,
                        "detail": each.detail,
                    }
                )
                for each in found.segments
            ],
            counted_seconds=found.counted_seconds,
            truncated=found.truncated,
        ),
    )
