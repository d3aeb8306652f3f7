"""What this stack can do at best: the same requests and replies, with less or nothing done.

`bare` reads the request and sends the very bytes of our reply. `select` runs one statement and
makes the reply's text of a ready value. `two` opens a ticket in two statements, deciding
nothing; `guarded` in two without a transaction, the second of which writes nothing if the account
has moved. `orm` opens it as an ORM's session would.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import asyncpg
from fastapi import Body, FastAPI, Response
from pydantic import TypeAdapter

from app.api.http.routing import Route
from app.api.tickets.opening_shapes import TicketOpening
from app.api.tickets.ticket_shapes import TraceWire
from app.main import ROUTES
from bench.floor_statements import (
    CHANGED,
    CHARGED,
    LOCK_AND_READ,
    OPENED,
    READ,
    READ_AS_IT_IS,
    SELECTS,
    WRITE,
    WRITE_GUARDED,
    for_driver,
)
from bench.orm import Orm

_POOL_SIZE = 16


def create_app() -> FastAPI:
    """Return the application, with our replies and a database as the environment names them."""
    app = FastAPI(lifespan=_lifespan, openapi_url=None)
    replies = json.loads(Path(os.environ["BENCH_REPLIES"]).read_text(encoding="utf-8"))
    shapes = {}
    for route in (each for resource in ROUTES for each in resource.routes.routes):
        if isinstance(route, Route):
            route.complete()
            shapes[route.name] = route.response_model
    for operation, (method, text) in replies.items():
        ready = TypeAdapter(shapes[operation]).validate_json(text)
        _add_bare(app, operation, method, text.encode())
        _add_select(app, operation, method, shapes[operation], ready)
        if operation == "open_ticket":
            _add_openings(app, shapes[operation], ready)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["BENCH_DATABASE_URL"]
    app.state.orm = Orm(url, pool_size=_POOL_SIZE)
    async with asyncpg.create_pool(url, max_size=_POOL_SIZE, reset=_keep_as_it_is) as pool:
        app.state.pool = pool
        yield
    await app.state.orm.close()


async def _keep_as_it_is(_: object) -> None:
    return


def _add_bare(app: FastAPI, operation: str, method: str, reply: bytes) -> None:
    path = f"/bare/{operation}/{{account_id}}"

    async def answer_post(account_id: str, body: Annotated[dict[str, Any], Body()]) -> Response:
        return Response(reply, media_type="application/json")

    async def answer_get(account_id: str) -> Response:
        return Response(reply, media_type="application/json")

    app.add_api_route(path, answer_get if method == "GET" else answer_post, methods=[method])


def _add_select(app: FastAPI, operation: str, method: str, shape: Any, ready: Any) -> None:
    path = f"/select/{operation}/{{account_id}}"
    read, names = for_driver(SELECTS.get(operation, READ))

    async def answer_post(account_id: str, body: Annotated[dict[str, Any], Body()]) -> Any:
        await app.state.pool.fetch(read, account_id)
        return ready

    async def answer_get(account_id: str) -> Any:
        await app.state.pool.fetch(read, *(account_id for _ in names))
        return ready

    app.add_api_route(
        path,
        answer_get if method == "GET" else answer_post,
        methods=[method],
        response_model=shape,
    )


def _add_openings(app: FastAPI, shape: Any, ready: Any) -> None:
    read, read_names = for_driver(LOCK_AND_READ)
    write, write_names = for_driver(WRITE)
    trace = TypeAdapter(list[TraceWire]).dump_json(ready.coverage.trace).decode()

    def know(account_id: str, body: TicketOpening) -> dict[str, Any]:
        return {"account": account_id, "ticket": body.ticket_id, "trace": trace}

    def know_more(row: Any, body: TicketOpening) -> dict[str, Any]:
        return {
            "lot": row["lot_id"],
            "subscription": row["subscription_id"],
            "version": row.get("lock_version"),
            "request": body.model_dump_json(),
            "opened": json.dumps(OPENED | {"ticket_id": body.ticket_id}),
            "charged": json.dumps(CHARGED | {"ticket_id": body.ticket_id}),
            "changed": json.dumps(CHANGED),
        }

    @app.post("/two/open_ticket/{account_id}", response_model=shape, status_code=201)
    async def open_in_two_statements(account_id: str, body: TicketOpening) -> Any:
        known = know(account_id, body)
        async with app.state.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(read, *(known[name] for name in read_names))
            known |= know_more(row, body)
            await connection.execute(write, *(known[name] for name in write_names))
        return ready

    look, look_names = for_driver(READ_AS_IT_IS)
    move, move_names = for_driver(WRITE_GUARDED)

    @app.post("/guarded/open_ticket/{account_id}", response_model=shape, status_code=201)
    async def open_guarded(account_id: str, body: TicketOpening) -> Any:
        known = know(account_id, body)
        async with app.state.pool.acquire() as connection:
            while True:
                row = await connection.fetchrow(look, *(known[name] for name in look_names))
                known |= know_more(row, body)
                try:
                    await connection.execute(move, *(known[name] for name in move_names))
                except asyncpg.DivisionByZeroError:
                    continue
                return ready

    @app.post("/orm/open_ticket/{account_id}", response_model=shape, status_code=201)
    async def open_by_orm(account_id: str, body: TicketOpening) -> Any:
        await app.state.orm.open_ticket(
            account_id,
            body.ticket_id,
            request=body.model_dump(mode="json"),
            trace=json.loads(trace),
        )
        return ready
