"""`make profile`: where the time of one operation goes, on one process under load.

Every sample of the process while it answers is counted for the innermost of our functions in it,
and for what that was doing: its own Python, the driver, or a library.
"""

import sysconfig
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.accounts import prepare
from bench.operations import OPERATIONS
from bench.rig import Options, open_rig
from bench.settings import RESULTS
from bench.stage import Stage

_SAMPLES_A_SECOND = 250
_SHOWN = 25
_WHILE_ANSWERING = "run_asgi "
_LIBRARIES = ("asyncpg", "fastapi", "starlette", "uvicorn", "pydantic", "anyio", "sqlalchemy")


def profile(
    operation: Annotated[str, typer.Argument(help="As the API names it.")] = "open_ticket",
    seconds: Annotated[float, typer.Option(min=1, help="How long it is asked for.")] = 8,
) -> None:
    """Show where the time of one operation goes."""
    known = {each.name: each for each in OPERATIONS if not each.of_opened}
    if operation not in known:
        raise typer.BadParameter(f"there is {', '.join(known)}")
    samples = RESULTS / f"{operation}.samples.txt"
    recorder = Path(sysconfig.get_path("scripts")) / "py-spy"
    under = (
        *(str(recorder), "record", "--rate", str(_SAMPLES_A_SECOND), "--format", "raw"),
        *("--output", str(samples), "--"),
    )
    console = Console()
    with Progress(console=console) as progress:
        options = Options(entries=0, tickets=0, seconds=seconds, rounds=1)
        with open_rig(options, progress) as rig:
            url = prepare(rig, "profile")
            with rig.serve(url, under=under) as service:
                stage = Stage(rig, service, service, processes=1)
                rate = stage.ask(known[operation]).rate
    _show(operation, rate, _read(samples), console)
    console.print(f"Every stack is in {samples}; speedscope and flamegraph.pl draw it.")


def _read(path: Path) -> Counter[tuple[str, str]]:
    """Return how many samples each of our functions has, by what it was doing."""
    found: Counter[tuple[str, str]] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        if _WHILE_ANSWERING not in stack:
            continue
        frames = stack.split(";")
        ours = next(place for place in range(len(frames) - 1, -1, -1) if _is_ours(frames[place]))
        found[_name(frames[ours]), _what_it_does(frames[ours + 1 :])] += int(count)
    return found


def _is_ours(frame: str) -> bool:
    """Say whether a frame is of our code, but for the handle that every statement runs through."""
    return "(app/" in frame and "(app/db/engine/database.py" not in frame


def _name(frame: str) -> str:
    function, _, place = frame.partition(" (")
    return f"{place.partition(':')[0]}  {function.rpartition('.')[2]}"


def _what_it_does(inner: list[str]) -> str:
    for frame in reversed(inner):
        for library in _LIBRARIES:
            if f"({library}/" in frame:
                return library
    return "other" if inner else "its own"


def _show(operation: str, rate: float, samples: Counter[tuple[str, str]], console: Console) -> None:
    everything = samples.total()
    table = Table(title=f"{operation}: {rate:,.0f}/s, {everything:,} samples while answering")
    table.add_column("share", justify="right")
    table.add_column("for")
    table.add_column("in")
    for (function, doing), count in samples.most_common(_SHOWN):
        table.add_row(f"{count / everything:.1%}", function, doing)
    console.print(table)
    for doing, count in _sum_by_doing(samples).most_common():
        console.print(f"{count / everything:7.1%}  {doing}")


def _sum_by_doing(samples: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, doing), count in samples.items():
        found[doing] += count
    return found


if __name__ == "__main__":
    typer.run(profile)
