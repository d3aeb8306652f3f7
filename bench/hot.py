"""Many at once: one account that everybody asks of, and a crowd of which a few ask most.

A write takes its account's row, so what one account can do is what one row can. Of a crowd by
Zipf's law, the first account is asked for in one request of ten. Behind the goals stand the same
processes' rates on accounts in turn, so that they hold on any machine.
"""

from dataclasses import dataclass, replace

from bench.accounts import CROWD, prepare
from bench.figures import Figure, Goal, Part
from bench.load import Load, drive
from bench.operations import OPEN
from bench.rig import Rig

HOT_CONNECTIONS = 64
_CONNECTIONS = 16
_NUMBERS_A_LOAD = 1_000_000
_WRITERS = (1, 8, 64)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Accounts that are asked of: how many, how unevenly, and over how many connections."""

    path: str
    accounts: int
    skew: float
    connections: int


_ONE = f"open ticket, one account, {HOT_CONNECTIONS} connections"
_EVEN = f"open ticket, {CROWD:,} accounts in turn"
_SKEWED = f"open ticket, {CROWD:,} accounts by Zipf's law"
_CROWDS = {
    _ONE: Crowd("/v1/accounts/b-0/tickets", 1, 0, HOT_CONNECTIONS),
    _EVEN: Crowd("/v1/accounts/z-{a}/tickets", CROWD, 0, _CONNECTIONS),
    _SKEWED: Crowd("/v1/accounts/z-{a}/tickets", CROWD, 1, _CONNECTIONS),
}


def run(rig: Rig) -> Part:
    """Open tickets on one account, and in a crowd: evenly, and by Zipf's law."""
    part = Part(
        "hot",
        "One account, and a crowd",
        sizes={"accounts of the crowd": CROWD, "rounds": rig.options.rounds},
    )
    best: dict[str, Load] = {}
    url = prepare(rig, "hot")
    with rig.serve(url) as service:
        # The first is for warming up: its connections and statements are new.
        turns = [(_EVEN, _CROWDS[_EVEN])]
        for _ in range(rig.options.rounds):
            turns += _CROWDS.items()
        task = rig.progress.add_task("openings", total=len(turns))
        for turn, (what, crowd) in enumerate(turns, 1):
            load = drive(
                service.url,
                replace(OPEN.template, path=crowd.path),
                first=turn * _NUMBERS_A_LOAD,
                accounts=crowd.accounts,
                skew=crowd.skew,
                seconds=2 * rig.options.seconds,
                connections=crowd.connections,
            )
            if turn > 1:
                best[what] = max(best.get(what, load), load, key=lambda each: each.rate)
            rig.progress.advance(task)
        rig.progress.remove_task(task)
    _add_both_ways(part, rig, url)
    part.figures += [
        Figure(what, "surety", load.rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms)
        for what, load in best.items()
    ]
    for what, which, least in (
        (f"one account, {HOT_CONNECTIONS} connections", _ONE, 0.85),
        ("by Zipf's law", _SKEWED, 0.8),
    ):
        share = best[which].rate / best[_EVEN].rate
        part.goals.append(Goal(f"{what}, as against in turn", share, least, "×", at_least=True))
    return part


def _add_both_ways(part: Part, rig: Rig, url: str) -> None:
    """Open tickets on one account without a lock, and under it, by few and by many at once."""
    best: dict[tuple[int, str], Load] = {}
    number = 1_000
    for turn in range(rig.options.rounds + 1):
        for who, locks in (("surety", False), ("surety, locking first", True)):
            with rig.serve(url, locks=locks) as service:
                for writers in _WRITERS:
                    number += 1
                    load = drive(
                        service.url,
                        replace(OPEN.template, path="/v1/accounts/b-1/tickets"),
                        first=number * _NUMBERS_A_LOAD,
                        accounts=1,
                        seconds=rig.options.seconds,
                        connections=writers,
                    )
                    if turn:  # the first is for warming up
                        known = best.get((writers, who), load)
                        best[writers, who] = max(known, load, key=lambda each: each.rate)
    for (writers, who), load in best.items():
        what = f"open ticket, one account, writers: {writers}"
        times = load.rate / best[writers, "surety"].rate
        part.figures.append(
            Figure(what, who, load.rate, "/s", p50_ms=load.p50_ms, p99_ms=load.p99_ms, times=times)
        )
