"""The command line: `surety serve`, and what an operator does by hand. One file a noun.

Commands import what they need when they run, so that the short ones are quick.
"""

import sys


def main() -> None:
    """Run the command that the arguments name; Ctrl-C ends it without a word, even at once."""
    try:
        from app.cli.commands import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
