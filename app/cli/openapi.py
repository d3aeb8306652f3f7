"""`surety openapi`: the API's document, its operations and the catalogue's form, as files."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.errors import CommandError

commands = typer.Typer(help="The API's document, made from the code.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option(help="Where openapi.json and the other files are.")]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@commands.command("write")
def write_openapi(folder: Folder = Path("openapi")) -> None:
    """Write the document, the list of operations, and the reference of catalogues."""
    folder.mkdir(exist_ok=True)
    for name, text in build_files().items():
        (folder / name).write_text(text, encoding="utf-8")


@commands.command("check")
def check_openapi(folder: Folder = Path("openapi")) -> None:
    """Fail if the files differ from what the code makes."""
    for name, text in build_files().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise CommandError(
                f"{path} is not what the code makes; run `surety openapi write` and read the diff"
            )


def build_files() -> dict[str, str]:
    """Return the files' names and texts. No database is needed."""
    from app.documents.reference import render_reference
    from app.main import create_app

    document = create_app().openapi()
    return {
        "openapi.json": json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n",
        "operations.txt": "".join(f"{line}\n" for line in sorted(_list_operations(document))),
        "catalog.md": render_reference(),
    }


def _list_operations(document: dict[str, Any]) -> list[str]:
    return [
        f"{method.upper()} {path} {operation['operationId']} {' '.join(operation['tags'])}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    ]
