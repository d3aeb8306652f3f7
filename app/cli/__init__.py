"""The command line: `surety serve`, and what an operator does by hand. One file a noun.

Commands import what they need when they run, so that the short ones are quick.
"""

import gc
import sys


def main() -> None:
    """Run the command that the arguments name; Ctrl-C ends it without a word, even at once."""
    try:
        gc.disable()  # what is loaded stays: the collector need not go through it, now or later
        from app.cli.commands import run

        gc.freeze()
        gc.enable()
        run()
    except KeyboardInterrupt:
        sys.exit(130)
