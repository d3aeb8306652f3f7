"""`surety ledger`: whether every balance is what its entries add up to."""

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.databases import with_database

if TYPE_CHECKING:
    from app.db.engine.database import Database
    from app.services.ledger.verification import Verification

commands = typer.Typer(help="The ledger of units.", no_args_is_help=True)

Account = Annotated[str | None, typer.Option(help="Only this account.")]


@commands.command("verify")
def verify_ledger(account: Account = None) -> None:
    """Recompute every balance from its entries; exit 1 and a list on any difference."""
    found = with_database(lambda database: _verify(database, account))
    for line in found.describe():
        typer.echo(line)
    count = len(found.differences)
    read = f"{found.entries} entries of {found.accounts} accounts"
    if count:
        typer.echo(f"{count} differences in {read}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Verified {read}: every balance is what its entries add up to.")


async def _verify(database: "Database", account_id: str | None) -> "Verification":
    """Read each account in a snapshot of its own, so that none is kept for long."""
    from rich.console import Console
    from rich.progress import Progress

    from app.services.ledger import verification
    from app.services.ledger.verification import Verification

    found = Verification()
    async with database.transaction(read_only=True) as db:
        entries = await verification.count_entries(db, account_id=account_id)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Verifying", total=2 * entries)  # each is read in two orders
        async for each in _walk(database, account_id):
            async with database.transaction(read_only=True) as db:
                await verification.verify_account(
                    db, each, into=found, on_entries=partial(progress.advance, bar)
                )
    return found


async def _walk(database: "Database", account_id: str | None) -> AsyncIterator[str]:
    from app.services.ledger import verification

    if account_id is not None:
        yield account_id
        return
    after = ""
    while True:
        async with database.transaction(read_only=True) as db:
            page = await verification.list_next_accounts(db, after=after)
        if not page:
            return
        for each in page:
            yield each
        after = page[-1]
