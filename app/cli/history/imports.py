"""`surety import`: a helpdesk's past, one JSON object a line.

    {"type": "account", "account_id": "c-1", "name": "Nordwind Handel GmbH"}
    {"type": "contact", "account_id": "c-1", "contact_id": "u-7", "name": "Erika Mustermann",
     "emails": ["erika@nordwind.example"]}
    {"type": "purchase", "account_id": "c-1", "order_id": "SO-1", "offer": "livecart.express-1y",
     "payment": {"status": "paid"}, "at": "2025-02-03T10:00:00Z"}
    {"type": "grant", "account_id": "c-1", "reference": "g-1", "catalog": "livecart", …}
    {"type": "ticket", "account_id": "c-1", "ticket_id": "HD-1", "subject": "Checkout fails",
     "at": "2025-02-04T09:00:00Z"}
    {"type": "reply", "account_id": "c-1", "ticket_id": "HD-1", "by": "agent", "at": "…"}
    {"type": "work", "account_id": "c-1", "ticket_id": "HD-1", "work_id": "W-1", "minutes": 90, …}
    {"type": "session", "account_id": "c-1", "ticket_id": "HD-1", "session_id": "CHAT-1",
     "kind": "chat", "starts_at": "2025-02-04T09:30:00Z", "ended_at": "2025-02-04T09:42:00Z"}

The other types are `pause`, `resumption`, `severity`, `resolution`, `reopening`, `revision`,
`refund` and `cancellation`; each line has the fields of the API's own body for it. Every line is
checked before anything is written, and so is that the catalogues they name are published.
An account's lines are one transaction: it is imported whole, or not at all. What was imported
before is not imported again, so an interrupted import is run again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.cli.history.spool import Spool, open_spool

if TYPE_CHECKING:
    from rich.console import Console

    from app.db.engine.database import Database

_MOST_SHOWN = 100


def import_history(
    file: Annotated[Path, typer.Argument(help="JSON lines: accounts, purchases, tickets, events.")],
) -> None:
    """Import a helpdesk's past; bad lines are named by their number."""
    with open_spool() as spool:
        catalogs = check_lines(file, spool)
        refused = with_database(lambda database: _import_all(database, spool, catalogs))
        total, accounts = spool.count()
    typer.echo(f"{total} lines of {accounts} accounts read, {refused} accounts refused")
    if refused:
        raise CommandError("what was refused was left out whole; mend those lines and run it again")


def check_lines(file: Path, spool: Spool) -> set[str]:
    """Check every line and put it in the spool; return the catalogues that the lines name."""
    from app.cli.history.lines import BadLine, read_line

    catalogs: set[str] = set()
    faults = 0
    for number, text in _read_file(file):
        try:
            line = read_line(text)
        except BadLine as fault:
            faults += 1
            if faults <= _MOST_SHOWN:
                typer.echo(f"line {number}: {fault}", err=True)
            continue
        spool.add(line.account_id, number, text)
        if line.catalog is not None:
            catalogs.add(line.catalog)
    if faults:
        raise CommandError(f"{faults} bad lines in {file}; nothing was imported")
    return catalogs


def _read_file(file: Path) -> Iterator[tuple[int, str]]:
    from rich import progress

    console = _open_console()
    try:
        with progress.open(
            file,
            "r",
            encoding="utf-8",
            description="Checking lines",
            console=console,
            disable=not console.is_terminal,
        ) as lines:
            for number, text in enumerate(lines, start=1):
                if text.strip():
                    yield number, text
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from None


async def _import_all(database: "Database", spool: Spool, catalogs: set[str]) -> int:
    """Import every account; return how many were refused."""
    from rich.progress import track

    await _require_published(database, catalogs)
    console = _open_console()
    _, total = spool.count()
    accounts = track(
        spool.accounts(),
        "Importing accounts",
        total=total,
        console=console,
        disable=not console.is_terminal,
    )
    refused = 0
    for account_id in accounts:
        refused += not await _import_account(database, spool, account_id)
    return refused


def _open_console() -> "Console":
    """Return where progress is shown: beside what is printed, and only to somebody who looks."""
    from rich.console import Console

    return Console(stderr=True)


async def _require_published(database: "Database", catalogs: set[str]) -> None:
    """Refuse lines of catalogues that are not published, once for all of them."""
    from app.db.catalog.catalogs import list_catalogs

    async with database.transaction(read_only=True) as db:
        published = {each.catalog for each in await list_catalogs(db)}
    if missing := sorted(catalogs - published):
        raise CommandError(
            f"not published: {', '.join(missing)}; publish first (surety catalog publish FILE);"
            " nothing was imported"
        )


async def _import_account(database: "Database", spool: Spool, account_id: str) -> bool:
    """Import an account's lines in one transaction; return whether none was refused."""
    from app.cli.history.lines import read_line
    from app.domain.access.refusals import Refusal

    number = 0
    try:
        async with database.transaction() as db:
            for number, text in spool.lines(account_id):  # noqa: B007  named where it is refused
                await read_line(text).apply(db)
    except Refusal as refusal:
        typer.echo(f"line {number}: {refusal.detail} ({refusal.code})", err=True)
        return False
    return True
