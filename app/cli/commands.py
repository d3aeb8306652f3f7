"""Every command, by its noun and verb."""

import sys
from typing import Annotated

import typer

from app import __version__
from app.cli import (
    accounts,
    backups,
    catalog,
    distribute,
    keys,
    ledger,
    migrate,
    openapi,
    settings,
    worker,
)
from app.cli.errors import CommandError
from app.cli.history import archives, imports
from app.cli.serving import serve
from app.cli.stories import demo
from app.domain.access.refusals import Refusal
from app.embedded import EmbeddedError
from app.settings import SettingsError

cli = typer.Typer(
    name="surety",
    help="Surety: who may have which support, on which plan, at what cost, by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command("serve")(serve.serve)
cli.command("demo")(demo.run_demo)
cli.command("import")(imports.import_history)
cli.command("worker")(worker.work)
cli.command("migrate")(migrate.migrate_database)
cli.command("distribute")(distribute.distribute_database)
cli.command("backup")(backups.back_up)
cli.command("archive")(archives.archive)
cli.command("restore")(backups.restore)
cli.command("settings")(settings.print_settings)
cli.add_typer(accounts.commands, name="account")
cli.add_typer(catalog.commands, name="catalog")
cli.add_typer(keys.commands, name="keys")
cli.add_typer(ledger.commands, name="ledger")
cli.add_typer(openapi.commands, name="openapi")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"surety {__version__}")
        raise typer.Exit


@cli.callback()
def _take_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Surety: who may have which support, on which plan, at what cost, by when."""


def run() -> None:
    """Run the command that the arguments name; what it cannot do it says in one line."""
    try:
        cli()
    except (CommandError, EmbeddedError, Refusal, SettingsError) as error:
        sys.stderr.write(f"surety: {error}\n")
        sys.exit(1)
