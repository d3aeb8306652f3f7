"""The picture of a run: every goal, and how far what was found is from it."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

from bench.figures import Goal, Part, render_amount

_REACHED, _MISSED = "#2a7f62", "#c2452d"
_INCHES_A_GOAL = 0.3
_WORST, _BEST = 0.02, 20


def plot_results(parts: Sequence[Part], path: Path) -> None:
    """Draw each goal as a bar from the line that it has to reach: to the right, it does."""
    goals = [goal for part in parts for goal in part.goals][::-1]
    rows = range(len(goals))
    mpl.use("svg")
    figure, axes = pyplot.subplots(
        figsize=(11, 1.2 + _INCHES_A_GOAL * len(goals)), layout="constrained"
    )
    axes.set_xscale("log")
    axes.set_xlim(_WORST, _BEST)
    for row, goal in zip(rows, goals, strict=True):
        reached = min(max(goal.times_as_good, _WORST), _BEST)
        colour = _REACHED if goal.reached else _MISSED
        axes.barh(row, reached - 1, left=1, color=colour, height=0.66)
        axes.annotate(
            _label(goal),
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            color=colour,
        )
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(rows, [goal.what for goal in goals])
    axes.set_xticks([0.1, 1, 10], ["a tenth as good", "the goal", "ten times as good"])
    axes.margins(y=0.01)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Goals, and how far what was found is from them", loc="left")
    figure.savefig(path)
    pyplot.close(figure)


def _label(goal: Goal) -> str:
    sign = "≥" if goal.at_least else "≤"
    return f"{render_amount(goal.value, goal.unit)}  ({sign} {goal.limit:,.4g})"
