"""Conditional replies: what the caller has already is not sent again, and where what is new is."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

_PARAMETER = re.compile(r"\{(\w+)\}")
_KEPT = ("ETag", "Cache-Control", "Vary", "Content-Location")


def answer_unchanged(request: Request, response: Response) -> Response:
    """Return a read's reply, or 304 where its tag is one that `If-None-Match` names.

    The tag is of the thing's own state: what follows from the clock may have moved on.
    """
    named = request.headers.get("If-None-Match")
    if named is None or response.status_code != 200 or "ETag" not in response.headers:
        return response
    if not names_tag(named, response.headers["ETag"]):
        return response
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return Response(status_code=304, headers=kept)


def names_tag(named: str, tag: str) -> bool:
    """Say whether `If-None-Match` names a tag (RFC 9110 §13.1.2: compared weakly)."""
    tags = [each.strip().removeprefix("W/") for each in named.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags


def find_item(path: str, routes: Iterable[APIRoute]) -> str | None:
    """Return the path at which a thing of a collection is read, which one parameter follows."""
    for route in routes:
        rest = route.path.removeprefix(f"{path}/")
        if "GET" in (route.methods or ()) and _PARAMETER.fullmatch(rest):
            return route.path
    return None


def locate(request: Request, response: Response, item: str | None) -> None:
    """Say where what was made is: at `item`, a path with parameters; None: where it was made.

    A parameter is what was sent or is shown by its name, else what the request's own path has.
    """
    if response.status_code != 201 or "Location" in response.headers:
        return
    if item is None:
        path = quote(request.scope["path"], safe="/:@")
    else:
        *others, made = _list_parameters(item)
        known = request.scope["path_params"]
        named = {name: quote(str(known.get(name)), safe=":@") for name in others}
        named[made] = quote(_read_id(request, response, made), safe=":@")
        path = item.format_map(named)
    response.headers["Location"] = path


@lru_cache
def _list_parameters(path: str) -> tuple[str, ...]:
    return tuple(_PARAMETER.findall(path))


def _read_id(request: Request, response: Response, parameter: str) -> str:
    """Return the id of what was made: the caller's own, or the one that the reply shows."""
    sent: dict[str, Any] = getattr(request, "_json", None) or {}
    if parameter in sent:
        return str(sent[parameter])
    shown = json.loads(bytes(response.body))
    return str(shown.get(parameter, shown.get("id")))
