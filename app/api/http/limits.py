"""Rates: how much one key may ask, and how many keys that are not valid one address may try.

Each process counts its own, in memory: with several, a key may have as many times its rate.
A sliding window costs two numbers a key, whatever the rate, and nobody gets a double share at
its turn. What a reply says of it is draft-ietf-httpapi-ratelimit-headers-10.
"""

import math
import time
from ipaddress import IPv6Address, ip_address

from fastapi import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from app.domain.access.refusals import Refusal

# More share their counts, by chance: the library looks through all of them for those whose time
# is over.
MOST_ADDRESSES = 2_000
_SHARED_COUNTS = 1_000
_IPV6_NETWORK_BITS = 64  # what one customer of a provider has to choose addresses from


class RateLimited(Refusal):
    """More requests than the key's rate allows, or too many keys that are not valid.

    `Retry-After` and `retry_after_seconds` say when to try again. Nothing was done.
    """

    kind = "too_many"
    code = "rate_limited"
    title = "Too many requests"


class RateLimits:
    """Counts a key's requests, and an address's attempts with keys that are not valid.

    A rate is a text such as `600/minute`; None is no limit.
    """

    def __init__(self, *, requests: str | None, attempts: str | None) -> None:
        self._requests = parse(requests) if requests else None
        self._attempts = parse(attempts) if attempts else None
        self._keys = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._counts = MemoryStorage()
        self._addresses = SlidingWindowCounterRateLimiter(self._counts)

    def count_request(self, request: Request, name: str) -> None:
        """Count a request of the key's, or refuse it; its reply says what is left."""
        rate = self._requests
        if rate is None:
            return
        taken = self._keys.hit(rate, name)
        reset_time, remaining = self._keys.get_window_stats(rate, name)
        wait_s = _seconds_until(reset_time)
        request.state.reply_headers = [
            (b"ratelimit-policy", b'"key";q=%d;w=%d' % (rate.amount, rate.get_expiry())),
            (b"ratelimit", b'"key";r=%d;t=%d' % (remaining, wait_s)),
        ]
        if not taken:
            most, seconds = rate.amount, rate.get_expiry()
            raise RateLimited(
                f"A key may make {most} requests in {seconds} seconds.", retry_after_seconds=wait_s
            )

    def require_attempts(self, request: Request) -> None:
        """Refuse an address that has tried too many keys that are not valid."""
        rate, address = self._attempts, self._name_count(request)
        if rate is not None and not self._addresses.test(rate, address):
            reset_time, _ = self._addresses.get_window_stats(rate, address)
            raise RateLimited(
                "Too many keys that are not valid came from this address.",
                retry_after_seconds=_seconds_until(reset_time),
            )

    def count_attempt(self, request: Request) -> None:
        """Count a key that is not valid."""
        if self._attempts is not None:
            self._addresses.hit(self._attempts, self._name_count(request))

    def _name_count(self, request: Request) -> str:
        """Return whom to count for: the address, or one of several where there are too many."""
        address = _address_of(request)
        if len(self._counts.storage) < MOST_ADDRESSES:
            return address
        # Salted in each process: nobody can choose whose count theirs is.
        return f"shared {hash(address) % _SHARED_COUNTS}"


def _seconds_until(reset_time: float) -> int:
    return max(1, math.ceil(reset_time - time.time()))  # noqa: TID251  the window's own clock


def _address_of(request: Request) -> str:
    """Return whom an address stands for: of IPv6, everybody in its network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        network = f"{int(address) >> (128 - _IPV6_NETWORK_BITS):x}"
        return str(address.ipv4_mapped or network)
    return host
