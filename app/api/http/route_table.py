"""Finding a request's route by its path's segments, rather than by asking route after route."""

from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class _Place:
    """Where a path has come to after some segments: what may follow, and what answers there."""

    __slots__ = ("any_next", "next", "routes")

    def __init__(self) -> None:
        self.next: dict[str, _Place] = {}
        self.any_next: _Place | None = None
        self.routes: dict[str, APIRoute] = {}


class RouteTable(BaseRoute):
    """Stands before the routes themselves, and finds the same one that they would.

    It answers for what it finds only: the routes after it still decide, one by one, what is not
    found, what an address takes, and, so that traces name it, whatever is traced.
    """

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._root = _Place()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: str) -> APIRoute | None:
        """Return the route of a method and a path, or None; a literal segment goes before any."""
        return _find(self._root, path.split("/"), 0, method)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or "fastapi.telemetry" in scope:
            return Match.NONE, {}
        route = self.find(scope["method"], scope["path"])
        if route is None:
            return Match.NONE, {}
        match, found = route.matches(scope)
        return (match, found) if match is Match.FULL else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        # It takes the method: that is how it was found.
        route: APIRoute = scope["route"]
        await route.app(scope, receive, send)

    def _add(self, route: APIRoute) -> None:
        place = self._root
        for segment in route.path_format.split("/"):
            if segment.startswith("{"):
                place.any_next = place = place.any_next or _Place()
            else:
                place = place.next.setdefault(segment, _Place())
        for method in route.methods or ():
            place.routes.setdefault(method, route)


def _find(place: _Place, segments: list[str], done: int, method: str) -> APIRoute | None:
    if done == len(segments):
        return place.routes.get(method)
    literal = place.next.get(segments[done])
    if literal is not None:
        found = _find(literal, segments, done + 1, method)
        if found is not None:
            return found
    if place.any_next is None:
        return None
    return _find(place.any_next, segments, done + 1, method)
