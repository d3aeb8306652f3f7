"""One deadline of a timeline: what its bar is made of, and the bar drawn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple, assert_never

from app.api.promises.timeline_scales import Scale
from app.api.promises.timeline_shapes import (
    BANDS,
    MARKS,
    MUTED,
    NOW,
    BandKind,
    MarkKind,
    draw_band,
    draw_mark,
    draw_pill,
    draw_text,
    draw_veil,
    measure_text,
)
from app.domain.promises.counted_spans import CountedSpan, trace
from app.domain.promises.deadlines import Deadline, Status, Timing, name_lapse
from app.domain.promises.promises import Metric, Strength
from app.domain.time.instants import to_micros

METRIC_TITLES: Mapping[Metric, str] = {
    "first_response": "First response",
    "next_response": "Next response",
    "next_update": "Next update",
    "remedy": "Remedy",
    "resolution": "Resolution",
}
STRENGTHS: Mapping[Strength, str] = {
    "guaranteed": "guaranteed",
    "target": "a target",
    "best_effort": "best effort",
    "typical": "typical",
    "none": "not offered",
}
STATUS_COLOURS: Mapping[Status, str] = {
    "running": NOW,
    "paused": "#8a6100",
    "met": "#1e7d4f",
    "breached": "#b3261e",
    "missed": "#a4490f",
    "late": "#7a5c00",
    "cancelled": MUTED,
    "none": MUTED,
}
MOST_STRETCHES = 1_500
_BAR_HEIGHT, _LANE_HEIGHT, _LABEL_SIZE = 22.0, 15.0, 11.0


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


def draw_row(row: TimelineRow, scale: Scale, now: int, y: float) -> tuple[str, float]:
    """Draw a row from `y` down; return it, and where the next may begin."""
    deadline = row.deadline
    title = METRIC_TITLES[deadline.metric]
    pill_at = scale.left + measure_text(title, 15) + 6
    pill, width = draw_pill(pill_at, y + 14, deadline.status, STATUS_COLOURS[deadline.status])
    parts = [
        draw_text(scale.left, y + 14, title, size=14, weight=600),
        pill,
        draw_text(pill_at + width + 8, y + 14, _describe_terms(deadline), fill=MUTED),
        draw_text(scale.left, y + 33, describe_standing(deadline, scale)),
    ]
    if not row.bands:
        return "".join(parts), y + 56
    top = y + 58
    bottom = top + _BAR_HEIGHT
    parts.extend(_draw_bands(row, scale, now, top))
    labels, depth = _draw_marks(row.marks, scale, top, bottom)
    return "".join([*parts, *labels]), bottom + depth + 26


def describe_standing(deadline: Deadline, scale: Scale) -> str:
    """Say in one line where a deadline stands."""
    said = [
        f"{word} {scale.format(to_micros(at))}{more}"
        for word, at, more in (
            ("done" if deadline.status == "late" else "met", deadline.met_at, ""),
            ("breached", deadline.breached_at, _describe_cause(deadline)),
            ("missed", deadline.missed_at, _describe_cause(deadline)),
            ("due", deadline.due_at, ""),
            (f"{name_lapse(deadline.strength)} after", _find_leeway(deadline), ""),
        )
        if at is not None
    ]
    if deadline.status == "paused" and deadline.remaining_seconds is not None:
        said.append(f"{_describe_span(deadline.remaining_seconds)} left when it resumes")
    if deadline.excused is not None:
        said.append(f"excused: {deadline.excused.reason}")
    if not said:
        return "no clock runs" if deadline.status in ("none", "cancelled") else "without a time"
    return ", ".join(said)


def _find_leeway(deadline: Deadline) -> datetime | None:
    if deadline.broken_at is None and deadline.breaches_after != deadline.due_at:
        return deadline.breaches_after
    return None


def _describe_cause(deadline: Deadline) -> str:
    return " by reclassification" if deadline.breach_cause == "reclassification" else ""


def _describe_terms(deadline: Deadline) -> str:
    strength = STRENGTHS[deadline.strength]
    return f"{deadline.target}, {strength}" if deadline.target else strength


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
    stretches = list(islice(trace(timing, until), MOST_STRETCHES + 1))
    for stretch in stretches[:MOST_STRETCHES]:
        yield Band(_kind_of(stretch), stretch.start, stretch.end, stretch.detail)
    if len(stretches) > MOST_STRETCHES:
        yield Band("unread", stretches[MOST_STRETCHES].start, until)
    if due_at is None:
        return
    lapsed_at = _micros(deadline.broken_at or deadline.breaches_after)
    if lapsed_at is not None and lapsed_at > due_at:
        yield Band("leeway", due_at, lapsed_at)
    if deadline.status == "late":
        yield Band("late", due_at, halted)
    if deadline.broken_at is not None and lapsed_at is not None and halted > lapsed_at:
        yield Band("late", lapsed_at, halted)


def _kind_of(stretch: CountedSpan) -> BandKind:
    match stretch.why:
        case "open":
            return "counted"
        case "override":
            return "override" if stretch.counted else "closed"
        case "closed" | "holiday" | "paused" | "stopped":
            return stretch.why
        case _:
            assert_never(stretch.why)


def _read_marks(deadline: Deadline) -> Iterator[Mark]:
    """Read the instants to mark: not what no longer matters once it is met, nor one twice."""
    due_at, lapses_at = deadline.due_at, deadline.breaches_after
    ends: MarkKind = "miss" if deadline.strength == "target" else "breach"
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


def _draw_bands(row: TimelineRow, scale: Scale, now: int, top: float) -> Iterator[str]:
    for band in row.bands:
        left, right = scale.x(band.start), scale.x(band.end)
        if band.start >= scale.end:
            continue
        says = f"{BANDS[band.kind].legend}: {scale.format(band.start)} to {scale.format(band.end)}"
        says = f"{band.name}, {says}" if band.name else says
        yield draw_band(band.kind, left, right, top, height=_BAR_HEIGHT, says=says)
        if band.name and measure_text(band.name, 10) < right - left:
            middle = (left + right) / 2
            yield draw_text(middle, top + 15, band.name, size=10, anchor="middle")
    ahead = scale.x(now)
    end = scale.x(max(band.end for band in row.bands))
    if row.deadline.status == "running" and now < scale.end and ahead < end:
        yield draw_veil(ahead, end, top, _BAR_HEIGHT)


def _draw_marks(
    marks: Sequence[Mark], scale: Scale, top: float, bottom: float
) -> tuple[list[str], float]:
    """Draw the marks with their labels below the bar; return them, and how deep they reach.

    From the last to the first each label takes the highest lane in which it ends before all
    that begin there or deeper, so that no label is crossed by the line to another.
    """
    parts: list[str] = []
    lanes: list[float] = []  # where the first label of each lane begins
    together = sorted(marks, key=lambda mark: -mark.at)
    for at, group in groupby(together, key=lambda mark: mark.at):
        present = {mark.kind for mark in group}
        kinds = [kind for kind in MARKS if kind in present]
        label = f"{', '.join(MARKS[kind][1] for kind in kinds)} {scale.format_briefly(at)}"
        x = scale.x(at)
        ends = x + 8 + measure_text(label, _LABEL_SIZE)
        lane = next((n for n in range(len(lanes)) if ends < min(lanes[n:])), len(lanes))
        lanes[lane : lane + 1] = [x]
        base = bottom + 14 + lane * _LANE_HEIGHT
        parts.append(draw_mark(kinds[0], x, top, base))
        parts.append(draw_text(x + 4, base, label, size=_LABEL_SIZE, fill=MARKS[kinds[0]][0]))
    return parts, len(lanes) * _LANE_HEIGHT


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)
