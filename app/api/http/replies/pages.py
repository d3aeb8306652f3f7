"""Pages for people, from the templates beside this file. What they are given is escaped."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from app.api.http.replies.embedding import PAGE_POLICY
from app.domain.catalog.catalogs import Branding

if TYPE_CHECKING:
    from jinja2 import Environment


def render_page(template: str, **values: object) -> HTMLResponse:
    """Return a page as a reply.

    One with a seller's `branding` may fetch the seller's logo, and nothing else.
    """
    page = HTMLResponse(_load_templates().get_template(template).render(**values))
    branding = values.get("branding")
    if isinstance(branding, Branding) and branding.logo_url is not None:
        parts = urlsplit(branding.logo_url)
        page.headers["Content-Security-Policy"] = PAGE_POLICY.replace(
            "img-src data:", f"img-src data: {parts.scheme}://{parts.netloc}"
        )
    return page


@cache
def _load_templates() -> "Environment":
    # A process that shows no page starts without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(Path(__file__).parents[2] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
