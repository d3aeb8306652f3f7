"""What was found, for people and for programs: tables, a JSON file and a plot."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure, Goal, Part, render_amount
from bench.machine import describe_machine, list_versions
from bench.plot import plot_results
from bench.settings import RESULTS


def render_part(part: Part, console: Console) -> None:
    """Print one part's figures."""
    sizes = ", ".join(f"{name} {_number(size)}" for name, size in part.sizes.items())
    table = Table(title=part.title, caption=sizes, title_justify="left", caption_justify="left")
    table.add_column("what")
    table.add_column("by")
    for heading in ("", "times", "p50", "p99", "server's CPU"):
        table.add_column(heading, justify="right")
    before = None
    for figure in part.figures:
        table.add_row(*_cells(figure, new=figure.what != before))
        before = figure.what
    console.print(table)


def render_goals(parts: Sequence[Part], console: Console) -> None:
    """Print what was to be reached, and whether it was."""
    table = Table(title="Goals", title_justify="left")
    table.add_column("goal")
    table.add_column("found", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("")
    for goal in (goal for part in parts for goal in part.goals):
        sign = "≥" if goal.at_least else "≤"
        table.add_row(
            goal.what,
            render_amount(goal.value, goal.unit),
            f"{sign} {render_amount(goal.limit, goal.unit)}",
            "[green]reached" if goal.reached else "[red]not reached",
        )
    console.print(table)


def write_results(parts: Sequence[Part]) -> Path:
    """Write everything to `results/latest.json`, and the goals as a picture beside it."""
    RESULTS.mkdir(exist_ok=True)
    document = {
        "measured_at": datetime.now(UTC).isoformat(),  # noqa: TID251  a record's own date
        "machine": describe_machine(),
        "versions": list_versions(),
        "parts": [
            asdict(part) | {"goals": [_describe(goal) for goal in part.goals]} for part in parts
        ],
    }
    written = RESULTS / "latest.json"
    written.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    plot_results(parts, RESULTS / "latest.svg")
    return written


def _describe(goal: Goal) -> dict[str, object]:
    return asdict(goal) | {"reached": goal.reached}


def _cells(figure: Figure, *, new: bool) -> tuple[str, ...]:
    return (
        figure.what if new else "",
        figure.who,
        render_amount(figure.value, figure.unit),
        "" if figure.times is None else f"{figure.times:,.2f} ×",
        "" if figure.p50_ms is None else f"{figure.p50_ms:,.2f} ms",
        "" if figure.p99_ms is None else f"{figure.p99_ms:,.2f} ms",
        "" if figure.cpu_us is None else f"{figure.cpu_us:,.0f} µs",
    )


def _number(size: int | str) -> str:
    return f"{size:,}" if isinstance(size, int) else size
