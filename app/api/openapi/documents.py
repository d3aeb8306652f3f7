"""Documents for anybody, without a key: Swagger UI, the OpenAPI document, problems, and health."""

import hashlib
import json
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, Response

from app import __version__
from app.api.http.operation_documents import describe_refusal
from app.api.http.refusals.frame_refusals import NotFound
from app.api.http.refusals.problems import refusal_classes, status_of
from app.api.http.replies.conditions import answer_unchanged
from app.api.http.replies.pages import render_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Wire
from app.db.engine.health import ClockDiffers, DatabaseFull, DatabaseReadOnly
from app.db.engine.revisions import CODE_REVISION, NotMigrated
from app.domain.access.refusals import Refusal
from app.services.catalog.catalogs import list_catalogs
from app.services.monitoring.readiness import (
    LATE_AFTER_S,
    check_worker,
    require_ready,
)

routes = router("Service")

# Swagger UI's own files come in the package that carries them, the rest in ours: nothing is
# fetched from elsewhere, and the page's policy would not let it be.
_ASSETS = {
    "swagger-ui-bundle.js": ("fastapi_offline", "text/javascript"),
    "swagger-ui.css": ("fastapi_offline", "text/css"),
    "docs.js": ("app.api", "text/javascript"),
    "docs.css": ("app.api", "text/css"),
}
_DOCS_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
_DAY = "public, max-age=86400"


class Health(Wire):
    """A sign that the process, or the database, answers."""

    status: str
    """Always `ok`: whatever does not answer has no such reply."""


class Migrations(Wire):
    """The shape that the database is in, by its migrations."""

    status: str
    """Always `ok`: the database has the shape that this version of the service works with."""
    revision: str
    """The newest migration that was applied to the database."""


class WorkerCheck(Wire):
    """How far the worker is behind, for which no answer waits."""

    status: Literal["ok", "late", "unknown"]
    """`ok`, or `late`: further behind than a running worker ever is. `unknown`: the worker cannot
    be seen."""
    outbox_lag_seconds: float | None
    """How many seconds ago the oldest event was recorded that has not been passed on yet; null
    where that cannot be seen."""
    job_lag_seconds: float | None
    """For how many seconds the longest waiting job has been due; null where that cannot be seen."""
    late_after_seconds: int
    """The lag in seconds from which the worker counts as late."""


class Checks(Wire):
    """The three parts that were checked: the database, its migrations, and the worker."""

    database: Health
    """The database, which answered in time."""
    migrations: Migrations
    """The database's migrations, which are those that this version works with."""
    worker: WorkerCheck
    """How far the worker, which sees to jobs, webhooks and notices, is behind."""


class Readiness(Wire):
    """The service can answer requests; with each check that was made."""

    status: str
    """Always `ok`: where the database is away or of another shape, the answer is 503 instead."""
    checks: Checks
    """The checks that were made, of which the worker's changes nothing about the status."""


@routes.get("/docs", include_in_schema=False)
@operation(None, transaction=False)
async def render_swagger_ui() -> HTMLResponse:
    """Swagger UI over the service's own OpenAPI document."""
    page = _read_file("app.api", "docs.html").decode()
    return HTMLResponse(page, headers={"Content-Security-Policy": _DOCS_POLICY})


@routes.get("/docs/assets/{name}", include_in_schema=False)
@operation(None, transaction=False)
async def get_asset(name: str) -> Response:
    """One file of Swagger UI."""
    if name not in _ASSETS:
        raise NotFound("There is no such file.")
    package, media_type = _ASSETS[name]
    headers = {"Cache-Control": _DAY}
    return Response(_read_file(package, name), media_type=media_type, headers=headers)


@routes.get("/openapi.json", include_in_schema=False)
@operation(None, transaction=False)
async def get_openapi(request: Request) -> Response:
    """The OpenAPI document; to who has it already, 304."""
    return answer_unchanged(request, _write_openapi(request.app))


@routes.get("/", include_in_schema=False)
@operation(None)
async def render_landing_page(db: RequestDb) -> HTMLResponse:
    """What this is, and where to go on."""
    published = [{"code": each.catalog, "title": each.title} for each in await list_catalogs(db)]
    return render_page("landing.html", version=__version__, catalogs=published)


@routes.get("/problems", summary="List the problems", response_class=HTMLResponse)
@operation(None, transaction=False)
async def list_problems() -> HTMLResponse:
    """Every code that a refusal may have, by its status, each with a page that explains it."""
    grouped: dict[int, list[type[Refusal]]] = {}
    for refusal in refusal_classes():
        grouped.setdefault(status_of(refusal), []).append(refusal)
    statuses = [
        (f"{status} {HTTPStatus(status).phrase}", refusals)
        for status, refusals in sorted(grouped.items())
    ]
    return render_page("problems.html", statuses=statuses)


@routes.get("/problems/{code}", summary="Explain a problem", response_class=HTMLResponse)
@operation(None, transaction=False, refuses=[NotFound])
async def explain_problem(
    request: Request,
    code: Annotated[
        str,
        Path(
            max_length=80,
            description="The code of a problem, such as `not_covered`.",
            examples=["insufficient_units"],
        ),
    ],
) -> HTMLResponse:
    """A page that says what a problem's code means; every problem's `type` leads to it."""
    for refusal in refusal_classes():
        if refusal.code == code:
            return render_page(
                "problem.html",
                code=code,
                title=refusal.title,
                status=status_of(refusal),
                # What stands between backticks is every second part.
                paragraphs=[part.split("`") for part in describe_refusal(refusal)],
                operations=_answered_by(request.app, code),
            )
    raise NotFound(f"There is no problem {code[:80]!r}.")


@routes.get("/healthz", summary="Ask if the process lives")
@operation(None, transaction=False)
async def get_health() -> Health:
    """The process answers; whether it can work is `/readyz`."""
    return Health(status="ok")


@routes.get("/readyz", summary="Ask if it can work")
@operation(None, refuses=[NotMigrated, ClockDiffers, DatabaseReadOnly, DatabaseFull])
async def get_readiness(db: RequestDb) -> Readiness:
    """Whether the database answers, takes writes, and has the shape that this version works with.

    Its clock and the service's agree. A worker that is late is told, and does not change the
    answer's status.
    """
    await require_ready(db)
    worker = await check_worker(db)
    return Readiness(
        status="ok",
        checks=Checks(
            database=Health(status="ok"),
            migrations=Migrations(status="ok", revision=CODE_REVISION),
            worker=WorkerCheck(
                status=worker.status,
                outbox_lag_seconds=worker.lag and worker.lag.outbox_s,
                job_lag_seconds=worker.lag and worker.lag.jobs_s,
                late_after_seconds=LATE_AFTER_S,
            ),
        ),
    )


def _write_openapi(app: FastAPI) -> Response:
    body: bytes | None = getattr(app.state, "openapi_bytes", None)
    if body is None:
        body = app.state.openapi_bytes = json.dumps(app.openapi(), ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    return Response(body, media_type="application/json", headers=headers)


def _read_file(package: str, name: str) -> bytes:
    return files(package).joinpath("static", name).read_bytes()


def _answered_by(app: FastAPI, code: str) -> list[dict[str, str]]:
    """Return the operations that may answer with a code, and where Swagger UI has them."""
    document = app.openapi()
    refused = {
        f"#/components/responses/{name}"
        for name, response in document["components"]["responses"].items()
        if code in response.get("x-codes", ())
    }
    return [
        {
            "href": f"/docs#/{quote(operation['tags'][0])}/{operation['operationId']}",
            "summary": operation["summary"],
        }
        for item in document["paths"].values()
        for operation in item.values()
        if any(each.get("$ref") in refused for each in operation["responses"].values())
    ]
