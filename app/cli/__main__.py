"""`python -m app.cli`: the same as `surety`."""

from app.cli import main

main()
