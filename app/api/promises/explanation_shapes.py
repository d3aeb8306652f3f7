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
    """The instant at which the segment begins, itself included."""
    to: Instant
    """The instant at which the segment ends, itself excluded."""
    counted: bool
    """Whether the time of the segment is counted."""
    why: str
    """Why the time is counted or not: open, closed, a holiday, an override, paused, or stopped."""
    detail: str | None
    """The holiday's name, or what was waited for; null where it is neither."""


class ExplainedClauseWire(Wire):
    """One target of the promise: when it is due, or why it does not apply."""

    target: str
    """The target in words, such as the time that it allows."""
    strength: Strength
    """How firmly the target is promised: guaranteed, a target, best effort, or typical."""
    calendar: str | None
    """The calendar whose open time counts; null: time passes day and night."""
    opened_in_hours: str | None
    """The calendar in whose open time the request must have been made; null: at any time."""
    applies: bool
    """Whether the target applies to this request."""
    won: bool
    """Whether the target is the one that is due first."""
    due_at: Instant | None
    """The instant at which the target is used up; null where it does not apply, or has no time."""
    breaches_after: Instant | None
    """The last instant that keeps the target; null where nothing breaks it."""
    reason: str
    """Why the target applies to the request, or does not."""


class ExplanationWire(Wire):
    """How a deadline came about: its targets, and the time that was counted."""

    target: str | None
    """The target that won, in words; null without a time."""
    calendar: str | None
    """The calendar whose open time counts; null: time passes day and night."""
    zone: str | None
    """The time zone of the calendar; null without one."""
    clauses: list[ExplainedClauseWire]
    """Every target of the promise, those that do not apply among them."""
    segments: list[ExplainedSegmentWire]
    """The spans of time from the start to the due instant, counted or not."""
    counted_seconds: int
    """The time of all counted segments together, in seconds."""
    truncated: bool
    """Whether some segments were left out, being too many."""


@reply
class ExplainedWire(DeadlineWire):
    """A deadline, and how it came about."""

    explanation: ExplanationWire
    """The deadline's explanation: what was counted, what was not, and why."""


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
