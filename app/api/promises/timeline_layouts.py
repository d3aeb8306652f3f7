"""Layouts of a timeline: where everything in the picture goes, on a wide screen and on a phone."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from app.api.pages.words import Words
from app.api.promises.timeline_looks import (
    BANDS,
    INK,
    MARKS,
    MUTED,
    STATUS_COLOURS,
    BandKind,
    MarkKind,
    measure_text,
    wrap_text,
)
from app.api.promises.timeline_rows import (
    Mark,
    TimelineRow,
    describe_standing,
    describe_terms,
)
from app.api.promises.timeline_scales import Scale
from app.domain.values import Value

Anchor = Literal["start", "middle", "end"]
_BAR_HEIGHT, _LANE_HEIGHT, _LABEL_SIZE, _LINE_HEIGHT = 22.0, 15.0, 11.0, 16.0


class Layout(Value):
    """The measures of a picture: its width, where the bars are, and where labels go.

    `listed`: a bar's instants are listed below it, each on a line of its own, as there is no room
    beside their marks; and what is longer than a line is wrapped.
    """

    name: str
    width: int
    left: float
    right: float
    listed: bool
    most_ticks: int


# The labels of what lies at the right end run on beyond it.
WIDE = Layout("timeline", 900, 24.0, 728.0, listed=False, most_ticks=12)
NARROW = Layout("timeline-narrow", 360, 14.0, 346.0, listed=True, most_ticks=5)


class Text(Value):
    """A line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    size: float = 12
    fill: str = INK
    weight: int = 400
    anchor: Anchor = "start"


class Box(Value):
    """A filled part of a bar, with what it says when pointed at."""

    kind: BandKind
    x: float
    y: float
    width: float
    height: float
    says: str


class Pill(Value):
    """A status in a rounded box."""

    x: float
    y: float
    width: float
    colour: str
    text: str


class Sign(Value):
    """The sign of an instant: a line through the bar, with a head of its own shape."""

    kind: MarkKind
    x: float
    top: float
    bottom: float


class PlacedRow(Value):
    """A deadline's row: its words, its bar from `top` on, and the marks upon it."""

    texts: tuple[Text, ...]
    pill: Pill
    boxes: tuple[Box, ...]
    veil: tuple[float, float] | None
    signs: tuple[Sign, ...]
    top: float
    bottom: float
    ends: float


def place_row(row: TimelineRow, scale: Scale, layout: Layout, *, now: int, y: float) -> PlacedRow:
    """Place a row from `y` down."""
    deadline = row.deadline
    title = scale.words(deadline.metric)
    status = scale.words(f"status_{deadline.status}")
    pill_x = scale.left + measure_text(title, 17) + 4
    pill_width = measure_text(status, 12) + 16
    colour = STATUS_COLOURS[deadline.status]
    pill = Pill(pill_x, y + 14, pill_width, colour, status)
    texts = [Text(scale.left, y + 14, title, size=14, weight=600)]
    beside = pill_x + pill_width + 8
    if layout.listed:
        lines = _wrap(describe_terms(deadline, scale.words), layout, y + 33, MUTED)
        lines += _wrap(describe_standing(deadline, scale), layout, y + 33 + _height(lines), INK)
    else:
        lines = [
            Text(beside, y + 14, describe_terms(deadline, scale.words), fill=MUTED),
            Text(scale.left, y + 33, describe_standing(deadline, scale)),
        ]
    words_end = max(each.y for each in lines)
    texts += lines
    if not row.bands:
        return PlacedRow(tuple(texts), pill, (), None, (), y, y, words_end + 23)
    top = words_end + 25
    bottom = top + _BAR_HEIGHT
    boxes, names = _place_boxes(row, scale, top)
    signs, labels, depth = (_list_marks if layout.listed else _place_marks)(
        row.marks, scale, top, bottom
    )
    return PlacedRow(
        texts=(*texts, *names, *labels),
        pill=pill,
        boxes=tuple(boxes),
        veil=_find_veil(row, scale, now),
        signs=tuple(signs),
        top=top,
        bottom=bottom,
        ends=bottom + depth + 26,
    )


def place_legend(
    rows: Sequence[TimelineRow], layout: Layout, words: Words, y: float
) -> tuple[list[tuple[Box, Text]], float]:
    """Place what the colours mean, of those that are there; return it, and where it ends."""
    present = {band.kind for row in rows for band in row.bands}
    placed, x = [], layout.left
    for kind in BANDS:
        if kind not in present:
            continue
        legend = words(f"band_{kind}")
        width = 18 + measure_text(legend, 11) + 14
        if x > layout.left and x + width > layout.width - layout.left:
            x, y = layout.left, y + 20
        box = Box(kind, x, y - 10, 12, 12, legend)
        placed.append((box, Text(x + 18, y, legend, size=11, fill=MUTED)))
        x += width
    return placed, y + 18


def _wrap(text: str, layout: Layout, y: float, fill: str) -> list[Text]:
    lines = wrap_text(text, layout.right - layout.left, 12)
    return [
        Text(layout.left, y + number * _LINE_HEIGHT, line, fill=fill)
        for number, line in enumerate(lines)
    ]


def _height(lines: Sequence[Text]) -> float:
    return len(lines) * _LINE_HEIGHT


def _place_boxes(row: TimelineRow, scale: Scale, top: float) -> tuple[list[Box], list[Text]]:
    boxes, names = [], []
    for band in row.bands:
        if band.start >= scale.end:
            continue
        left, right = scale.x(band.start), scale.x(band.end)
        says = scale.words(
            "band_span",
            kind=scale.words(f"band_{band.kind}"),
            start=scale.format(band.start),
            end=scale.format(band.end),
        )
        says = f"{band.name}, {says}" if band.name else says
        width = round(max(right - left, 0.4), 2)
        boxes.append(Box(band.kind, left, top, width, _BAR_HEIGHT, says))
        if band.name and measure_text(band.name, 10) < right - left:
            middle = round((left + right) / 2, 2)
            names.append(Text(middle, top + 15, band.name, size=10, anchor="middle"))
    return boxes, names


def _find_veil(row: TimelineRow, scale: Scale, now: int) -> tuple[float, float] | None:
    """Return from where to where a bar is still to come, and is shown paler."""
    start, end = scale.x(now), scale.x(max(band.end for band in row.bands))
    if row.deadline.status == "running" and now < scale.end and start < end:
        return start, round(end - start, 2)
    return None


def _read_labels(marks: Sequence[Mark], scale: Scale) -> Iterator[tuple[MarkKind, float, str]]:
    """Yield the instants from the last to the first: of several at one, the gravest is its sign."""
    together = sorted(marks, key=lambda mark: -mark.at)
    for at, group in groupby(together, key=lambda mark: mark.at):
        present = {mark.kind for mark in group}
        kinds = [kind for kind in MARKS if kind in present]
        said = ", ".join(scale.words(f"mark_{kind}") for kind in kinds)
        yield kinds[0], scale.x(at), f"{said} {scale.format_briefly(at)}"


def _place_marks(
    marks: Sequence[Mark], scale: Scale, top: float, bottom: float
) -> tuple[list[Sign], list[Text], float]:
    """Place the marks with their labels below the bar; return them, and how deep they reach.

    From the last to the first each label takes the highest lane in which it ends before all
    that begin there or deeper, so that no label is crossed by the line to another.
    """
    signs: list[Sign] = []
    labels: list[Text] = []
    lanes: list[float] = []  # where the first label of each lane begins
    for kind, x, label in _read_labels(marks, scale):
        ends = x + 8 + measure_text(label, _LABEL_SIZE)
        lane = next((n for n in range(len(lanes)) if ends < min(lanes[n:])), len(lanes))
        lanes[lane : lane + 1] = [x]
        base = bottom + 14 + lane * _LANE_HEIGHT
        signs.append(Sign(kind, x, top, base))
        labels.append(Text(round(x + 4, 2), base, label, size=_LABEL_SIZE, fill=MARKS[kind]))
    return signs, labels, len(lanes) * _LANE_HEIGHT


def _list_marks(
    marks: Sequence[Mark], scale: Scale, top: float, bottom: float
) -> tuple[list[Sign], list[Text], float]:
    """Place the marks upon the bar, and list their labels below it from the first to the last."""
    signs: list[Sign] = []
    labels: list[Text] = []
    base = bottom + 20
    for kind, x, label in reversed(list(_read_labels(marks, scale))):
        signs.append(Sign(kind, x, top, bottom + 3))
        signs.append(Sign(kind, scale.left + 6, base + 4, base + 1))
        labels.append(Text(scale.left + 18, base, label, fill=MARKS[kind]))
        base += _LINE_HEIGHT
    return signs, labels, base - bottom - 12
