"""A deadline as it is on the wire."""

from collections.abc import Iterable
from typing import Literal

from app.api.http.wire import Instant, reply
from app.domain.promises.deadlines import Deadline, Excuse, Spell, Status
from app.domain.promises.promises import Metric, Strength


@reply
class ExcuseWire:
    """Why a breach is not held against the seller; it stands beside the breach."""

    reason: str
    """Why this is done, kept on the record."""
    actor: str
    """Who decided it, as the caller names them."""
    at: Instant
    """When the breach was excused."""


@reply
class DeadlineWarningWire:
    """A doubt about a deadline."""

    code: str
    """A stable code for programs."""
    calendar: str
    """The calendar it is about."""
    detail: str
    """What is doubtful, in a sentence."""


@reply
class SpellWire:
    """One time that the customer waited for a next response."""

    started_at: Instant
    """When the customer wrote."""
    status: Status
    """How it stands now."""
    due_at: Instant | None
    """When an answer is owed."""
    breaches_after: Instant | None
    """The last instant at which an answer still keeps the promise."""
    met_at: Instant | None
    """When it was answered."""
    breached_at: Instant | None
    """When the promise was broken."""
    missed_at: Instant | None
    """When a target was missed: reasonable efforts were not enough."""
    excused: ExcuseWire | None
    """Why this breach is not held against the seller."""


@reply
class DeadlineWire:
    """A promise applied to a ticket, as it stands now."""

    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """Guaranteed, a target (missed, never broken), best effort, or none (not offered)."""
    target: str | None
    """The targets that bind, in words; null without a time."""
    text: str | None
    """The seller's own sentence, where there is one."""
    started_at: Instant | None
    """When the clock began."""
    due_at: Instant | None
    """The earliest instant at which the target is used up: what people are shown."""
    breaches_after: Instant | None
    """The latest such instant: done at or before it, the promise is kept."""
    typical_at: Instant | None
    """When an answer usually comes."""
    warn_at: Instant | None
    """From when it is at risk."""
    at_risk: bool
    """Whether it is at risk now."""
    status: Status
    """How it stands now."""
    remaining_seconds: int | None
    """What is left, in the winning target's own time; frozen while paused."""
    used_seconds: int | None
    """What is used, in the winning target's own time."""
    met_at: Instant | None
    """When it was done."""
    breached_at: Instant | None
    """When the promise was broken."""
    missed_at: Instant | None
    """When a target was missed: reasonable efforts were not enough."""
    breach_cause: Literal["time", "reclassification"] | None
    """Whether it ran out of time, or a change of severity put it past its target."""
    excused: ExcuseWire | None
    """Why a breach is not held against the seller."""
    warnings: list[DeadlineWarningWire]
    """Doubts about it, each with a code."""
    spells: list[SpellWire]
    """For the next response: every time that the customer waited."""


def render_deadlines(deadlines: Iterable[Deadline]) -> list[DeadlineWire]:
    """Return deadlines as they are on the wire."""
    return [_render(deadline) for deadline in deadlines]


def _render(deadline: Deadline) -> DeadlineWire:
    return DeadlineWire(
        metric=deadline.metric,
        strength=deadline.strength,
        target=deadline.target,
        text=deadline.text,
        started_at=deadline.started_at,
        due_at=deadline.due_at,
        breaches_after=deadline.breaches_after,
        typical_at=deadline.typical_at,
        warn_at=deadline.warn_at,
        at_risk=deadline.at_risk,
        status=deadline.status,
        remaining_seconds=deadline.remaining_seconds,
        used_seconds=deadline.used_seconds,
        met_at=deadline.met_at,
        breached_at=deadline.breached_at,
        missed_at=deadline.missed_at,
        breach_cause=deadline.breach_cause,
        excused=_render_excuse(deadline.excused),
        warnings=[
            DeadlineWarningWire(code=each.code, calendar=each.calendar, detail=each.detail)
            for each in deadline.warnings
        ],
        spells=[_render_spell(each) for each in deadline.spells],
    )


def _render_spell(spell: Spell) -> SpellWire:
    return SpellWire(
        started_at=spell.started_at,
        status=spell.status,
        due_at=spell.due_at,
        breaches_after=spell.breaches_after,
        met_at=spell.met_at,
        breached_at=spell.breached_at,
        missed_at=spell.missed_at,
        excused=_render_excuse(spell.excused),
    )


def _render_excuse(excuse: Excuse | None) -> ExcuseWire | None:
    if excuse is None:
        return None
    return ExcuseWire(reason=excuse.reason, actor=excuse.actor, at=excuse.at)
