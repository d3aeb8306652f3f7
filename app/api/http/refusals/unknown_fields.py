"""Unknown fields of a request's body: what there is instead, the most like it first."""

from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.api.http.notes import notes_of
from app.documents.faults import list_fields
from app.documents.form.basis.problems import hint
from app.documents.unknown_fields import leave_out_unknown
from app.domain.access.refusals import MOST_LISTED, Choice, describe_choice

UNKNOWN_FIELD = "extra_forbidden"
_LONGEST = 64


def leave_out_very_many(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body without the unknown fields that would not be listed anyway, and count those.

    What reads it makes more of each of them than a body of unknown fields is worth.
    """
    form = _find_form(request)
    if form is None:
        return body
    kept, notes_of(request)["left_out"] = leave_out_unknown(body, form, most=MOST_LISTED)
    return kept


def require_no_fields(request: Request) -> None:
    """Refuse each field of a body that was sent to an operation which takes none.

    A body without any says nothing, and is as good as none.
    """
    sent: Mapping[str, Any] = getattr(request, "_json", None) or {}
    if sent:
        raise RequestValidationError(
            [{"loc": ("body", name), "msg": "", "type": UNKNOWN_FIELD} for name in sent]
        )


def describe_unknown(request: Request, error: Mapping[str, Any]) -> str:
    """Return what a refusal says of a field that its object does not have."""
    known = _find_known(request, error)
    if not known:
        takes_any = getattr(request.scope.get("route"), "body_field", None) is not None
        none = "" if takes_any else " It takes no body."
        return f"There is no such field here.{none}"
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
    form = _find_form(request)
    if place != "body" or form is None:
        return ()
    return list_fields(form, tuple(steps[:-1]))


def _find_form(request: Request) -> object:
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return None
    return route.body_field.field_info.annotation
