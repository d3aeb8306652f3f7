"""`surety catalog`: a seller's terms checked and published from their files."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.cli.holidays import suggest_holidays
from app.db.engine.clocks import read_clock
from app.documents.files import UnreadableDocument, read_json, read_toml
from app.documents.lines import Path as Steps
from app.documents.lines import find_lines, line_of
from app.documents.reading import InvalidCatalog, check_catalog
from app.documents.warnings import find_warnings
from app.domain.access.refusals import Fault

if TYPE_CHECKING:
    from app.db.engine.database import Database

commands = typer.Typer(help="Catalogues: a seller's terms.", no_args_is_help=True)
commands.command("holidays")(suggest_holidays)

Files = Annotated[
    list[Path], typer.Argument(help="TOML or JSON documents, or folders that have some.")
]
_SCHEMA = "catalog.schema.json"
_SUFFIXES = (".toml", ".json")

Strict = Annotated[bool, typer.Option("--strict", help="Warnings count as faults.")]


@commands.command("check")
def check_catalogs(files: Files, strict: Strict = False) -> None:
    """Read documents, name every fault by line and pointer, warn, and verify their examples.

    Nothing is published.
    """
    found = [_check(file) for file in _list_documents(files)]
    faults = sum(each.faults + (each.warnings if strict else 0) for each in found)
    if faults:
        raise CommandError(f"{_count(faults, 'fault')}; nothing would be published")


@commands.command("publish")
def publish_catalogs(files: Files) -> None:
    """Publish documents as new versions; one that is the newest already makes none."""
    from app.services.catalog.catalogs import publish_catalog

    documents = _list_documents(files)
    if sum(_check(file).faults for file in documents):
        raise CommandError("nothing was published")

    async def publish(database: "Database") -> None:
        for file in documents:
            document = read_document(file)
            async with database.transaction() as db:
                found, created = await publish_catalog(
                    db, code=document["code"], document=document, by="surety catalog publish"
                )
            what = "is published" if created else "is the newest already"
            typer.echo(f"{found.catalog} version {found.version} {what}")

    with_database(publish)


@commands.command("schema")
def print_schema(
    into: Annotated[
        Path | None,
        typer.Option(help="A folder: write the schema there, and name it in its TOML documents."),
    ] = None,
) -> None:
    """Print the JSON Schema of a catalogue's document, or put it beside documents.

    A document that begins with `#:schema ./catalog.schema.json` is completed and checked as it
    is written by editors that understand TOML.
    """
    from app.documents.schema import document_schema

    text = json.dumps(document_schema(), indent=2)
    if into is None:
        typer.echo(text)
        return
    try:
        into.joinpath(_SCHEMA).write_text(text + "\n", encoding="utf-8")
        for file in sorted(into.glob("*.toml")):
            written = file.read_text(encoding="utf-8")
            if not written.startswith("#:schema "):
                file.write_text(f"#:schema ./{_SCHEMA}\n{written}", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{into}: {error}") from None
    typer.echo(f"{into / _SCHEMA} is written")


def read_document(file: Path) -> dict[str, Any]:
    """Return the document in a file; what cannot be read is a CommandError."""
    try:
        return _parse(file, file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None


class _Checked(NamedTuple):
    faults: int
    warnings: int


def _list_documents(places: Iterable[Path]) -> list[Path]:
    """Return the files named, and those in the folders named: TOML and JSON, in order of name."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = [each for each in sorted(place.rglob("*")) if each.suffix in _SUFFIXES]
            found += [each for each in inside if each.name != _SCHEMA]
        else:
            found.append(place)
    if not found:
        raise CommandError("There are no TOML or JSON documents there.")
    return list(dict.fromkeys(found))


def _check(file: Path) -> _Checked:
    """Check one document, and print what is wrong with it, line by line."""
    try:
        text = file.read_text(encoding="utf-8")
        document = _parse(file, text)
    except (OSError, ValueError) as error:
        typer.echo(f"{file}: {error}", err=True)
        return _Checked(1, 0)
    lines = {} if file.suffix == ".json" else find_lines(text)
    try:
        found = check_catalog(document)
    except InvalidCatalog as invalid:
        for fault in invalid.faults:
            _print(file, lines, fault)
        return _Checked(len(invalid.faults), 0)
    warnings = find_warnings(found.document, today=read_clock().date())
    for warning in warnings:
        _print(file, lines, warning, "warning: ")
    parts = [
        _count(len(found.catalog.plans), "plan"),
        _count(len(found.catalog.offers), "offer"),
        f"{_count(len(found.document.examples), 'example')} verified",
    ]
    typer.echo(f"{file}: {found.catalog.code}, {', '.join(parts)}")
    return _Checked(0, len(warnings))


def _parse(file: Path, text: str) -> dict[str, Any]:
    document = read_json(text) if file.suffix == ".json" else read_toml(text)
    if not isinstance(document, dict):
        raise UnreadableDocument("The document has to be an object.")
    return document


def _print(file: Path, lines: Mapping[Steps, int], fault: Fault, kind: str = "") -> None:
    line = line_of(lines, fault.pointer)
    where = f"{file}:{line}" if line is not None else f"{file}"
    typer.echo(f"{where}: {kind}{fault.pointer or '/'}: {fault.detail} ({fault.code})", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
