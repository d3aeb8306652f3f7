"""The network that webhooks are sent by: what is looked at is what is connected to.

A URL is somebody else's, and so is what its name leads to at any moment. So the name is resolved
here, every address it leads to is looked at, and the connection is made to an address, not to
the name once more. TLS still asks for the name.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore

from app.domain.events.addresses import Address, Network, is_allowed, is_reachable
from app.domain.events.webhooks import Result

_MOST_TRIED = 4


class Unreachable(Exception):
    """A host is not connected to; `result` is why."""

    def __init__(self, result: Result, detail: str) -> None:
        super().__init__(detail)
        self.result = result


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to networks that are allowed; raises Unreachable else.

    With `plain`, for connections without TLS, it connects to allowed networks only. It resolves
    names on a thread of its own, so that a name server that hangs keeps nobody else waiting.
    """

    def __init__(self, allowed: Sequence[Network], *, plain: bool) -> None:
        self._allowed = allowed
        self._plain = plain
        self._backend = httpcore.AnyIOBackend()
        self._resolver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="resolver")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  as httpcore asks
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        for address in addresses:
            self._require_reachable(host, address)
        tried = addresses[:_MOST_TRIED]
        failure: Exception = Unreachable("name_not_resolved", f"{host} has no address.")
        for address in tried:
            try:
                return await self._backend.connect_tcp(
                    str(address),
                    port,
                    timeout=None if timeout is None else timeout / len(tried),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def close(self) -> None:
        """Let go of the thread; a name still being resolved is nobody's any more."""
        self._resolver.shutdown(wait=False, cancel_futures=True)

    async def _resolve(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._resolver, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise Unreachable("name_not_resolved", f"{host}: {error}") from None
        return list(dict.fromkeys(ip_address(place[0]) for *_, place in found))

    def _require_reachable(self, host: str, address: Address) -> None:
        if not is_reachable(address, self._allowed):
            detail = f"{host} leads to {address}, which is not public nor allowed by the operator."
            raise Unreachable("address_refused", detail)
        if self._plain and not is_allowed(address, self._allowed):
            detail = f"{host} leads to {address}, which is reached by https only."
            raise Unreachable("https_required", detail)
