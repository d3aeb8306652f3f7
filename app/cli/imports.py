"""`surety import`: a helpdesk's past, one JSON object a line.

    {"type": "account", "account_id": "c-1", "name": "Nordwind Handel GmbH"}
    {"type": "purchase", "account_id": "c-1", "order_id": "SO-1", "offer": "livecart.express-1y",
     "payment": {"status": "paid"}, "at": "2025-02-03T10:00:00Z"}
    {"type": "grant", "account_id": "c-1", "reference": "g-1", "catalog": "livecart", …}
    {"type": "ticket", "account_id": "c-1", "ticket_id": "HD-1", "subject": "Checkout fails",
     "at": "2025-02-04T09:00:00Z"}
    {"type": "reply", "account_id": "c-1", "ticket_id": "HD-1", "by": "agent", "at": "…"}

The other types are `pause`, `resumption`, `severity`, `resolution` and `reopening`; each line
has the fields of the API's own body for it. Every line is checked before anything is written.
An account's lines are one transaction: it is imported whole, or not at all. What was imported
before is not imported again, so an interrupted import is run again.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from app.cli.databases import with_database
from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.db.engine.database import Database, Db

_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, checked: its number, its account, and what to do with it."""

    number: int
    account_id: str
    apply: Callable[["Db"], Awaitable[object]]


def import_history(
    file: Annotated[Path, typer.Argument(help="JSON lines: accounts, purchases, tickets, events.")],
) -> None:
    """Import a helpdesk's past; bad lines are named by their number."""
    by_account: dict[str, list[Line]] = {}
    faults = 0
    for line in read_lines(file):
        if isinstance(line, Line):
            by_account.setdefault(line.account_id, []).append(line)
        else:
            faults += 1
            if faults <= _MOST_SHOWN:
                typer.echo(line, err=True)
    if faults:
        raise CommandError(f"{faults} bad lines in {file}; nothing was imported")
    refused = with_database(lambda database: _import_accounts(database, by_account))
    total = sum(map(len, by_account.values()))
    typer.echo(f"{total} lines of {len(by_account)} accounts read, {refused} accounts refused")
    if refused:
        raise CommandError("what was refused was left out whole; mend those lines and run it again")


def read_lines(file: Path) -> Iterator[Line | str]:
    """Yield each line of a file, checked, or a sentence that says what is wrong with it."""
    try:
        with file.open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    yield _read_line(number, text)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from None


async def _import_accounts(database: "Database", by_account: dict[str, list[Line]]) -> int:
    from rich.console import Console
    from rich.progress import track

    from app.domain.access.refusals import Refusal

    refused = 0
    console = Console(stderr=True)
    for lines in track(
        by_account.values(), "Importing accounts", console=console, disable=not console.is_terminal
    ):
        number = 0
        try:
            async with database.transaction() as db:
                for line in lines:
                    number = line.number
                    await line.apply(db)
        except Refusal as refusal:
            refused += 1
            typer.echo(f"line {number}: {refusal.detail} ({refusal.code})", err=True)
    return refused


def _read_line(number: int, text: str) -> Line | str:
    from app.cli.import_lines import ACTIONS, ID, KINDS

    try:
        document = json.loads(text)
    except ValueError as error:
        return f"line {number}: not JSON: {error}"
    if not isinstance(document, dict):
        return f"line {number}: not an object"
    kind = document.pop("type", None)
    if kind not in KINDS:
        return f"line {number}: type must be one of {', '.join(KINDS)}"
    body, build = KINDS[kind]
    named = ("account_id", "ticket_id") if kind in ACTIONS else ("account_id",)
    ids = {name: document.pop(name, None) for name in named}
    for name, value in ids.items():
        if not isinstance(value, str) or not ID.fullmatch(value):
            return f"line {number}: /{name}: an id is needed"
    try:
        read = body.model_validate(document)
    except ValidationError as error:
        fault = error.errors()[0]
        pointer = "".join(f"/{part}" for part in fault["loc"])
        return f"line {number}: {pointer}: {fault['msg']}"
    reference = "import:" + hashlib.sha256(text.strip().encode()).hexdigest()
    return Line(number, ids["account_id"], build(ids, read, reference))
