"""Colours and words of a timeline's bands and marks, and how wide its texts are.

The template makes them attributes, so that a page's or a reply's content policy does not strip
them; a style sheet only changes their colours in the dark.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.domain.promises.deadlines import Status

BandKind = Literal[
    "counted", "override", "closed", "holiday", "paused", "stopped", "leeway", "late", "unread"
]
MarkKind = Literal[
    "started", "typical", "warn", "due", "breach", "miss", "met", "done", "breached", "missed"
]

INK, MUTED, RULE, PAPER, NOW = "#1c2430", "#5b6675", "#dfe3e8", "#ffffff", "#1d5fd0"


class Look(NamedTuple):
    """A fill; hatched ones say that the clock stood still."""

    fill: str
    stripe: str | None


BANDS: Mapping[BandKind, Look] = {
    "counted": Look("#3fa37c", None),
    "override": Look("#17806d", None),
    "closed": Look("#e6e9ed", None),
    "holiday": Look("#cfc0ea", None),
    "paused": Look("#fbe3b0", "#e0a526"),
    "stopped": Look("#e3e6ea", "#9aa4b1"),
    "leeway": Look("#f9d9d4", None),
    "late": Look("#d9534a", None),
    "unread": Look("#ffffff", "#dfe3e8"),
}
# In the order of their weight: of several at one instant the first gives the sign.
MARKS: Mapping[MarkKind, str] = {
    "breached": "#8c1d18",
    "missed": "#7d3409",
    "due": "#b3261e",
    "breach": "#b3261e",
    "miss": "#b3261e",
    "met": "#1e7d4f",
    "done": "#7a5c00",
    "warn": "#b97700",
    "typical": "#2b7bbb",
    "started": INK,
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


def measure_text(text: str, size: float) -> float:
    """Return about how wide a line of text is, on the safe side for common fonts."""
    return len(text) * size * 0.6


def wrap_text(text: str, width: float, size: float) -> list[str]:
    """Return a text as lines that fit a width; a word that is longer is cut."""
    most = max(int(width / (size * 0.6)), 4)
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(
                word if len(word) <= most else f"{word[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
            )
    return lines
