"""Colours of a seller's pages: how far two of them stand apart."""

# The grounds of the pages, in the light and in the dark, and what has to stand out from them
# without being read (WCAG 2.2, 1.4.11).
PAPERS = (("light", "#ffffff"), ("dark", "#14171b"))
LEAST_CONTRAST = 3.0


def contrast(one: str, other: str) -> float:
    """Return how far two colours, as `#rrggbb`, stand apart: from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted(_luminance(each) for each in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
