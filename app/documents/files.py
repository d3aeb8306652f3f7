"""The text of a document into plain data: TOML or JSON, with no name twice in one table."""

import json
import math
import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any


class UnreadableDocument(ValueError):
    """A text is not TOML, or not JSON; the message says where."""


def read_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text says; its own dates and times become texts, as JSON has them.

    TOML itself refuses a name that stands twice in one table.
    """
    try:
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableDocument(f"It is not valid TOML: {error}") from None


def read_json(text: str) -> Any:
    """Return what a JSON text says; a name that stands twice in one object is refused."""
    try:
        return json.loads(text, object_pairs_hook=_read_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument(f"It is not valid JSON: {error}") from None


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime() | date() | time():
            return value.isoformat()
        case float() if not math.isfinite(value):
            raise UnreadableDocument(f"It is not valid JSON: {value} is no number there.")
    return value


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the name {twice[:80]!r} stands twice in one object")
    return read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number there")
