"""Timelines: deadlines as a picture (SVG), each a bar of what counted and what did not.

The picture stands alone: no script, no font and nothing else from outside, and all that it
shows is there in words too.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from app.api.promises.timeline_rows import (
    METRIC_TITLES,
    STRENGTHS,
    TimelineRow,
    describe_standing,
    draw_row,
    read_row,
)
from app.api.promises.timeline_scales import Scale
from app.api.promises.timeline_shapes import (
    BANDS,
    INK,
    MUTED,
    NOW,
    RULE,
    draw_band,
    draw_line,
    draw_text,
    measure_text,
    wrap_picture,
)
from app.domain.promises.deadlines import Deadline
from app.domain.time.instants import MICROS_PER_MINUTE, to_micros

WIDTH = 900
_LEFT, _RIGHT = 24.0, 728.0  # the labels of what lies at the right end run on beyond it
_TOP = 92.0


def render_timeline(
    deadlines: Sequence[Deadline],
    *,
    now: datetime,
    title: str = "Deadlines",
    zone: str | None = None,
    sellers_zone: str = "UTC",
) -> str:
    """Return deadlines as `run_clocks` gave them as one SVG document, 900 pixels wide.

    Times are written in `zone`, an IANA name or an offset; without it, in that of the first
    calendar that decides a deadline, else in the seller's. A bar of more than 1,500 stretches is
    drawn that far and says so; lateness is drawn as far as it leaves the rest legible.
    """
    seen_at = to_micros(now)
    rows = [read_row(deadline) for deadline in deadlines]
    scale = _lay_out(rows, seen_at, zone or _choose_zone(deadlines, sellers_zone))
    drawn, y = [], _TOP
    for row in rows:
        shapes, y = draw_row(row, scale, seen_at, y)
        drawn.append(shapes)
    axis = _draw_axis(scale, seen_at, y) if any(row.bands for row in rows) else ""
    legend, height = _draw_legend(rows, y + (54 if axis else 8))
    head = draw_text(_LEFT, 30, title, size=17, weight=600) + draw_text(
        _LEFT, 50, f"As of {scale.format(seen_at)}. Times in {scale.zone}.", fill=MUTED
    )
    return wrap_picture(
        head + axis + "".join(drawn) + legend,
        width=WIDTH,
        height=height,
        title=title,
        description=" ".join(_describe(deadline, scale) for deadline in deadlines),
    )


def _choose_zone(deadlines: Sequence[Deadline], sellers_zone: str) -> str:
    for deadline in deadlines:
        for name in deadline.calendars:
            if deadline.timing is not None:
                return deadline.timing.terms.calendars[name].calendar.zone
    return sellers_zone


def _lay_out(rows: Sequence[TimelineRow], now: int, zone: str) -> Scale:
    """Lay the rows' time out: all instants, and now and lateness within half as much again."""
    marks = [mark.at for row in rows for mark in row.marks]
    ends = [band.end for row in rows for band in row.bands if band.kind != "late"]
    start, end = min(marks, default=now), max([*marks, *ends], default=now)
    if end < now <= end + (end - start) // 2:
        end = now
    elif any(band.kind == "late" and band.end > end for row in rows for band in row.bands):
        end += (end - start) // 2
    return Scale(start, max(end, start + MICROS_PER_MINUTE), _LEFT, _RIGHT, zone)


def _draw_axis(scale: Scale, now: int, bottom: float) -> str:
    """Draw the ticks through all rows, their labels below, and now."""
    parts, dated_at = [], WIDTH * 1.0
    for at, label, under in reversed(scale.ticks()):
        x = scale.x(at)
        parts.append(draw_line(x, _TOP - 18, bottom, RULE))
        parts.append(_draw_below(x, bottom + 14, label, fill=MUTED, weight=400))
        if under and x + measure_text(under, 12) < dated_at:
            parts.append(_draw_below(x, bottom + 29, under, fill=INK, weight=600))
            dated_at = x
    if scale.start <= now <= scale.end:
        x = scale.x(now)
        parts.append(draw_line(x, _TOP - 18, bottom, NOW, width=1.5))
        parts.append(draw_text(x, _TOP - 22, "now", size=11, fill=NOW, weight=600, anchor="middle"))
    return "".join(parts)


def _draw_below(x: float, y: float, label: str, *, fill: str, weight: int) -> str:
    """Draw a label in the middle of its tick, or beside it at the picture's edge."""
    at_edge = x - measure_text(label, 11) / 2 < 4
    anchor: Literal["start", "middle"] = "start" if at_edge else "middle"
    return draw_text(x, y, label, size=11, fill=fill, weight=weight, anchor=anchor)


def _draw_legend(rows: Sequence[TimelineRow], y: float) -> tuple[str, float]:
    """Draw what the colours mean, of those that are there; return it, and the height so far."""
    present = {band.kind for row in rows for band in row.bands}
    parts, x = [], _LEFT
    for kind, look in BANDS.items():
        if kind not in present:
            continue
        width = 18 + measure_text(look.legend, 11) + 14
        if x + width > WIDTH - _LEFT:
            x, y = _LEFT, y + 20
        parts.append(draw_band(kind, x, x + 12, y - 10, height=12, says=look.legend))
        parts.append(draw_text(x + 18, y, look.legend, size=11, fill=MUTED))
        x += width
    return "".join(parts), y + 18


def _describe(deadline: Deadline, scale: Scale) -> str:
    target = f", {deadline.target}" if deadline.target else ""
    started = ""
    if deadline.started_at is not None:
        started = f" Started {scale.format(to_micros(deadline.started_at))}."
    standing = describe_standing(deadline, scale)
    return (
        f"{METRIC_TITLES[deadline.metric]}: {STRENGTHS[deadline.strength]}{target}."
        f" {deadline.status.capitalize()}.{started} {standing[0].upper()}{standing[1:]}."
    )
