"""Shapes and colours of a timeline: all of its SVG.

Looks are attributes, so that a page's or a reply's content policy does not strip them; a style
sheet only changes their colours in the dark.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape, quoteattr

BandKind = Literal[
    "counted", "override", "closed", "holiday", "paused", "stopped", "leeway", "late", "unread"
]
MarkKind = Literal[
    "started", "typical", "warn", "due", "breach", "miss", "met", "done", "breached", "missed"
]

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
INK, MUTED, RULE, PAPER, NOW = "#1c2430", "#5b6675", "#dfe3e8", "#ffffff", "#1d5fd0"


class Look(NamedTuple):
    """A fill and its legend; hatched fills say that the clock stood still."""

    fill: str
    stripe: str | None
    legend: str


BANDS: Mapping[BandKind, Look] = {
    "counted": Look("#3fa37c", None, "counts"),
    "override": Look("#17806d", None, "counts, by an override"),
    "closed": Look("#e6e9ed", None, "closed"),
    "holiday": Look("#cfc0ea", None, "holiday"),
    "paused": Look("#fbe3b0", "#e0a526", "paused"),
    "stopped": Look("#e3e6ea", "#9aa4b1", "ticket closed"),
    "leeway": Look("#f9d9d4", None, "past the due, not yet too late"),
    "late": Look("#d9534a", None, "late"),
    "unread": Look("#ffffff", "#dfe3e8", "not drawn"),
}
# In the order of their weight: of several at one instant the first gives the sign.
MARKS: Mapping[MarkKind, tuple[str, str]] = {
    "breached": ("#8c1d18", "breached"),
    "missed": ("#7d3409", "missed"),
    "due": ("#b3261e", "due"),
    "breach": ("#b3261e", "breached after"),
    "miss": ("#b3261e", "missed after"),
    "met": ("#1e7d4f", "met"),
    "done": ("#7a5c00", "done"),
    "warn": ("#b97700", "at risk"),
    "typical": ("#2b7bbb", "typical"),
    "started": (INK, "start"),
}
# What each colour is where the reader prefers the dark; those that are not here stay.
DARK: Mapping[str, str] = {
    INK: "#e8eaed",
    MUTED: "#a8b1be",
    RULE: "#3a404a",
    PAPER: "#14171b",
    NOW: "#6ea8ff",
    "#e6e9ed": "#2a2f36",
    "#cfc0ea": "#5a4a80",
    "#fbe3b0": "#4a3b12",
    "#e3e6ea": "#2f343b",
    "#f9d9d4": "#5c2f2a",
    "#8c1d18": "#ff8a80",
    "#7d3409": "#ffab7a",
    "#b3261e": "#ff7b72",
    "#1e7d4f": "#5fce92",
    "#7a5c00": "#e0b84a",
    "#b97700": "#f0b24a",
    "#2b7bbb": "#7fb8f0",
    "#8a6100": "#e0b84a",
    "#a4490f": "#ffab7a",
}
# What XML 1.0 cannot hold, even escaped.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """Return text as XML may hold it between tags."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def draw_text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 12,
    fill: str = INK,
    weight: int = 400,
    anchor: Literal["start", "middle", "end"] = "start",
) -> str:
    """Return one line of text, readable over lines; `y` is its base line."""
    halo = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"' if fill != PAPER else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}"'
        f' fill="{fill}" text-anchor="{anchor}"{halo}>{plain(text)}</text>'
    )


def draw_band(
    kind: BandKind, left: float, right: float, y: float, *, height: float, says: str
) -> str:
    """Return a filled stretch of a bar, with what it says when pointed at."""
    look = BANDS[kind]
    fill = look.fill if look.stripe is None else f"url(#timeline-{kind})"
    return (
        f'<rect x="{left:g}" y="{y:g}" width="{max(right - left, 0.4):.2f}" height="{height:g}"'
        f' fill="{fill}"><title>{plain(says)}</title></rect>'
    )


def draw_veil(left: float, right: float, y: float, height: float) -> str:
    """Return a veil over the part of a bar that is still to come."""
    return (
        f'<rect x="{left:g}" y="{y:g}" width="{right - left:.2f}" height="{height:g}"'
        f' fill="{PAPER}" fill-opacity="0.45" pointer-events="none"/>'
    )


def draw_line(
    x: float, top: float, bottom: float, colour: str, *, width: float = 1, dash: str | None = None
) -> str:
    """Return an upright line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:g}" y1="{top:g}" x2="{x:g}" y2="{bottom:g}" stroke="{colour}"'
        f' stroke-width="{width:g}"{dashed}/>'
    )


def draw_mark(kind: MarkKind, x: float, top: float, bottom: float) -> str:
    """Return the sign of an instant: a line through the bar, with a head of its own shape."""
    colour, _ = MARKS[kind]
    dash = "4 3" if kind in ("breach", "miss", "typical", "warn") else None
    return draw_line(x, top - 4, bottom, colour, width=1.6, dash=dash) + _draw_head(
        kind, x, top - 7, colour
    )


def draw_pill(x: float, y: float, text: str, colour: str) -> tuple[str, float]:
    """Return a status in a rounded box, and how wide it is; `y` is the text's base line."""
    width = measure_text(text, 12) + 16
    box = f'<rect x="{x:g}" y="{y - 12:g}" width="{width:g}" height="17" rx="8.5" fill="{colour}"/>'
    return box + draw_text(x + 8, y, text, size=11, fill=PAPER, weight=600), width


def measure_text(text: str, size: float) -> float:
    """Return about how wide a line of text is, on the safe side for common fonts."""
    return len(text) * size * 0.6


def draw_patterns() -> str:
    """Return the hatched fills that `draw_band` refers to."""
    patterns = "".join(
        f'<pattern id="timeline-{kind}" width="7" height="7" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><rect width="7" height="7" fill="{look.fill}"/>'
        f'<rect width="2.5" height="7" fill="{look.stripe}"/></pattern>'
        for kind, look in BANDS.items()
        if look.stripe is not None
    )
    return f"<defs>{patterns}</defs>"


def wrap_picture(body: str, *, width: int, height: float, title: str, description: str) -> str:
    """Return the whole picture, named and described for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:g}"'
        f' viewBox="0 0 {width} {height:g}" role="img" font-family={quoteattr(FONT)}'
        f' aria-labelledby="timeline-title timeline-desc">'
        f'<title id="timeline-title">{plain(title)}</title>'
        f'<desc id="timeline-desc">{plain(description)}</desc>'
        f"{_write_dark_style()}{draw_patterns()}"
        f'<rect width="{width}" height="{height:g}" fill="{PAPER}"/>'
        f"{body}</svg>\n"
    )


def _write_dark_style() -> str:
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in DARK.items()
    )
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"


def _draw_head(kind: MarkKind, x: float, y: float, colour: str) -> str:
    match kind:
        case "met" | "done":
            path = f"M{x - 4:g} {y:g}l3 3.5l5.5 -7"
            return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2"/>'
        case "breached" | "missed":
            path = f"M{x - 3.5:g} {y - 3.5:g}l7 7m0 -7l-7 7"
            return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2"/>'
        case "started" | "due":
            path = f"M{x - 4.5:g} {y - 4:g}h9l-4.5 7z"
            return f'<path d="{path}" fill="{colour}"/>'
        case "typical" | "warn" | "breach" | "miss":
            path = f"M{x - 4:g} {y - 3.5:g}h8l-4 6.5z"
            return f'<path d="{path}" fill="{PAPER}" stroke="{colour}" stroke-width="1.4"/>'
