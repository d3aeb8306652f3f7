"""Pages and pictures for people, from templates. What they are given is escaped."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from app.api.http.replies.embedding import PAGE_POLICY
from app.domain.catalog.catalogs import Branding

if TYPE_CHECKING:
    from jinja2 import Environment

# What XML 1.0 cannot hold, even escaped, and no page shows.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render_page(template: str, **values: object) -> HTMLResponse:
    """Return a page as a reply.

    One with a seller's `branding` may fetch the seller's logo, and nothing else.
    """
    page = HTMLResponse(render_template(template, **values))
    branding = values.get("branding")
    if isinstance(branding, Branding) and branding.logo_url is not None:
        parts = urlsplit(branding.logo_url)
        page.headers["Content-Security-Policy"] = PAGE_POLICY.replace(
            "img-src data:", f"img-src data: {parts.scheme}://{parts.netloc}"
        )
    return page


def render_template(template: str, **values: object) -> str:
    """Return what a template makes of some values."""
    return _load_templates().get_template(template).render(**values)


def _print_value(value: object) -> object:
    """Return what is written of a value: of a text, what can be shown."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


@cache
def _load_templates() -> "Environment":
    # A process that shows no page starts without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(Path(__file__).parents[2] / "templates"),
        autoescape=True,
        finalize=_print_value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
