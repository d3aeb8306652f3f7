"""Every place of every request in turn: what is right, but for one value that is hostile."""

from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from itertools import islice, product
from typing import Any

from app.api.http.wire import write_cursor
from tests.fuzz.hostile import HOSTILE, NUMBERS, TEXTS, Draft
from tests.fuzz.world import World
from tests.support.raw_http import Reply

Send = Callable[[Draft], Awaitable[Reply]]

AT_MOST = 400
IN_ADDRESSES = [str(each) for each in (*TEXTS[:7], *TEXTS[8:], *NUMBERS[:-8])]
# A cursor is opaque, and anybody can write one.
PARTS: tuple[Any, ...] = (
    *(0, -1, 2**63, 10**30, True, None, "", "\0", "1", "2026-11-22T10:00:00Z", [], {}),
)
CURSORS = [write_cursor(*[part] * parts) for part in PARTS for parts in (1, 2, 3, 4)]


async def find_bases(
    document: dict[str, Any], world: World, send: Send
) -> dict[str, tuple[Draft, int]]:
    """Return for each operation a request that is carried out, or the nearest to it; its status.

    Nothing is written for it: what would write is a dry run.
    """
    found: dict[str, tuple[Draft, int]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            tried: dict[int, Draft] = {}
            for draft in islice(_guess(method.upper(), path, operation, world), AT_MOST):
                reply = await send(draft)
                tried.setdefault(reply.status, draft)
                if reply.status < 400:
                    break
            status = min(tried, key=_distance)
            found[operation["operationId"]] = (tried[status], status)
    return found


def spoil(draft: Draft, operation: dict[str, Any]) -> Iterator[Draft]:
    """Yield the request with each hostile value in each of its places, one at a time.

    What is a dry run stays one, so that each finds what the one before it found.
    """
    for each in operation.get("parameters", []):
        name = each["name"]
        if each["in"] == "path":
            for value in IN_ADDRESSES:
                changed = deepcopy(draft)
                changed.places[name] = value
                yield changed
        elif each["in"] == "query" and name != "dry_run":
            for value in [*IN_ADDRESSES, *(CURSORS if name in ("cursor", "after") else ())]:
                changed = deepcopy(draft)
                changed.query[name] = value
                yield changed
    for place in _list_places(draft.body):
        for value in HOSTILE:
            changed = deepcopy(draft)
            holder = changed.body
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = deepcopy(value)
            yield changed


def _distance(status: int) -> int:
    """Return how far a status is from success: a refusal of the rules is nearest."""
    return (200, 201, 202, 204, 302, 303, 304, 409, 402, 403, 410, 422, 404, 400).index(status)


def _guess(method: str, path: str, operation: dict[str, Any], world: World) -> Iterator[Draft]:
    named = [each for each in operation.get("parameters", []) if each["in"] in ("path", "query")]
    name = operation["operationId"]
    query = {
        each["name"]: world.values.get(each["name"], ["2026-01-01T00:00:00Z"])[0]
        for each in named
        if each["in"] == "query" and each.get("required")
    } | world.queries.get(name, {})
    if any(each["name"] == "dry_run" for each in named):
        query["dry_run"] = "true"
    places = [each["name"] for each in named if each["in"] == "path"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [_date(each["value"]) for each in content.get("examples", {}).values()]
    bodies = [world.bodies[name]] if name in world.bodies else examples
    known = [world.values.get(place, [place]) for place in places]
    for chosen, body in product(product(*known), bodies or [None]):
        yield Draft(
            method,
            dict(zip(places, chosen, strict=True)),
            path,
            dict(query),
            _fill(deepcopy(body), world),
        )


def _date(body: Any) -> Any:
    """Return an example without the instants of its story: it is now."""
    return {name: value for name, value in body.items() if name != "at"}


def _fill(body: Any, world: World) -> Any:
    """Return an example with the ids of this world for those that the service makes."""
    if not isinstance(body, dict):
        return body
    for name in ("subscription_id", "quote_id", "to_account_id"):
        if name in body:
            body[name] = world.values[name][0]
    return body


def _list_places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, inner in pairs:
        yield (*place, key)
        yield from _list_places(inner, (*place, key))
