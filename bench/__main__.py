"""`make bench`: every part, or those named, one after the other on one Postgres."""

import asyncio
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.db.engine.database import Database
from app.services.ledger.verification import count_entries, verify_ledger
from bench.figures import Part
from bench.report import render_goals, render_part, write_results
from bench.rig import Options, Rig, open_rig

# In this order; each is a module with `run(rig) -> Part`.
PARTS = (
    *("business-time", "growth", "queue", "operations", "writes", "reads"),
    *("hot", "cold", "publishing"),
)


def bench(
    parts: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(PARTS)}.")] = None,
    entries: Annotated[
        int, typer.Option(min=10_000, help="Entries of the account that grew.")
    ] = 1_000_000,
    tickets: Annotated[
        int, typer.Option(min=1_000, help="Open tickets of the queue that grew.")
    ] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=0.2, help="How long each load lasts.")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often those compared take turns.")] = 3,
) -> None:
    """Measure side by side, check the ledger afterwards, print and write what was found.

    All parts together take a quarter of an hour on two processors that do little else; each by
    itself takes less than four.
    """
    began = time.monotonic()
    chosen = parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is {', '.join(PARTS)}")
    # What is not a terminal has no width of its own.
    console = Console(width=None if sys.stdout.isatty() else 130)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, transient=True) as progress,
        open_rig(Options(entries, tickets, seconds, rounds), progress) as rig,
    ):
        found: list[Part] = []
        for each in chosen:
            found.append(_run_part(each, rig, console))
            # Kept, though a later part should fail.
            write_results(found)
        entries_read = sum(_verify(name, url, rig) for name, url in rig.databases.items())
    written = write_results(found)
    render_goals(found, console)
    console.print(f"Every ledger is what its {entries_read:,} entries add up to.")
    took = (time.monotonic() - began) / 60
    console.print(f"Written to {written}, after {took:.1f} minutes.")


def _run_part(name: str, rig: Rig, console: Console) -> Part:
    task = rig.progress.add_task(name, total=None)
    run = cast("Callable[[Rig], Part]", import_module(f"bench.{name.replace('-', '_')}").run)
    part = run(rig)
    rig.progress.remove_task(task)
    render_part(part, console)
    return part


def _verify(name: str, url: str, rig: Rig) -> int:
    """Check every balance of a database from its entries; how many there are."""

    async def verify() -> int:
        database = Database(url, pool_size=1, statement_timeout_ms=600_000)
        await database.open()
        try:
            async with database.transaction(read_only=True) as db:
                total = await count_entries(db, account_id=None)
                task = rig.progress.add_task(f"verifying {name}", total=total)
                checked = await verify_ledger(
                    db, on_entries=lambda count: rig.progress.advance(task, count)
                )
                rig.progress.remove_task(task)
        finally:
            await database.close()
        if not checked.is_clean:
            raise RuntimeError("\n".join([f"{name} is not clean:", *checked.describe()[:20]]))
        return checked.entries

    return asyncio.run(verify())


if __name__ == "__main__":
    cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    cli.command()(bench)
    cli()
