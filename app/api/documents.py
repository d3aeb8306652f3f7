"""What is readable without a key: Swagger UI, the OpenAPI document, problems, and health."""

from html import escape
from importlib.resources import files

from fastapi import Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app.api.problems import NotFound, refusal_classes, status_of
from app.api.routing import RequestDb, operation, router
from app.api.wire import Wire

routes = router("Service")

# Swagger UI itself, from the package that carries it: nothing is fetched from elsewhere.
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_DAY = "public, max-age=86400"


class Health(Wire):
    """That the process answers."""

    status: str
    """`ok`."""


@routes.get("/docs", include_in_schema=False)
@operation(None, transaction=False)
async def show_swagger_ui(request: Request) -> HTMLResponse:
    """Swagger UI over the service's own OpenAPI document."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Surety",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
        swagger_ui_parameters={
            "persistAuthorization": True,
            "displayRequestDuration": True,
            "docExpansion": "list",
            "tryItOutEnabled": True,
            "validatorUrl": None,
        },
    )


@routes.get("/docs/assets/{name}", include_in_schema=False)
@operation(None, transaction=False)
async def get_asset(name: str) -> Response:
    """One file of Swagger UI."""
    if name not in _ASSETS:
        raise NotFound("There is no such file.")
    content = files("fastapi_offline").joinpath("static", name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": _DAY})


@routes.get("/openapi.json", include_in_schema=False)
@operation(None, transaction=False)
async def get_openapi(request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@routes.get("/problems/{code}", include_in_schema=False)
@operation(None, transaction=False)
async def explain_problem(code: str) -> HTMLResponse:
    """A page that explains a problem's code; a code that does not exist has none."""
    for refusal in refusal_classes():
        if refusal.code == code:
            return HTMLResponse(_page(refusal.code, refusal.title, refusal), headers={})
    raise NotFound(f"There is no problem {code[:80]!r}.")


@routes.get("/healthz", summary="Ask if the process lives")
@operation(None, transaction=False)
async def get_health() -> Health:
    """The process answers; whether it can work is `/readyz`."""
    return Health(status="ok")


@routes.get("/readyz", summary="Ask if it can work")
@operation(None)
async def get_readiness(db: RequestDb) -> Health:
    """The database answers, and has been migrated."""
    await db.connection.fetchval("SELECT count(*) FROM catalogs")
    return Health(status="ok")


def _page(code: str, title: str, refusal: type) -> str:
    sentences = "".join(
        f"<p>{escape(' '.join(part.split()))}</p>" for part in (refusal.__doc__ or "").split("\n\n")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>"
        "body{font:17px/1.5 system-ui,sans-serif;max-width:38rem;margin:3rem auto;"
        "padding:0 1rem;color:#1b2230}code{background:#eef1f5;padding:.1em .35em;"
        "border-radius:.25em}.status{color:#5a6577}</style></head><body>"
        f"<h1>{escape(title)}</h1>{sentences}"
        f'<p class="status">Code <code>{escape(code)}</code>, status {status_of(refusal)}.</p>'
        "</body></html>"
    )
