"""Pages for people, from the templates beside this file. What they are given is escaped."""

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(template: str, **values: Any) -> HTMLResponse:
    """Return a page as a reply."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values))
