"""Servers: how uvicorn serves and stops here, in good order and with a log line."""

import logging
import socket
from types import FrameType

import uvicorn
from uvicorn.supervisors import Multiprocess

_log = logging.getLogger("surety.serve")


class Server(uvicorn.Server):
    """Serves in this process. Told to stop, it lets the requests under way end."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in good order however often we are told to."""
        if not self.should_exit:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait for those that are there."""
        _log_stopping(self.config, connections=len(self.server_state.connections))
        await super().shutdown(sockets)


class Processes(Multiprocess):
    """Serves in several processes, each of which stops as one alone does."""

    def handle_int(self) -> None:
        """Stop as when told by SIGTERM."""
        self.handle_term()

    def handle_term(self) -> None:
        """Take no more connections: ours would be open for as long as the last request runs."""
        _log_stopping(self.config)
        for each in self.sockets:
            each.close()
        super().handle_term()


def _log_stopping(config: uvicorn.Config, **members: int) -> None:
    _log.info({"event": "stopping", "grace_seconds": config.timeout_graceful_shutdown} | members)
