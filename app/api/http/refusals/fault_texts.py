"""Faults of a request's shape: what a part of it has to be, in a sentence, and where it is."""

from collections.abc import Mapping, Sequence
from typing import Any

AN_INSTANT = "an instant such as 2026-11-20T16:30:00+01:00 (RFC 3339)"
# By the type of error that the shape's reader has; what is not here says it well enough itself.
_REQUIRED: Mapping[str, str] = {
    "model_attributes_type": "an object",
    "model_type": "an object",
    "dict_type": "an object",
    "dataclass_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "a string",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "uuid_type": "a UUID",
    "uuid_parsing": "a UUID",
    "datetime_parsing": AN_INSTANT,
    "datetime_from_date_parsing": AN_INSTANT,
    "date_parsing": "a date such as 2026-11-20",
    "date_from_datetime_parsing": "a date such as 2026-11-20",
}
# What a value has to keep to, by the type of error and what is named with it.
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "at least {:,} is required"),
    "greater_than": ("gt", "more than {:,} is required"),
    "less_than_equal": ("le", "at most {:,} is taken"),
    "less_than": ("lt", "less than {:,} is required"),
    "string_too_short": ("min_length", "at least {:,} {} required"),
    "string_too_long": ("max_length", "at most {:,} {} taken"),
    "too_short": ("min_length", "at least {:,} {} required"),
    "too_long": ("max_length", "at most {:,} {} taken"),
    "string_pattern_mismatch": ("pattern", "text that fits {} is required"),
}
_ABSENT = object()


def describe_fault(error: Mapping[str, Any]) -> str:
    """Return what a refusal says of a value that does not fit its shape.

    What a shape of ours refuses says so in its own words.
    """
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "missing":
        return f"{_name_place(error['loc'])} is required"
    if kind in _REQUIRED and error["loc"] != ("body",):
        return f"{_REQUIRED[kind]} is required"
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return f"{'one of ' if ', ' in expected else ''}{expected} is required"
    if kind in _BOUNDS:
        return _describe_bound(kind, context)
    return str(error["msg"]).removeprefix("Value error, ")


def leave_other_kinds(errors: Sequence[Mapping[str, Any]], body: object) -> list[Mapping[str, Any]]:
    """Return the errors without those that want another kind of value than was meant.

    Where a value may be one of several kinds, and what was sent is of one of them with a fault
    further in, what the other kinds want is beside the point.
    """
    places = [tuple(find_steps(error, body)) for error in errors]
    above = {place[:depth] for place in places for depth in range(len(place))}
    return [
        error
        for error, place in zip(errors, places, strict=True)
        if str(error["type"]) not in _REQUIRED or place not in above
    ]


def find_steps(error: Mapping[str, Any], body: object) -> list[str | int]:
    """Return the steps to a fault that the request has, without what its shape alone knows.

    Where a value may be one of several kinds, the reader names the kind as a step, too.
    """
    place, *steps = error["loc"] or ("body",)
    if place != "body" or body is None:
        return steps
    found = body
    kept: list[str | int] = []
    for number, step in enumerate(steps, start=1):
        below = _step_into(found, step)
        if below is not _ABSENT:
            found = below
        elif number < len(steps) or error["type"] != "missing":
            continue
        kept.append(step)
    return kept


def _describe_bound(kind: str, context: Mapping[str, Any]) -> str:
    name, text = _BOUNDS[kind]
    bound = context[name]
    one, several = ("item", "items") if kind.startswith("too_") else ("character", "characters")
    return text.format(bound, f"{one} is" if bound == 1 else f"{several} are")


def _step_into(value: object, step: str | int) -> object:
    """Return what lies one step below a value, or `_ABSENT`."""
    if isinstance(value, dict):
        return value.get(step, _ABSENT)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _ABSENT


def _name_place(place: tuple[str | int, ...]) -> str:
    """Return what is missing: the body, a field of it, a parameter or a header."""
    match place:
        case ("body",):
            return "a body"
        case ("body", *_):
            return "this field"
        case ("header", *_):
            return "this header"
    return "this parameter"
