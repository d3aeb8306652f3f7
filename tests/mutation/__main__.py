"""Mutants of the domain: what is changed in it, and whether the domain's own tests find out.

`make test-mutants` takes COUNT of them at random, or as many as SECONDS allow, in a temporary copy
of the project, and prints those that nobody found: each is a rule that no test here shows.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUBJECTS = (
    "ledger/ledger.py",
    "ledger/burn_order.py",
    "ledger/balances.py",
    "ledger/returns.py",
    "ledger/pools.py",
    "ledger/caps.py",
    "tickets/charges.py",
    "coverage/coverage.py",
    "coverage/pricing.py",
    "coverage/serving.py",
    "coverage/sites.py",
    "selling/cancellations.py",
    "selling/breach_credits.py",
    "selling/upgrades.py",
    "promises/clocks.py",
    "promises/stopwatches.py",
    "promises/targets.py",
    "time/business_time.py",
    "time/business_days.py",
    "time/open_time.py",
    "time/open_years.py",
)
CONFIGURATION = f"""
[tool.mutmut]
source_paths = ["app"]
only_mutate = {[f"app/domain/{each}" for each in SUBJECTS]}
also_copy = ["migrations", "docs", "openapi"]
pytest_add_cli_args_test_selection = ["tests/domain"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:xdist"]
use_git_change_detection = false
timeout_multiplier = 5.0
timeout_constant = 5.0
"""
# The same examples for each mutant, and few of them: they are run thousands of times.
PROFILE = """
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutants",
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")
"""
_MUTANT = re.compile(r"^\s*(?:async )?def (x\S*__mutmut_\d+)\(", re.MULTILINE)
_RESULT = re.compile(r"^\s+(\S+): (.+)$", re.MULTILINE)


def main() -> None:
    """Make a copy, take some mutants, and tell what became of them."""
    count = int(os.environ.get("MUTANTS_COUNT") or 0)
    seconds = float(os.environ.get("MUTANTS_SECONDS") or (0 if count else 900))
    seed = int(os.environ.get("MUTANTS_SEED") or random.randrange(2**32))
    with tempfile.TemporaryDirectory(prefix="surety-mutants-") as made:
        copy = Path(made)
        _copy_project(copy)
        _run(copy, "run", "app.domain.nothing*")  # which makes them, and sees what tests what
        names = _list_mutants(copy)
        chosen = random.Random(seed).sample(names, min(count or len(names), len(names)))
        print(f"{len(names)} mutants of {len(SUBJECTS)} modules, seed {seed}", flush=True)
        ends_at = time.monotonic() + seconds if seconds else None
        tried = 0
        while tried < len(chosen) and (ends_at is None or time.monotonic() < ends_at):
            some = chosen[tried : tried + 40]
            left = None if ends_at is None else max(1.0, ends_at - time.monotonic())
            _run(copy, "run", "--max-children", "1", *some, limit_s=left)
            tried += len(some)
        _show(copy, set(chosen[:tried]))


def _copy_project(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "app", "tests", "migrations", "docs", "openapi"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    (copy / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + CONFIGURATION)
    (copy / "tests" / "domain" / "conftest.py").write_text(PROFILE)


def _run(copy: Path, *arguments: str, limit_s: float | None = None) -> str:
    """Run mutmut in the copy; what it prints. It is interrupted when its time is over."""
    mutmut = Path(sys.executable).parent / "mutmut"
    with (copy / "mutmut.log").open("a+") as log:
        began_at = log.tell()
        process = subprocess.Popen(
            [mutmut, *arguments],
            cwd=copy,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
        log.seek(began_at)
        return log.read()


def _list_mutants(copy: Path) -> list[str]:
    found = []
    for each in SUBJECTS:
        module = f"app.domain.{each[:-3].replace('/', '.')}"
        text = (copy / "mutants" / "app" / "domain" / each).read_text()
        found += [f"{module}.{name}" for name in _MUTANT.findall(text)]
    if not found:
        sys.exit("No mutants were made:\n" + (copy / "mutmut.log").read_text()[-3_000:])
    return sorted(found)


def _show(copy: Path, tried: set[str]) -> None:
    """Print how many were found out, by module, and the others as they are."""
    told = dict(_RESULT.findall(_run(copy, "results", "--all", "true")))
    by_module: dict[str, Counter[str]] = {}
    for name, what in told.items():
        if name in tried and what != "not checked":
            module = name.rpartition(".")[0].removeprefix("app.domain.")
            by_module.setdefault(module, Counter())[what] += 1
    total = sum(by_module.values(), Counter[str]())
    for name, what in sorted(told.items()):
        if name in tried and what in ("survived", "suspicious"):
            print(f"\n== {what}: {name}")
            shown = _run(copy, "show", name)
            print("\n".join(line for line in shown.splitlines() if line[:1] in "+-@"))
    for module, counts in sorted(by_module.items()):
        print(f"{module:32} {dict(counts)}")
    judged = sum(count for what, count in total.items() if what != "no tests")
    caught = judged - total["survived"] - total["suspicious"]
    print(f"{caught} of {judged} found out; {dict(total)}")


if __name__ == "__main__":
    main()
