"""The picture of a run: every goal, and how far what was found is from it."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

from bench.figures import Goal, Part

_REACHED, _MISSED = "#2a7f62", "#c2452d"
_INCHES_A_GOAL = 0.34


def plot_results(parts: Sequence[Part], path: Path) -> None:
    """Draw each goal as a bar that ends where its value is, on a scale of its limit."""
    goals = [goal for part in parts for goal in part.goals][::-1]
    mpl.use("svg")
    figure, axes = pyplot.subplots(
        figsize=(10, 1.2 + _INCHES_A_GOAL * len(goals)), layout="constrained"
    )
    rows = range(len(goals))
    colours = [_REACHED if goal.reached else _MISSED for goal in goals]
    axes.barh(rows, [goal.share for goal in goals], color=colours, height=0.62)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(rows, [goal.what for goal in goals])
    axes.set_xlabel("share of the limit (the line)")
    for row, goal in zip(rows, goals, strict=True):
        axes.annotate(
            _label(goal), (goal.share, row), (4, 0), textcoords="offset points", va="center"
        )
    axes.margins(x=0.25, y=0.01)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("Goals: green is reached", loc="left")
    figure.savefig(path)
    pyplot.close(figure)


def _label(goal: Goal) -> str:
    sign = "≥" if goal.at_least else "≤"
    return f"{goal.value:,.3g} {goal.unit}  ({sign} {goal.limit:,.4g})"
