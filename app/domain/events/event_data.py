"""Event data: the particulars of an event, of which its document and what is stored are made.

They are ids, units and times, and nothing of a person: an erasure has nothing to blank in them.
`sequence` is the account's, with what happened in it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.time.instants import write_instant
from app.domain.values import Value, field_names

_NAMES: dict[type[Any], tuple[tuple[str, str], ...]] = {}
_PLAIN = {type(None), bool, int, str}
_TEXTS: dict[type[Any], Callable[[Any], str]] = {datetime: write_instant, UUID: str}


class EventData(Value, kw_only=True):
    """The particulars of one event; each type of event has a class of its own."""


def write_event_data(data: Value) -> dict[str, Any]:
    """Return an event's particulars as plain JSON, as they are stored and sent."""
    return {name: _write(getattr(data, field)) for field, name in _name_fields(type(data))}


def _write(value: object) -> object:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _TEXTS:
        return _TEXTS[kind](value)
    if isinstance(value, Value):
        return write_event_data(value)
    # An id is of the driver's own class where it was read.
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, Iterable):
        return [_write(each) for each in value]
    raise TypeError(f"an event has no {kind.__name__}")


def _name_fields(type_: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a class with their names in JSON: those that Python has without `_`."""
    names = _NAMES.get(type_)
    if names is None:
        names = tuple((name, name.rstrip("_")) for name in field_names(type_))
        _NAMES[type_] = names
    return names
