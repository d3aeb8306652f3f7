"""`surety settings`."""

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.settings import PREFIX, Settings, load_settings


def show_settings() -> None:
    """Describe each setting: an environment variable, what it is now, and what it is for."""
    now = load_settings()
    table = Table("variable", "now", "what it is for", box=None, padding=(0, 3, 1, 0))
    for name, field in Settings.model_fields.items():
        value = getattr(now, name)
        table.add_row(
            Text(PREFIX + name.upper()),
            Text("not set" if value is None else _shown(value)),
            Text(field.description or ""),
        )
    Console().print(table)


def _shown(value: object) -> str:
    """Return the value as one would write it; a secret only by that it is there."""
    if isinstance(value, SecretStr):
        return "set"
    return str(value).lower() if isinstance(value, bool) else str(value)
