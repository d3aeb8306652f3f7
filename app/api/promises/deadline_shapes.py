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
    """Why the breach was excused, as it was put on the record."""
    actor: str
    """Who excused the breach, as the caller names them."""
    at: Instant
    """The instant at which the breach was excused."""


@reply
class DeadlineWarningWire:
    """A doubt about a deadline, such as holidays that are not known."""

    code: str
    """The kind of the doubt, as a stable code."""
    calendar: str
    """The calendar that the doubt is about, by its code in the catalogue."""
    detail: str
    """What is doubtful, in a sentence for people."""


@reply
class SpellWire:
    """A wait: one time that the customer waited for a next response."""

    started_at: Instant
    """The instant at which the customer wrote, and the wait began."""
    status: Status
    """Whether this wait runs, is paused, or was answered in time."""
    due_at: Instant | None
    """The instant by which an answer is owed; null while paused, and where there is no time."""
    breaches_after: Instant | None
    """The last instant at which an answer still keeps the promise; null where nothing breaks it,
    and while paused."""
    met_at: Instant | None
    """When the customer was answered; null while that is owed."""
    breached_at: Instant | None
    """When the guarantee was broken; null where it was not."""
    missed_at: Instant | None
    """When a target was missed, for which reasonable efforts were owed; null where none was."""
    excused: ExcuseWire | None
    """Why this breach is not held against the seller; null where it was not excused."""


@reply
class DeadlineWire:
    """A promise applied to a ticket, as it stands now."""

    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """Guaranteed, a target (missed, never broken), best effort, or none (not offered)."""
    target: str | None
    """The targets that bind the ticket, in words; null without a time."""
    text: str | None
    """The seller's own sentence for the promise; null where there is none."""
    started_at: Instant | None
    """When the deadline's clock began; null while it has not."""
    due_at: Instant | None
    """The earliest instant at which the target is used up, which people are shown; null while
    paused, once cancelled, and where there is no time."""
    breaches_after: Instant | None
    """The latest instant at which the target is used up: what is done at or before it is kept. Null
    as `due_at` is, and on best effort."""
    typical_at: Instant | None
    """When an answer usually comes, which binds nobody; null where the seller does not say, and
    while the clock is paused."""
    warn_at: Instant | None
    """The instant from which the deadline is at risk; null while its clock is paused, once that
    was cancelled, and where there is no time."""
    at_risk: bool
    """Whether the deadline is at risk: its clock runs, and little time is left."""
    status: Status
    """Whether the deadline runs, is paused, was met, was cancelled, or was not kept."""
    remaining_seconds: int | None
    """The seconds that are left, in the winning target's own time: frozen while paused, null once
    the clock has ended."""
    used_seconds: int | None
    """The seconds that are used, in the winning target's own time; null without one."""
    met_at: Instant | None
    """When what was owed was done; null while it is not."""
    breached_at: Instant | None
    """When the guarantee was broken; null where it was not."""
    missed_at: Instant | None
    """When a target was missed, for which reasonable efforts were owed; null where none was."""
    breach_cause: Literal["time", "reclassification"] | None
    """Whether time ran out, or a change of severity put the deadline past its target; null where
    it was kept."""
    excused: ExcuseWire | None
    """Why a breach is not held against the seller; null where it was not excused."""
    warnings: list[DeadlineWarningWire]
    """Doubts about the deadline, each with a code."""
    spells: list[SpellWire]
    """For the next response, every time that the customer waited, in order; empty for other
    metrics."""


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
