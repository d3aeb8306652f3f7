"""Unknown fields of a request's body: what there is instead, the most like it first."""

from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute

from app.documents.faults import list_fields
from app.documents.form.basis.problems import hint
from app.domain.access.refusals import Choice, describe_choice

UNKNOWN_FIELD = "extra_forbidden"
_LONGEST = 64


def describe_unknown(request: Request, error: Mapping[str, Any]) -> str:
    """Return what a refusal says of a field that its object does not have."""
    known = _find_known(request, error)
    if not known:
        return "There is no such field here."
    told = hint(str(error["loc"][-1]), known) or f" It takes {', '.join(known)}."
    return f"There is no such field here.{told}"


def list_choices(request: Request, error: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the fields that the object has which a field was unknown of, the nearest first."""
    name = str(error["loc"][-1])[:_LONGEST].lower()
    known = sorted(
        _find_known(request, error), key=lambda each: -SequenceMatcher(None, name, each).ratio()
    )
    return [describe_choice(Choice(each, each.replace("_", " "))) for each in known]


def _find_known(request: Request, error: Mapping[str, Any]) -> Collection[str]:
    place, *steps = error["loc"]
    route = request.scope.get("route")
    if place != "body" or not isinstance(route, APIRoute) or route.body_field is None:
        return ()
    form: Any = route.body_field.field_info.annotation
    return list_fields(form, tuple(steps[:-1]))
