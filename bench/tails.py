"""Tails: how long the slowest of a hundred take, beside a floor's, evenly at half of each."""

from bench.figures import Figure, Goal, Part
from bench.load import Load
from bench.stage import WHO, Operation, Stage

_MOST_P99 = 1.5


def add_tails(part: Part, stage: Stage, operation: Operation, floor: str) -> None:
    """Add what both take at best, in turns, and how many times the floor's ours is."""
    what = f"{operation.title}, evenly at half"
    best: dict[str, Load] = {}
    for _ in range(stage.rig.options.rounds):
        for who in ("surety", floor):
            _, load = stage.ask_evenly(operation, who)
            best[who] = min(best.get(who, load), load, key=lambda each: each.p99_ms)
    for who, load in best.items():
        part.figures.append(
            Figure(what, WHO[who], load.rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms)
        )
    times = best["surety"].p99_ms / best[floor].p99_ms
    part.goals.append(Goal(f"{what}: p99 as against the floor's", times, _MOST_P99, "×"))
