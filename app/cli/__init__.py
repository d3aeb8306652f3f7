"""The command line: `surety serve`, and what an operator does by hand. One file a noun.

Commands import what they need when they run, so that `surety --help` is quick.
"""

import sys

import typer

from app.cli import openapi
from app.cli.errors import expected_errors
from app.cli.migrate_command import migrate_command
from app.cli.serve import serve
from app.cli.show_settings import show_settings

cli = typer.Typer(
    name="surety",
    help="Surety: who may have which support, on which plan, at what cost, by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.command("serve")(serve)
cli.command("migrate")(migrate_command)
cli.command("settings")(show_settings)
cli.add_typer(openapi.commands, name="openapi")


def main() -> None:
    """Run the command that the arguments name; what it cannot do it says in one line."""
    try:
        cli()
    except expected_errors() as error:
        sys.stderr.write(f"surety: {error}\n")
        sys.exit(1)
