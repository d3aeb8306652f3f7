"""`surety settings`."""

import textwrap

import typer
from pydantic import SecretStr

from app.settings import PREFIX, Settings, load_settings


def print_settings() -> None:
    """Describe each setting: an environment variable, its present value, what it is for."""
    now = load_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(now, name)
        typer.echo(f"{PREFIX}{name.upper()} = {_shown(value)}")
        typer.echo(textwrap.indent(textwrap.fill(field.description or "", 76), "    ") + "\n")


def _shown(value: object) -> str:
    """Return the value as one would write it; of a secret only that it is there."""
    match value:
        case None | ():
            return "(not set)"
        case SecretStr():
            return "(set, not shown)"
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)
