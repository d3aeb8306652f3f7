"""Timelines: deadlines as a picture (SVG), each a bar of what counted and what did not.

The picture stands alone: no script, no font and nothing else from outside, and all that it
shows is there in words too.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi.responses import HTMLResponse
from markupsafe import Markup

from app.api.http.replies.pages import render_page, render_template
from app.api.pages.words import Words
from app.api.promises.timeline_layouts import (
    NARROW,
    WIDE,
    Anchor,
    Layout,
    PlacedRow,
    Text,
    place_legend,
    place_row,
)
from app.api.promises.timeline_looks import (
    BANDS,
    DARK,
    INK,
    MARKS,
    MUTED,
    NOW,
    PAPER,
    RULE,
    measure_text,
    wrap_text,
)
from app.api.promises.timeline_rows import (
    TimelineRow,
    describe_standing,
    describe_target,
    read_row,
)
from app.api.promises.timeline_scales import ENGLISH, Scale
from app.domain.catalog.catalogs import Branding
from app.domain.promises.deadlines import Deadline
from app.domain.time.instants import MICROS_PER_MINUTE, to_micros

WIDTH = WIDE.width
_TITLE_HEIGHT = 22.0


def render_timeline(
    deadlines: Sequence[Deadline],
    *,
    now: datetime,
    title: str = "Deadlines",
    zone: str | None = None,
    sellers_zone: str = "UTC",
    layout: Layout = WIDE,
    headed: bool = True,
    words: Words = ENGLISH,
) -> str:
    """Return deadlines as `run_clocks` gave them as one SVG document, as wide as its layout.

    Its title is drawn where it is `headed`, and named in any case. Times are written in `zone`,
    an IANA name or an offset; without it, in that of the first calendar that decides a deadline,
    else in the seller's. A bar of more than 1,500 spans is drawn that far and says so;
    lateness is drawn as far as it leaves the rest legible.
    """
    seen_at = to_micros(now)
    rows = [read_row(deadline) for deadline in deadlines]
    scale = _lay_out(rows, seen_at, zone or _choose_zone(deadlines, sellers_zone), layout, words)
    head = _write_head(title if headed else "", scale, seen_at, layout)
    first = y = head[-1].y + 42
    placed: list[PlacedRow] = []
    for row in rows:
        placed.append(place_row(row, scale, layout, now=seen_at, y=y))
        y = placed[-1].ends
    has_axis = any(row.bands for row in rows)
    legend, height = place_legend(rows, layout, words, y + (54 if has_axis else 8))
    return render_template(
        "timeline.svg",
        layout=layout,
        height=height,
        title=title,
        description=" ".join(_describe(deadline, scale) for deadline in deadlines),
        head=head,
        rows=placed,
        ticks=list(_place_ticks(scale, layout, y)) if has_axis else [],
        now=_place_now(scale, layout, seen_at, first - 22, y - 2) if has_axis else None,
        axis=(first - 18, y),
        legend=legend,
        bands=BANDS,
        marks=MARKS,
        dark=DARK,
        colours={"paper": PAPER, "rule": RULE, "now": NOW},
    )


def render_timeline_page(
    title: str, branding: Branding, words: Words, draw: Callable[..., str]
) -> HTMLResponse:
    """Return a page with a timeline, drawn by `draw(layout=…)` for a desk and for a phone."""
    return render_page(
        "timeline.html",
        title=title,
        branding=branding,
        words=words,
        wide=Markup(draw(layout=WIDE, headed=False)),  # noqa: S704  escaped where it was made
        narrow=Markup(draw(layout=NARROW, headed=False)),  # noqa: S704
    )


def _choose_zone(deadlines: Sequence[Deadline], sellers_zone: str) -> str:
    for deadline in deadlines:
        for name in deadline.calendars:
            if deadline.timing is not None:
                return deadline.timing.terms.calendars[name].calendar.zone
    return sellers_zone


def _lay_out(
    rows: Sequence[TimelineRow], now: int, zone: str, layout: Layout, words: Words
) -> Scale:
    """Lay the rows' time out: all instants, and now and lateness within half as much again."""
    marks = [mark.at for row in rows for mark in row.marks]
    ends = [band.end for row in rows for band in row.bands if band.kind != "late"]
    start, end = min(marks, default=now), max([*marks, *ends], default=now)
    if end < now <= end + (end - start) // 2:
        end = now
    elif any(band.kind == "late" and band.end > end for row in rows for band in row.bands):
        end += (end - start) // 2
    end = max(end, start + MICROS_PER_MINUTE)
    return Scale(start, end, layout.left, layout.right, zone, layout.most_ticks, words)


def _write_head(title: str, scale: Scale, now: int, layout: Layout) -> list[Text]:
    """Return the title, on as many lines as it takes where lines are wrapped, and the instant."""
    said = scale.words("as_of_zone", time=scale.format(now), zone=scale.zone)
    lines, under = [title] if title else [], [said]
    if layout.listed:
        width = layout.right - layout.left
        lines, under = wrap_text(title, width, 17)[:4], wrap_text(said, width, 12)
    head = [
        Text(layout.left, 30 + number * _TITLE_HEIGHT, line, size=17, weight=600)
        for number, line in enumerate(lines)
    ]
    head += [
        Text(layout.left, 28 + len(lines) * _TITLE_HEIGHT + number * 16, line, fill=MUTED)
        for number, line in enumerate(under)
    ]
    return head


def _place_ticks(scale: Scale, layout: Layout, bottom: float) -> list[tuple[float, list[Text]]]:
    """Return the ticks from the last to the first, each with its labels below the rows."""
    placed, dated_at = [], scale.right * 2.0
    for at, label, under in reversed(scale.ticks()):
        x = scale.x(at)
        texts = [_place_below(x, bottom + 14, label, width=layout.width, fill=MUTED, weight=400)]
        if under and x + measure_text(under, 12) < dated_at:
            texts.append(
                _place_below(x, bottom + 29, under, width=layout.width, fill=INK, weight=600)
            )
            dated_at = x
        placed.append((x, texts))
    return placed


def _place_now(scale: Scale, layout: Layout, now: int, above: float, below: float) -> Text | None:
    """Place the word at the instant that is now, unless that is not in the picture."""
    if not scale.start <= now <= scale.end:
        return None
    y = below if layout.listed else above
    return _place_below(
        scale.x(now), y, scale.words("now"), width=layout.width, fill=NOW, weight=600
    )


def _place_below(x: float, y: float, label: str, *, width: float, fill: str, weight: int) -> Text:
    """Place a label in the middle of its tick, or beside it at the picture's edge."""
    half = measure_text(label, 11) / 2
    anchor: Anchor = "start" if x - half < 4 else "end" if x + half > width - 4 else "middle"
    return Text(x, y, label, size=11, fill=fill, weight=weight, anchor=anchor)


def _describe(deadline: Deadline, scale: Scale) -> str:
    words, target = scale.words, describe_target(deadline, scale.words)
    started = ""
    if deadline.started_at is not None:
        started = words("started_at", time=scale.format(to_micros(deadline.started_at)))
    status, standing = words(f"status_{deadline.status}"), describe_standing(deadline, scale)
    return (
        f"{words(deadline.metric)}: {words(f'firm_{deadline.strength}')}"
        f"{f', {target}' if target else ''}. {status.capitalize()}.{started}"
        f" {standing[0].upper()}{standing[1:]}."
    )
