"""What a route answers itself is as FastAPI's layers would have it, errors of ours included."""

from collections.abc import Callable
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from app.api.http.figures import Figures
from app.api.http.middleware import RequestFrame
from app.api.http.refusals.problem_handlers import install_problem_handlers
from app.api.http.replies.compression import compress
from app.api.http.route_answers import RouteAnswers
from app.api.http.routing import operation, router
from app.api.http.wire import Wire
from app.db.accounts.accounts import AccountUnknown
from app.domain.selling.agreements import NotAgreeable

INTERNAL_ERROR = {
    "type": "/problems/internal_error",
    "title": "Something went wrong on our side",
    "status": 500,
    "detail": "Something went wrong on our side. Nothing was done; the log has the details.",
    "instance": "/v1/answers",
    "code": "internal_error",
}
# What a route may raise, and the status that it is answered with.
ERRORS: tuple[tuple[Exception, int], ...] = (
    (AccountUnknown("There is no account 'c-1'."), 404),
    (NotAgreeable("Gold joins no months.", joins_months=0), 409),
    (RequestValidationError([{"loc": ("body", "a"), "msg": "is wrong", "type": "x"}]), 422),
    (HTTPException(404), 404),
    (HTTPException(413), 413),
    (ClientDisconnect(), 400),
    (asyncpg.SerializationError("could not serialize access"), 503),
    (asyncpg.DeadlockDetectedError("deadlock detected"), 503),
    (asyncpg.InternalServerError("could not commit transaction on any active node"), 503),
    (OverflowError("date value out of range"), 422),
    (ConnectionResetError("the database went"), 503),
    # Nobody expects these; the second one is handled by raising it again.
    (RuntimeError("the till is on fire"), 500),
    (asyncpg.InternalServerError("cache lookup failed for type 17"), 500),
    (KeyError("till"), 500),
)


class Answer(Wire):
    """What is answered."""

    text: Annotated[str, Field(max_length=10)]
    """What it says."""


class Ways:
    """One set of routes, answered both ways. `error` is what the route raises, if anything."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        routes: Any = router("Answers")
        self._add_routes(routes)
        self.by_route = _make_client(routes, lambda app: RouteAnswers(app, routes.routes))
        self.by_layers = _make_client(routes, lambda app: compress(app.build_middleware_stack()))

    def _add_routes(self, routes: Any) -> None:
        @routes.get("/v1/answers")
        @operation(None, transaction=False)
        async def read(limit: Annotated[int, Query(le=10)] = 1) -> Answer:
            """Read."""
            if self.error is not None:
                raise self.error
            return Answer(text="x" * limit)

        @routes.post("/v1/answers", status_code=201)
        @operation(None, transaction=False)
        async def write(body: Answer) -> Answer:
            """Write."""
            return body

        @routes.get("/v1/large")
        @operation(None, transaction=False)
        async def read_large() -> PlainTextResponse:
            """Read much."""
            return PlainTextResponse("x" * 5000)

        @routes.get("/v1/stream")
        @operation(None, transaction=False)
        async def read_stream() -> StreamingResponse:
            """Read one part after the other."""
            return StreamingResponse(iter(["a", "b" * 2000]))

    async def ask(self, method: str, path: str, **options: Any) -> tuple[httpx.Response, ...]:
        """Return the reply of the route itself, and that of FastAPI's layers."""
        options.setdefault("headers", {})["X-Request-Id"] = "shop-17"
        return (
            await self.by_route.request(method, path, **options),
            await self.by_layers.request(method, path, **options),
        )


def _make_client(routes: Any, answering: Callable[[FastAPI], ASGIApp]) -> httpx.AsyncClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, routes=routes.routes)
    install_problem_handlers(app)
    app.middleware_stack = RequestFrame(
        answering(app), max_body_bytes=4 * 1024 * 1024, figures=Figures()
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://surety.test")


@pytest.fixture
def ways() -> Ways:
    return Ways()


def shown(reply: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    return reply.status_code, reply.content, sorted(reply.headers.multi_items())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/answers", None, 200),
        ("GET", "/v1/answers?limit=3", None, 200),
        ("HEAD", "/v1/answers", None, 200),
        ("GET", "/v1/large", None, 200),
        ("GET", "/v1/stream", None, 200),
        ("POST", "/v1/answers", {"text": "good"}, 201),
        ("GET", "/v1/answers?limit=many", None, 422),
        ("GET", "/v1/answers?limit=11", None, 422),
        ("GET", "/v1/answers?limits=3", None, 422),
        ("POST", "/v1/answers", {"text": "much too long"}, 422),
        ("POST", "/v1/answers", {"texts": "good"}, 422),
        ("POST", "/v1/answers", None, 422),
        ("DELETE", "/v1/answers", None, 405),
        ("OPTIONS", "/v1/answers", None, 204),
        ("GET", "/v1/nothing", None, 404),
    ],
)
async def test_both_answer_the_same(
    ways: Ways, method: str, path: str, body: object, status: int
) -> None:
    for encoding in ("identity", "gzip"):
        by_route, by_layers = await ways.ask(
            method, path, json=body, headers={"Accept-Encoding": encoding}
        )
        assert by_route.status_code == status, by_route.text
        assert shown(by_route) == shown(by_layers)


@pytest.mark.parametrize(("error", "status"), ERRORS, ids=lambda each: repr(each)[:60])
async def test_both_answer_the_same_to_what_is_raised(
    ways: Ways, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    ways.error = error
    by_route, by_layers = await ways.ask("GET", "/v1/answers")
    assert by_route.status_code == status, by_route.text
    assert shown(by_route) == shown(by_layers)
    failed = [each for each in caplog.records if each.exc_info]
    if status == 500:
        assert by_route.json() == INTERNAL_ERROR
        assert [each.exc_info and each.exc_info[1] for each in failed] == [error, error]
    else:
        assert failed == []
