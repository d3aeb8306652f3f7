"""What is readable without a key: Swagger UI, the OpenAPI document, problems, and health."""

from importlib.resources import files
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app.api.documentation import describe_refusal
from app.api.pages import render_page
from app.api.problems import NotFound, refusal_classes, status_of
from app.api.routing import RequestDb, operation, router
from app.api.wire import Wire
from app.services.readiness import NotMigrated, require_ready

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
    """That the process answers."""

    status: str
    """`ok`."""


@routes.get("/docs", include_in_schema=False)
@operation(None, transaction=False)
async def show_swagger_ui() -> HTMLResponse:
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
async def get_openapi(request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@routes.get("/problems/{code}", summary="Explain a problem", response_class=HTMLResponse)
@operation(None, transaction=False, refuses=[NotFound])
async def explain_problem(
    request: Request,
    code: Annotated[
        str, Path(max_length=80, description="A problem's code.", examples=["insufficient_units"])
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
@operation(None, refuses=[NotMigrated])
async def get_readiness(db: RequestDb) -> Health:
    """The database answers, and is in the shape that this version works with."""
    await require_ready(db)
    return Health(status="ok")


def _read_file(package: str, name: str) -> bytes:
    return files(package).joinpath("static", name).read_bytes()


def _answered_by(app: FastAPI, code: str) -> list[dict[str, str]]:
    """Return the operations that may answer with a code, and where Swagger UI has them."""
    return [
        {
            "href": f"/docs#/{quote(operation['tags'][0])}/{operation['operationId']}",
            "summary": operation["summary"],
        }
        for item in app.openapi()["paths"].values()
        for operation in item.values()
        if any(f"`{code}`:" in each["description"] for each in operation["responses"].values())
    ]
