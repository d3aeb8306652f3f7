"""What is touched of FastAPI and Starlette that they do not promise: each name, and what it does.

A newer version of them is taken when these pass; what moved is named here, and where it is used.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Match

from app.api.http.routing import Route, operation, router
from app.main import create_app

APP = Path(__file__).parent.parent / "app"
# The files that may touch them: the frame of every request, and what puts the application together.
FRAME = [*(APP / "api").rglob("*.py"), APP / "main.py"]
OURS = {path.stem for path in APP.rglob("*.py")}

# Each name, and the files that use it.
PRIVATE = {
    "_json": {"admission.py", "plain_requests.py", "conditions.py", "unknown_fields.py"},
    "_headers": {"admission.py"},
    "_embed_body_fields": {"plain_requests.py"},
    "fastapi.telemetry": {"middleware.py", "plain_requests.py", "route_answers.py"},
    "fastapi_middleware_astack": {"routing.py"},
    "fastapi_inner_astack": {"routing.py"},
    "fastapi_function_astack": {"routing.py"},
    "middleware_stack": {"main.py"},
}


def test_no_other_private_name_is_touched() -> None:
    found: dict[str, set[str]] = {}
    for path in FRAME:
        for name in _private_names(ast.parse(path.read_text())):
            found.setdefault(name, set()).add(path.name)
    found.pop("fastapi_offline", None)  # a package of that name
    assert found == PRIVATE


def _private_names(tree: ast.AST) -> Iterator[str]:
    """Yield names that belong to the framework: attributes and texts that its parts are read by."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                own = owner in ("self", "cls", *OURS)
                if name.startswith("_") and not name.startswith("__") and not own:
                    yield name
                if name == "middleware_stack":
                    yield name
            case ast.Attribute(attr="middleware_stack" as name):
                yield name
            case ast.Constant(value=str(text)):
                if text in PRIVATE or text.startswith(("fastapi.", "fastapi_")):
                    yield text
            case _:
                pass


class _Asked(BaseModel):
    amount: int


class _Answer(BaseModel):
    amount: int
    scope: list[str]


def _given() -> str:
    return "given"


@pytest.fixture
def app() -> FastAPI:
    """Make an application that says what it is handed, with a body that was read before."""
    app = FastAPI()

    class Given(APIRoute):
        """A route whose request has its body already, as one of ours does."""

        def get_route_handler(self) -> Any:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Any:
                request._json = {"amount": 7}
                return await handle(request)

            return answer

    async def write(
        request: Request,
        body: _Asked,
        given: Annotated[str, Depends(_given)],
        wished: Annotated[int | None, Query()] = None,
        if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    ) -> _Answer:
        assert (given, wished, if_match) == ("given", None, None)
        named = [each for each in request.scope if str(each).startswith("fastapi")]
        return _Answer(amount=body.amount, scope=sorted(named))

    app.router.add_api_route("/things/{thing}", write, methods=["POST"], route_class_override=Given)
    return app


def _route_of(app: FastAPI) -> APIRoute:
    (route,) = (each for each in app.routes if isinstance(each, APIRoute))
    return route


async def test_a_body_that_was_read_is_not_read_again(app: FastAPI) -> None:
    """`_json`; and the stacks that a request's scope carries, which our routes put there."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        reply = await client.post("/things/x", json={"amount": 1})
    assert reply.status_code == 200, reply.text
    assert reply.json()["amount"] == 7
    stacks = {"fastapi_inner_astack", "fastapi_function_astack", "fastapi_middleware_astack"}
    assert stacks == {each for each in reply.json()["scope"] if each.endswith("_astack")}


def test_a_request_reads_its_headers_once_and_again_when_they_are_forgotten() -> None:
    """`_headers`."""
    scope: dict[str, Any] = {"type": "http", "headers": [(b"content-type", b"a/b")]}
    request = Request(scope)
    assert request.headers["Content-Type"] == "a/b"
    assert "_headers" in request.__dict__
    scope["headers"] = [(b"content-type", b"c/d")]
    assert request.headers["Content-Type"] == "a/b"
    request.__dict__.pop("_headers")
    assert request.headers["Content-Type"] == "c/d"


def test_a_route_says_what_it_reads_and_how_it_answers(app: FastAPI) -> None:
    """`_embed_body_fields`, `dependant`, `response_field`: what plain requests are answered by."""
    route = _route_of(app)
    assert route._embed_body_fields is False
    assert isinstance(route.response_class, DefaultPlaceholder)
    assert callable(route.app)
    assert route.path_format == "/things/{thing}"
    found = route.dependant
    assert callable(found.call)
    assert [each.alias for each in found.query_params] == ["wished"]
    assert [each.alias for each in found.header_params] == ["If-Match"]
    assert not found.query_params[0].field_info.is_required()
    assert found.cookie_params == []
    assert [each.call for each in found.dependencies] == [_given]
    assert found.dependencies[0].name == "given"
    assert found.request_param_name == "request"
    (body,) = found.body_params
    value, faults = body.validate({"amount": 3})
    assert (value, faults) == (_Asked(amount=3), [])
    assert body.validate({"amount": "much"})[1]
    assert route.response_field is not None
    answer = route.response_field.serialize_json(_Answer(amount=3, scope=[]))
    assert answer == b'{"amount":3,"scope":[]}'


def test_a_route_is_found_by_what_the_framework_finds_it_by() -> None:
    """`compile_path`, `get_name`, and what they are for: a route is found before it is complete."""

    @operation(None, transaction=False)
    async def read_thing(thing: str) -> _Answer:
        """Read."""
        return _Answer(amount=1, scope=[thing])

    routes = router("Things")
    routes.get("/things/{thing}/parts")(read_thing)
    (route,) = (each for each in routes.routes if isinstance(each, Route))
    assert not hasattr(route, "dependant")
    asked = {"type": "http", "method": "GET", "path": "/things/x/parts", "root_path": ""}
    assert route.matches(asked)[0] is Match.FULL
    assert route.matches(asked | {"method": "PUT"})[0] is Match.PARTIAL
    assert route.matches(asked | {"path": "/things/x"})[0] is Match.NONE
    assert not hasattr(route, "dependant")
    names = ("path", "endpoint", "name", "methods", "path_regex", "path_format")
    found = [getattr(route, name) for name in (*names, "param_convertors")]
    route.complete()
    assert [getattr(route, name) for name in (*names, "param_convertors")] == found
    assert route.dependant.call is read_thing


def test_every_route_of_ours_answers_for_itself_and_within_one_frame() -> None:
    """`app` of a route, `middleware_stack` of the application and of its router."""
    app = create_app()
    routes = [each for each in app.routes if isinstance(each, Route)]
    assert len(routes) > 100
    for route in routes:
        assert getattr(route.app, "__func__", None) is Route._answer_within, route.path
    assert app.router.middleware_stack == app.router.app
    assert app.middleware_stack is not None
