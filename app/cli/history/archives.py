"""`surety archive`: old events and closed tickets' details, moved from the database into files.

    {"ticket": {"account_id": "c-1", "ticket_id": "HD-1", …}, "events": [{"number": 1, …}, …]}
    {"account_id": "c-1", "number": 1, "type": "ticket.opened", "data": {…}, …}

A file is whole before anything that it has is removed, so whenever this ends, nothing is lost,
and it is run again. What was not removed by then is written again, in another file: a ticket's
line counts in the file that the ticket names, an event's wherever it is.

One run of a database at a time: two would write the same. It holds a lock in a transaction that
does nothing else, asked for again before each file, so that a run whose lock is lost ends. Nothing
is lost by two, nor by those of two databases into one folder: each file is one run's own.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.cli.history.archive_files import make_folder, write_file
from app.domain.values import Value

if TYPE_CHECKING:
    from app.db.engine.database import Database
    from app.db.engine.unit_of_work import Db

_LINES = 5_000


class _Archived(Value):
    """What a run has moved into files, and of when an event is that is still to be sent."""

    tickets: int
    events: int
    pending_at: datetime | None


def archive(
    folder: Annotated[Path, typer.Argument(help="The folder that the files are written into.")],
    before: Annotated[
        str, typer.Option(help="What was closed or recorded until then: 2026-01-01T00:00:00Z.")
    ],
) -> None:
    """Move old events and closed tickets' details into files. Safe to run again."""
    instant = _read_instant(before)
    make_folder(folder)
    done = with_database(lambda database: _archive(database, folder, instant))
    typer.echo(f"Archived {done.tickets:,} tickets and {done.events:,} events into {folder}.")
    if done.pending_at is not None:
        typer.echo(
            f"Left the events from {done.pending_at} on: one is still to be sent to a webhook."
        )


async def _archive(database: "Database", folder: Path, before: datetime) -> _Archived:
    async with database.transaction() as alone:
        if before > alone.read_clock():
            raise CommandError("Only what is past is archived; name an instant that has come.")
        await _require_alone(alone)
        tickets = await _archive_tickets(database, alone, folder, before)
        events, pending_at = await _archive_events(database, alone, folder, before)
        return _Archived(tickets, events, pending_at)


async def _require_alone(alone: "Db") -> None:
    from app.services.tickets import archives

    if not await archives.hold_archive(alone):
        raise CommandError(
            "Another run archives this database; wait until it is done, or run this again then."
        )


async def _archive_tickets(
    database: "Database", alone: "Db", folder: Path, before: datetime
) -> int:
    from app.services.tickets import archives

    done, after = 0, ("", "")
    while True:
        await _require_alone(alone)
        async with database.transaction(read_only=True) as db:
            batch = await archives.load_tickets(db, before=before, after=after, limit=_LINES)
        if not batch.keys:
            return done
        file = write_file(folder, "tickets", batch.lines)
        for account_id, written in batch.by_account():
            async with database.transaction() as db:
                done += await archives.remove_tickets(
                    db, account_id, written, before=before, file=file
                )
        after = (batch.keys[-1].account_id, batch.keys[-1].ticket_id)
        typer.echo(f"{file}: {len(batch.lines):,} tickets, up to the account {after[0]}")


async def _archive_events(
    database: "Database", alone: "Db", folder: Path, before: datetime
) -> tuple[int, datetime | None]:
    """Archive events; count them, and say of when one is that is still to be sent."""
    from app.services.tickets import archives

    done = 0
    while True:
        await _require_alone(alone)
        async with database.transaction(read_only=True) as db:
            batch = await archives.load_events(db, before=before, limit=_LINES)
        if not batch.keys:
            return done, batch.pending_at
        file = write_file(folder, "events", batch.lines)
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
