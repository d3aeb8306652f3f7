"""Helpers of the tests of route table, shared with others."""

from app.api.http.routing import Route
from app.main import ROUTES


def _list_routes() -> list[Route]:
    """Return every route, with all that the framework finds out when it is first asked."""
    routes = [route for each in ROUTES for route in each.routes.routes if isinstance(route, Route)]
    for route in routes:
        route.complete()
    return routes


EVERY_ROUTE = _list_routes()
