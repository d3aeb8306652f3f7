"""Pointers into JSON documents (RFC 6901), and text that a message can show."""


def point(pointer: str, *steps: str | int) -> str:
    """Return the pointer to what lies `steps` below `pointer`; a long step is cut short."""
    for step in steps:
        pointer += "/" + shorten(str(step)).replace("~", "~0").replace("/", "~1")
    return pointer


def shorten(text: str) -> str:
    """Return the text at a length that a message can show: 100 characters at most."""
    return text if len(text) <= 100 else f"{text[:99]}…"


def writable(text: str) -> str:
    """Return the text with what UTF-8 cannot hold, lone surrogates, written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
