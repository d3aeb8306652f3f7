"""The refusals that the service answered while the tests ran, and which it never did.

A code that no test was ever answered is a refusal that nobody has seen. Every worker counts what
its clients were answered; in the end of a run of all tests, what is missing fails it.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api.http.refusals.problems import refusal_classes
from app.main import create_app

_PROBLEM = "application/problem+json"
_KEY = pytest.StashKey[set[str]]()
_answered: set[str] = set()


async def record_problem(reply: httpx.Response) -> None:
    """Count the code of a refusal: a hook of the tests' clients."""
    if reply.is_error and reply.headers.get("content-type", "").startswith(_PROBLEM):
        count_problem(await reply.aread())


def count_problem(body: bytes) -> None:
    """Count the code of a refusal by its body; of a HEAD there is none."""
    if body:
        _answered.add(json.loads(body)["code"])


def find_unanswered(answered: set[str]) -> list[str]:
    """Return the codes of refusals that are not among these."""
    create_app()
    return sorted({each.code for each in refusal_classes()} - answered)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_KEY] = set()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001  as xdist names them
    node.config.stash[_KEY].update(getattr(node, "workeroutput", {}).get("answered", ()))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["answered"] = sorted(_answered)
    yield
    config.stash[_KEY].update(_answered)
    if exitstatus == pytest.ExitCode.OK and _runs_everything(config):
        unanswered = find_unanswered(config.stash[_KEY])
        if unanswered:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if _runs_everything(config) and (unanswered := find_unanswered(config.stash[_KEY])):
        terminalreporter.section("refusals that no test was answered")
        terminalreporter.line(", ".join(unanswered))


def _runs_everything(config: pytest.Config) -> bool:
    return (
        not hasattr(config, "workerinput")
        and not config.option.collectonly
        and config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not config.option.keyword
        and not getattr(config.option, "lf", False)
    )
