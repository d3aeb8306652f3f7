"""Load from another process: as fast as connections allow, or at a rate whatever the replies.

wrk does the first where it is installed, unless there are only so many requests to send.
`load_client`, our own, does the rest; at a rate, a reply's latency counts from when its request
was due to be sent.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.settings import ADMIN_KEY, ROOT

_SCRIPT = Path(__file__).parent / "load.lua"


@dataclass(frozen=True, slots=True)
class Template:
    """A request with its number as `{n}` and its account's as `{a}`."""

    method: str
    path: str
    body: str = ""

    def of(self, *, number: int, account: str) -> "Template":
        """Return the request of this number and account."""
        path, body = (
            text.replace("{n}", str(number)).replace("{a}", account)
            for text in (self.path, self.body)
        )
        return Template(self.method, path, body)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: requests answered in so many seconds, and how soon."""

    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float
    refused: str = ""
    """The first reply that was not good, where our own client sent the requests."""

    @property
    def rate(self) -> float:
        """Requests answered a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Question:
    """All that the client's process is told.

    `skew` 0: the accounts in turn; otherwise by chance, the k-th in proportion to 1 / k ^ skew.
    `rate` None: as fast as replies allow. `limit` None: as many requests as there is time for.
    """

    url: str
    method: str
    path: str
    body: str
    first: int
    accounts: int
    skew: float
    secret: str
    connections: int
    seconds: float
    rate: float | None
    limit: int | None


def drive(
    url: str,
    template: Template,
    *,
    first: int,
    accounts: int,
    seconds: float,
    skew: float = 0,
    connections: int = 16,
    rate: float | None = None,
    limit: int | None = None,
) -> Load:
    """Send requests numbered from `first` on; refuse any but good replies with RuntimeError."""
    question = Question(
        url,
        template.method,
        template.path,
        template.body,
        first,
        accounts,
        skew,
        ADMIN_KEY,
        connections,
        seconds,
        rate,
        limit,
    )
    wrk = shutil.which("wrk")
    load = _ask_ours(question) if rate or limit or wrk is None else _ask_wrk(wrk, question)
    if load.failed or not load.requests:
        raise RuntimeError(
            f"{template}: {load.failed} of {load.requests} replies were not good: {load.refused}"
        )
    return load


def find_tool() -> str:
    """Return the name of what sends requests as fast as replies allow."""
    return "wrk" if shutil.which("wrk") else "our own client"


def _ask_wrk(wrk: str, question: Question) -> Load:
    command = [
        *(wrk, "--threads", "1", "--connections", str(question.connections)),
        *("--duration", f"{max(1, round(question.seconds))}s", "--timeout", "30s"),
        *("--script", str(_SCRIPT), question.url, "--", question.method, question.path),
        *(question.body, str(question.first), str(question.accounts)),
        *(str(question.skew), question.secret),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Load(**json.loads(said.strip().splitlines()[-1]))


def _ask_ours(question: Question) -> Load:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load_client"],
        input=json.dumps(asdict(question)),
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=True,
    )
    return Load(**json.loads(done.stdout))
