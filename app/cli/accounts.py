"""`surety account`: what an operator does to one customer's account by hand."""

import logging
from logging.config import dictConfig
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError

if TYPE_CHECKING:
    from app.db.engine.database import Database
    from app.services.ledger.clock_repairs import ClockRepair

commands = typer.Typer(help="One customer's account.", no_args_is_help=True)
_log = logging.getLogger("surety.audit")


@commands.callback()
def _name_what() -> None:
    """One customer's account."""


@commands.command("repair-clock")
def repair_clock(
    account_id: Annotated[str, typer.Argument(help="The account's id.")],
    reason: Annotated[str, typer.Option(help="Why: what had happened to the clock.")],
    actor: Annotated[str, typer.Option(help="Who does it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, and do nothing.")] = False,
) -> None:
    """Set an account's clock, which a machine's wrong clock has put ahead, to the present."""
    from app.cli.serving.logs import configure_logs
    from app.domain.ledger.clock_repairs import ClockNotAheadError
    from app.domain.time.instants import write_instant

    dictConfig(configure_logs("warning"))

    async def repair(database: "Database") -> "ClockRepair":
        from app.services.ledger import clock_repairs

        async with database.transaction() as db:
            db.rollback_only = dry_run
            return await clock_repairs.repair_clock(
                db, account_id=account_id, reason=reason, actor=actor
            )

    try:
        done = with_database(repair)
    except ClockNotAheadError as error:
        raise CommandError(str(error)) from error
    found, now = write_instant(done.found_at), write_instant(done.repaired_at)
    if not dry_run:
        _log.warning(
            {
                "event": "clock_repaired",
                "account": account_id,
                "found_at": found,
                "repaired_at": now,
                "entries": done.entries,
                "reason": reason,
                "actor": actor,
            }
        )
    would = "would be" if dry_run else "is"
    typer.echo(f"The clock of {account_id} was at {found}, and {would} at {now}.")
    typer.echo(f"{done.entries} entries were stamped ahead, and take effect now.")
    for kind, ids in (("Tickets", done.ticket_ids), ("Orders", done.order_ids)):
        if ids:
            typer.echo(f"{kind} dated ahead, which stay as they are: {', '.join(ids)}")
