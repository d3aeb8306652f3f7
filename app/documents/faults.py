"""Faults of a document's form: each at its pointer, with its code."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from app.documents.form.basis.parts import PLAIN, TABLE
from app.documents.form.basis.problems import MOST_GUESSES, hint
from app.documents.form.counting import write_as_fraction
from app.domain.access.pointers import point, shorten, writable
from app.domain.access.refusals import Fault

Steps = tuple[str | int, ...]

_KEY = "[key]"
# The fields that count minutes, and durations as they may be written in their place.
_MINUTES = ("least", "step", "minutes", "worked")
_DURATION = re.compile(r"(?:PT)?([0-9]{1,4}) ?(h|m|min|minutes?|H|M|)")
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "a string"),
    (list, "a list"),
    (Mapping, "an object"),
    (type(None), "null"),
)
# What each of the form's own errors wants to have.
_WANTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a whole number",
    "string_type": "a string",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "literal_error": "a string",
}


def read_faults(
    error: ValidationError, form: type[BaseModel], *, base: Steps = ()
) -> list[tuple[Steps, Fault]]:
    """Return each fault with the steps to it, in the order of the form's fields.

    What is under a name that is at fault itself is not looked at.
    """
    errors = error.errors(include_url=False)
    named = {_strip(each["loc"]) for each in errors if _is_of_key(each)}
    guesses = MOST_GUESSES
    found = []
    for each in errors:
        steps = _strip(each["loc"])
        if not _is_of_key(each) and any(steps[:length] in named for length in range(len(steps))):
            continue
        if each["type"] == "extra_forbidden":
            guesses -= 1
        code, detail = _explain(each, form, steps, guessing=guesses >= 0)
        found.append(((*base, *steps), Fault(point("", *base, *steps), detail, code)))
    return found


def make_writable(fault: Fault) -> Fault:
    """Return the fault as UTF-8 can hold it: a document may have lone surrogates anywhere."""
    return Fault(writable(fault.pointer), writable(fault.detail), fault.code)


def _is_of_key(error: Any) -> bool:
    return bool(error["loc"][-1:] == (_KEY,) and error["type"] != "extra_forbidden")


def _strip(place: Steps) -> Steps:
    """Return the steps that the document has, without what the form alone knows."""
    return tuple(step for step in place if step not in (PLAIN, TABLE, _KEY))


def _explain(error: Any, form: type[BaseModel], steps: Steps, *, guessing: bool) -> tuple[str, str]:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "literal_error" and isinstance(given, str):
        return _explain_choice(given, context["expected"])
    if kind in _WANTED:
        told = f"It must be {_WANTED[kind]}, and is {_name_type(given)}."
        return "invalid_type", told + _suggest(str(steps[-1]) if steps else "", given)
    match kind:
        case "missing":
            return "required", f'The field "{steps[-1]}" must be given.'
        case "extra_forbidden":
            near = hint(str(steps[-1]), list_fields(form, steps[:-1])) if guessing else ""
            return "unknown_field", f'There is no field "{shorten(str(steps[-1]))}" here.{near}'
        case "greater_than_equal":
            return "out_of_range", f"It must be {context['ge']:,} or more."
        case "less_than_equal":
            return "out_of_range", f"It must be {context['le']:,} or less."
        case "too_long" if "max_length" in context:
            return "too_many_items", f"There may be {context['max_length']:,} at most."
        case "too_short":
            return "required", f"There must be {context['min_length']} at least."
        case "string_unicode":
            return "invalid_text", "It has a control character or half a surrogate pair in it."
    return kind, error["msg"]


def _suggest(name: str, given: object) -> str:
    """Return how what was meant is written, where that can be told; nothing otherwise."""
    if isinstance(given, str) and (name in _MINUTES or name.endswith("_minutes")):
        found = _DURATION.fullmatch(given)
        if found is not None:
            minutes = int(found[1]) * (60 if found[2] in ("h", "H") else 1)
            return f" Minutes are written as a whole number: {minutes}."
    if name == "by" and isinstance(given, int | float) and not isinstance(given, bool):
        return write_as_fraction(str(given))
    return ""


def _explain_choice(given: str, expected: str) -> tuple[str, str]:
    if not given.strip():
        return "empty", "It must not be empty."
    choices = expected.replace("'", "").replace(" or ", ", ")
    return "invalid_choice", f"It must be one of {choices}."


def _name_type(value: object) -> str:
    wanted = type(value)
    return next((name for known, name in _TYPES if issubclass(wanted, known)), wanted.__name__)


def forms_of(annotation: Any) -> Iterator[Any]:
    """Return what an annotation may stand for, one after another."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from forms_of(get_args(annotation)[0])
    elif origin in (dict, list, tuple) or origin is None:
        yield annotation
    else:
        for each in get_args(annotation):
            yield from forms_of(each)


def list_fields(form: object, steps: Steps) -> Collection[str]:
    """Return the fields that an object of a form may have, at the steps to it, by their names.

    Where a value may be one of several forms, a step that none of them has tells them apart.
    """
    found: Any = form
    for step in steps:
        forms = list(forms_of(found))
        kept = found if len(forms) > 1 else None
        found = next((below for each in forms if (below := _below(each, step)) is not None), kept)
    return [
        field.alias or name
        for each in forms_of(found)
        if isinstance(each, type) and issubclass(each, BaseModel)
        for name, field in each.model_fields.items()
    ]


def _below(annotation: Any, step: str | int) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return arguments[1]
    if origin in (list, tuple):
        return arguments[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        return fields[str(step)].annotation if str(step) in fields else None
    return None
