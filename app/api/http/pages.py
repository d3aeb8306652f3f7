"""Pages for people, from the templates beside this file. What they are given is escaped."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment


def render_page(template: str, **values: Any) -> HTMLResponse:
    """Return a page as a reply."""
    return HTMLResponse(_load_templates().get_template(template).render(**values))


@cache
def _load_templates() -> "Environment":
    # A process that shows no page starts without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
