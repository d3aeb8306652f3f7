"""One deadline of a timeline: what its bar is made of, and what stands beside it in words."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple, assert_never

from app.api.pages.words import Words
from app.api.promises.timeline_looks import BandKind, MarkKind
from app.api.promises.timeline_scales import Scale
from app.domain.promises.counted_spans import CountedSpan, trace
from app.domain.promises.deadlines import Deadline, Timing, name_lapse
from app.domain.time.instants import to_micros

MOST_SPANS = 1_500


class Band(NamedTuple):
    """A part of a bar, in UTC microseconds; `name` is written where there is room."""

    kind: BandKind
    start: int
    end: int
    name: str | None = None


class Mark(NamedTuple):
    """An instant on a bar."""

    kind: MarkKind
    at: int


class TimelineRow(NamedTuple):
    """A deadline read for drawing."""

    deadline: Deadline
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]


def read_row(deadline: Deadline) -> TimelineRow:
    """Read what a deadline's bar shows; one without a time has no bands."""
    marks = tuple(_read_marks(deadline))
    timing = deadline.timing
    if timing is None or timing.reckoning.won is None:
        return TimelineRow(deadline, (), marks)
    return TimelineRow(deadline, tuple(_read_bands(deadline, timing)), marks)


def describe_standing(deadline: Deadline, scale: Scale) -> str:
    """Say in one line where a deadline stands."""
    words = scale.words
    said = [
        f"{words(f'mark_{mark}')} {scale.format(to_micros(at))}{more}"
        for mark, at, more in (
            ("done" if deadline.status == "late" else "met", deadline.met_at, ""),
            ("breached", deadline.breached_at, _describe_cause(deadline, words)),
            ("missed", deadline.missed_at, _describe_cause(deadline, words)),
            ("due", deadline.due_at, ""),
            (_lapse_of(deadline), _find_leeway(deadline), ""),
        )
        if at is not None
    ]
    if deadline.status == "paused" and deadline.remaining_seconds is not None:
        said.append(words("left_on_resume", span=_describe_span(deadline.remaining_seconds)))
    if deadline.excused is not None:
        said.append(words("excused_for", reason=deadline.excused.reason))
    if not said:
        return words("no_clock" if deadline.status in ("none", "cancelled") else "without_time")
    return ", ".join(said)


def describe_terms(deadline: Deadline, words: Words) -> str:
    """Return what is promised and how firmly: "4 business hours, guaranteed"."""
    target, strength = describe_target(deadline, words), words(f"firm_{deadline.strength}")
    return f"{target}, {strength}" if target else strength


def describe_target(deadline: Deadline, words: Words) -> str | None:
    """Return the clauses that bind, as "4 business hours, 24 hours"; None where there are none."""
    timing = deadline.timing
    if words.language == "en" or timing is None:
        return deadline.target
    calendars = timing.terms.calendars
    bound = (
        words.within(clause.within)
        if clause.calendar is None
        else words.within(clause.within, calendars[clause.calendar].words)
        for clause in (each.clause for each in timing.reckoning.binding)
    )
    return ", ".join(dict.fromkeys(bound)) or None


def _find_leeway(deadline: Deadline) -> datetime | None:
    if deadline.broken_at is None and deadline.breaches_after != deadline.due_at:
        return deadline.breaches_after
    return None


def _lapse_of(deadline: Deadline) -> MarkKind:
    return "miss" if name_lapse(deadline.strength) == "missed" else "breach"


def _describe_cause(deadline: Deadline, words: Words) -> str:
    return words("reclassified") if deadline.breach_cause == "reclassification" else ""


def _describe_span(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part) or f"{rest} s"


def _read_bands(deadline: Deadline, timing: Timing) -> Iterator[Band]:
    """Read the time up to the due, the leeway after it, and how late it is."""
    due_at = _micros(deadline.due_at)
    halted = timing.seen_at if timing.ended_at is None else timing.ended_at
    until = halted if due_at is None else due_at
    spans = list(islice(trace(timing, until), MOST_SPANS + 1))
    for span in spans[:MOST_SPANS]:
        yield Band(_kind_of(span), span.start, span.end, span.detail)
    if len(spans) > MOST_SPANS:
        yield Band("unread", spans[MOST_SPANS].start, until)
    if due_at is None:
        return
    lapsed_at = _micros(deadline.broken_at or deadline.breaches_after)
    if lapsed_at is not None and lapsed_at > due_at:
        yield Band("leeway", due_at, lapsed_at)
    if deadline.status == "late":
        yield Band("late", due_at, halted)
    if deadline.broken_at is not None and lapsed_at is not None and halted > lapsed_at:
        yield Band("late", lapsed_at, halted)


def _kind_of(span: CountedSpan) -> BandKind:
    match span.why:
        case "open":
            return "counted"
        case "override":
            return "override" if span.counted else "closed"
        case "closed" | "holiday" | "paused" | "stopped":
            return span.why
        case _:
            assert_never(span.why)


def _read_marks(deadline: Deadline) -> Iterator[Mark]:
    """Read the instants to mark: not what no longer matters once it is met, nor one twice."""
    due_at, lapses_at = deadline.due_at, deadline.breaches_after
    ends = _lapse_of(deadline)
    done: MarkKind = "done" if deadline.status == "late" else "met"
    instants: tuple[tuple[MarkKind, datetime | None], ...] = (
        ("breached", deadline.breached_at),
        ("missed", deadline.missed_at),
        ("due", due_at),
        (ends, None if deadline.broken_at or lapses_at == due_at else lapses_at),
        (done, deadline.met_at),
        ("warn", deadline.warn_at),
        ("typical", deadline.typical_at),
        ("started", deadline.started_at),
    )
    for kind, at in instants:
        hoped_for = kind in ("warn", "typical") and deadline.met_at is not None
        if at is not None and not hoped_for:
            yield Mark(kind, to_micros(at))


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)
