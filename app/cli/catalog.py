"""`surety catalog`: a seller's terms checked and published from their files."""

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.cli.holidays import suggest_holidays
from app.documents.reading import InvalidCatalog, parse_catalog

if TYPE_CHECKING:
    from app.db.engine.database import Database

commands = typer.Typer(help="Catalogues: a seller's terms.", no_args_is_help=True)
commands.command("holidays")(suggest_holidays)

Files = Annotated[list[Path], typer.Argument(help="TOML or JSON documents.")]


@commands.command("check")
def check_catalogs(files: Files) -> None:
    """Read documents and name every fault by its pointer; nothing is published."""
    faults = sum(_check(file) for file in files)
    if faults:
        raise CommandError(f"{faults} faults; nothing would be published")


@commands.command("publish")
def publish_catalogs(files: Files) -> None:
    """Publish documents as new versions; one that is the newest already makes none."""
    from app.services.catalog.catalogs import publish_catalog

    if sum(_check(file) for file in files):
        raise CommandError("nothing was published")

    async def publish(database: "Database") -> None:
        for file in files:
            document = read_document(file)
            async with database.transaction() as db:
                found, created = await publish_catalog(
                    db, code=document["code"], document=document, by="surety catalog publish"
                )
            what = "is published" if created else "is the newest already"
            typer.echo(f"{found.catalog} version {found.version} {what}")

    with_database(publish)


@commands.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a catalogue's document.

    Save it beside your documents, and begin each with `#:schema catalog.schema.json`: editors
    that understand TOML then complete its fields and mark its faults.
    """
    from app.documents.schema import document_schema

    typer.echo(json.dumps(document_schema(), indent=2))


def read_document(file: Path) -> dict[str, Any]:
    """Return the document in a file; what cannot be read is a CommandError."""
    try:
        text = file.read_text(encoding="utf-8")
        document = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None
    if not isinstance(document, dict):
        raise CommandError(f"{file}: the document has to be an object")
    return document


def _check(file: Path) -> int:
    try:
        found = parse_catalog(read_document(file))
    except InvalidCatalog as invalid:
        for fault in invalid.faults:
            typer.echo(f"{file}: {fault.pointer or '/'}: {fault.detail} ({fault.code})", err=True)
        return len(invalid.faults)
    typer.echo(f"{file}: {found.code}, {len(found.plans)} plans, {len(found.offers)} offers")
    return 0
