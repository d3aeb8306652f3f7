"""`make bench-compare`: two results side by side, so that a change shows what it did."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.figures import render_amount


def compare(
    before: Annotated[Path, typer.Argument(help="A results file, such as of the release before.")],
    after: Annotated[Path, typer.Argument(help="Another, measured with the same options.")],
) -> None:
    """Print what both found: how fast, and at what processor time, and how many times that is."""
    table = Table(title=f"{before} and {after}", title_justify="left")
    for heading in ("what", "by"):
        table.add_column(heading)
    for heading in ("before", "after", "times", "CPU before", "CPU after", "times"):
        table.add_column(heading, justify="right")
    earlier = _read(before)
    for key, figure in _read(after).items():
        if (known := earlier.get(key)) is not None:
            table.add_row(*key, *_compare(known, figure))
    Console().print(table)


def _read(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return a file's figures, by what was measured and by whom."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return {
        (figure["what"], figure["who"]): figure
        for part in document["parts"]
        for figure in part["figures"]
    }


def _compare(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    return (
        *(render_amount(each["value"], each["unit"]) for each in (before, after)),
        _times(before["value"], after["value"]),
        *("" if not each["cpu_us"] else f"{each['cpu_us']:,.0f} µs" for each in (before, after)),
        _times(before["cpu_us"], after["cpu_us"]),
    )


def _times(before: float | None, after: float | None) -> str:
    return f"{after / before:,.2f} ×" if before and after else ""


if __name__ == "__main__":
    typer.run(compare)
