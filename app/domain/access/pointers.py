"""Pointers into JSON documents (RFC 6901), and text that a message can show."""

import unicodedata
from collections.abc import Mapping, Sequence


def point(pointer: str, *steps: str | int) -> str:
    """Return the pointer to what lies `steps` below `pointer`; a long step is cut short."""
    for step in steps:
        pointer += "/" + shorten(str(step)).replace("~", "~0").replace("/", "~1")
    return pointer


def leads_somewhere(document: object, steps: Sequence[str]) -> bool:
    """Say whether an object has a field, with a field in it, and so on down the steps."""
    for step in steps:
        if not isinstance(document, Mapping) or step not in document:
            return False
        document = document[step]
    return True


def has_control_characters(text: str) -> bool:
    """Say whether there are controls but line ends, or lone surrogates, in a text."""
    return any(
        character != "\n" and unicodedata.category(character) in {"Cc", "Cs"} for character in text
    )


def shorten(text: str) -> str:
    """Return the text at a length that a message can show: 100 characters at most."""
    return text if len(text) <= 100 else f"{text[:99]}…"


def writable(text: str) -> str:
    """Return the text with what UTF-8 cannot hold, lone surrogates, written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
