"""The table of routes finds for every address the route that asking each in turn would find."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from app.api.http.route_table import RouteTable
from tests.support.route_table import EVERY_ROUTE

TABLE = RouteTable(EVERY_ROUTE)


def scope_of(method: str, path: str) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}


def find_in_turn(method: str, path: str) -> APIRoute | None:
    scope = scope_of(method, path)
    return next((each for each in EVERY_ROUTE if each.matches(scope)[0] is Match.FULL), None)


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=lambda each: each.name)
def test_every_route_is_found_at_its_address(route: APIRoute) -> None:
    for filling in ("x", "7", "versions", "comparison", "tickets", "a b", "é"):
        path = re.sub(r"\{\w+\}", filling, route.path)
        for method in route.methods or ():
            found = TABLE.find(method, path)
            in_turn = find_in_turn(method, path)
            assert found is not None
            assert in_turn is not None
            assert found[0] is in_turn
            assert found[1] == in_turn.matches(scope_of(method, path))[1]["path_params"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/v1/offers/"),
        ("GET", "/v1//offers"),
        ("GET", "/v1/accounts//balance"),
        ("DELETE", "/v1/offers"),
        ("GET", "/v1/accounts/a/b/c/d/e/f/g"),
    ],
)
def test_what_no_route_answers_is_left_to_the_routes(method: str, path: str) -> None:
    assert find_in_turn(method, path) is None
    assert TABLE.find(method, path) is None


def test_a_parameter_that_is_more_than_a_segments_text_is_not_taken() -> None:
    with pytest.raises(TypeError):
        RouteTable([APIRoute("/files/{place:path}", scope_of)])
