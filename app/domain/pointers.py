"""Pointers into JSON documents (RFC 6901), and text that a message can show."""


def point(pointer: str, *steps: str | int) -> str:
    """Return the pointer to what lies `steps` below `pointer`, as `printable` text."""
    for step in steps:
        pointer += "/" + printable(str(step)).replace("~", "~0").replace("/", "~1")
    return pointer


def printable(text: str) -> str:
    """Return the text as a message can show it: 100 characters at most, and what UTF-8 cannot
    hold (a lone surrogate) written out.
    """
    shown = text[:100].encode("utf-8", "backslashreplace").decode("utf-8")
    return shown if len(text) <= 100 and len(shown) <= 100 else shown[:99] + "…"
