"""A process in which the code is loaded, and which forks one for each start of a command.

What is killed again and again is so brought back in a moment: loading the code takes longer than
everything else that a start does. Each start comes over a socket, with the file for its output.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from app.cli import main
from tests.support.waiting import until_now

# What a command loads as it runs.
_LOADED = (
    "app.cli.commands",
    "app.cli.serving.heads",
    "app.cli.serving.process",
    "app.cli.serving.servers",
    "app.cli.worker",
    "app.services.ledger.verification",
)


class Starts:
    """The other end of such a process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._socket = ours

    def start(self, folder: Path, arguments: Sequence[str], settings: dict[str, str]) -> "Started":
        """Run a command in a folder, in a process of its own."""
        read, write = os.pipe()
        wanted = json.dumps([str(folder), ["surety", *arguments], settings])
        socket.send_fds(self._socket, [wanted.encode()], [write])
        os.close(write)
        return Started(int(self._socket.recv(100)), read)

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


class Started:
    """A command that was started, and what it says."""

    def __init__(self, pid: int, read: int) -> None:
        self.pid = pid
        self.output = os.fdopen(read)

    def is_running(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def end(self, wanted: signal.Signals) -> None:
        """End it by a signal, and wait until it is gone."""
        os.kill(self.pid, wanted)
        until_now(lambda: not self.is_running(), within=60)
        self.output.close()


def _serve_starts(requests: socket.socket) -> None:
    """Fork for each request; whoever ends is gone at once, as the child of init would be."""
    for name in _LOADED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(requests, 100_000, 1)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            _run(*json.loads(message), output=files[0])
        os.close(files[0])
        requests.send(str(pid).encode())


def _run(folder: str, arguments: list[str], settings: dict[str, str], *, output: int) -> None:
    os.dup2(output, 1)
    os.close(output)
    os.chdir(folder)
    os.environ.update(settings)
    sys.argv = arguments
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    os._exit(0)


if __name__ == "__main__":
    _serve_starts(socket.socket(fileno=int(sys.argv[1])))
