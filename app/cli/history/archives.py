"""`surety archive`: old events and closed tickets' details, moved from the database into files.

    {"ticket": {"account_id": "c-1", "ticket_id": "HD-1", …}, "events": [{"number": 1, …}, …]}
    {"account_id": "c-1", "number": 1, "type": "ticket.opened", "data": {…}, …}

A file is whole before anything that it has is removed, so whenever this ends, nothing is lost,
and it is run again. What was not removed by then is written again, in another file: a ticket's
line counts in the file that the ticket names, an event's wherever it is.
"""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.db.engine.database import Database

_LINES = 5_000
_SUFFIX = ".ndjson.gz"


def archive(
    folder: Annotated[Path, typer.Argument(help="The folder that the files are written into.")],
    before: Annotated[
        str, typer.Option(help="What was closed or recorded until then: 2026-01-01T00:00:00Z.")
    ],
) -> None:
    """Move old events and closed tickets' details into files. Safe to run again."""
    instant = _read_instant(before)
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    tickets, events = with_database(lambda database: _archive(database, folder, instant))
    typer.echo(f"Archived {tickets:,} tickets and {events:,} events into {folder}.")


async def _archive(database: "Database", folder: Path, before: datetime) -> tuple[int, int]:
    async with database.transaction(read_only=True) as db:
        if before > db.read_clock():
            raise CommandError("Only what is past is archived; name an instant that has come.")
    return (
        await _archive_tickets(database, folder, before),
        await _archive_events(database, folder, before),
    )


async def _archive_tickets(database: "Database", folder: Path, before: datetime) -> int:
    from app.services.tickets import archives

    done, after = 0, ("", "")
    while True:
        async with database.transaction(read_only=True) as db:
            batch = await archives.load_tickets(db, before=before, after=after, limit=_LINES)
        if not batch.keys:
            return done
        file = _write(folder, "tickets", batch.lines)
        for account_id, written in batch.by_account():
            async with database.transaction() as db:
                done += await archives.remove_tickets(
                    db, account_id, written, before=before, file=file
                )
        after = (batch.keys[-1].account_id, batch.keys[-1].ticket_id)
        typer.echo(f"{file}: {len(batch.lines):,} tickets, up to the account {after[0]}")


async def _archive_events(database: "Database", folder: Path, before: datetime) -> int:
    from app.services.tickets import archives

    done = 0
    while True:
        async with database.transaction(read_only=True) as db:
            batch = await archives.load_events(db, before=before, limit=_LINES)
        if not batch.keys:
            return done
        file = _write(folder, "events", batch.lines)
        for account_id, written in batch.by_account():
            async with database.transaction() as db:
                done += await archives.remove_events(db, account_id, written)
        typer.echo(f"{file}: {len(batch.lines):,} events, up to {batch.lines[-1]['recorded_at']}")


def _read_instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no instant; write 2026-01-01T00:00:00Z.") from error
    if at.tzinfo is None:
        raise CommandError(f"{text} has no offset; write it with Z, or +02:00.")
    return at


def _write(folder: Path, kind: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """Write a file of lines under the next number, whole or not at all; its name."""
    number = 1 + max((_read_number(each) for each in folder.glob(f"{kind}-*{_SUFFIX}")), default=0)
    name = f"{kind}-{number:06}{_SUFFIX}"
    part = folder / f"{name}.part"
    with part.open("wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as text:
            for line in lines:
                text.write(json.dumps(line, default=_write_value, ensure_ascii=False) + "\n")
        raw.flush()
        os.fsync(raw.fileno())
    part.rename(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return name


def _read_number(file: Path) -> int:
    number = file.name.removesuffix(_SUFFIX).rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _write_value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
