"""Names that lead elsewhere from one moment to the next, and answers that send the sender away.

The names are those of a name server of the tests' own, asked over UDP. 127.0.0.2 stands for what
the operator allows, 127.0.0.1 for what nobody outside may reach; both listen on the same port.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from app.domain.events.webhooks import Outcome
from app.services.events.attempts import Attempt
from app.worker.sender import Sender
from tests.support.sending import EVENT_ID, SECRET
from tests.webhooks.receivers import OK, Receiver, receive
from tests.webhooks.resolver import NameServer, name_server

ALLOWED, FORBIDDEN = "127.0.0.2", "127.0.0.1"


@dataclass(slots=True)
class Network:
    """Who listens where, the name server, and a sender that may reach 127.0.0.2 alone."""

    names: NameServer
    outside: Receiver
    inside: Receiver
    sender: Sender

    async def send(self, host: str = "hooks.example", path: str = "/hooks") -> Outcome:
        attempt = Attempt(
            delivery_id=EVENT_ID,
            number=1,
            failures=0,
            account_id="c-1",
            event_id=EVENT_ID,
            url=f"http://{host}:{self.outside.port}{path}",
            body="{}",
            secrets=(SECRET,),
        )
        return await self.sender.send(attempt, now=datetime.now(UTC))


@pytest.fixture
async def network(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Network]:
    allowed = (ip_network(f"{ALLOWED}/32"),)
    async with (
        name_server() as names,
        receive(host=ALLOWED) as outside,
        receive(host=FORBIDDEN, port=outside.port) as inside,
        Sender(allowed=allowed, time_limit=timedelta(seconds=5)) as sender,
    ):
        monkeypatch.setattr("app.worker.network.socket.getaddrinfo", names.look_up)
        yield Network(names, outside, inside, sender)


async def test_a_name_is_asked_for_once_and_what_it_said_is_connected_to(network: Network) -> None:
    """The classic: public when it is looked at, this machine when it is connected to."""
    network.names.lead("hooks.example", (ALLOWED,), (FORBIDDEN,))
    outcome = await network.send()
    assert outcome.result == "delivered"
    assert network.names.asked == ["hooks.example"]
    assert (len(network.outside.received), network.inside.connections) == (1, 0)


async def test_a_name_that_leads_elsewhere_later_is_refused_then(network: Network) -> None:
    """Each connection is to an address that was looked at; one that is kept is where it was."""
    network.outside.answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    network.names.alternate("hooks.example", (ALLOWED,), (FORBIDDEN,), (ALLOWED, FORBIDDEN))
    results = [(await network.send()).result for _ in range(60)]
    assert results == ["delivered", "address_refused", "address_refused"] * 20
    assert len(network.names.asked) == 60
    assert (len(network.outside.received), network.inside.connections) == (20, 0)


@pytest.mark.parametrize(
    "answers",
    [
        (FORBIDDEN,),
        (FORBIDDEN, ALLOWED),
        (ALLOWED, FORBIDDEN),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("0.0.0.0",),  # noqa: S104
        ("169.254.169.254",),
        ("168.63.129.16",),
        ("192.0.0.192",),
        (ALLOWED, "10.0.0.1"),
    ],
)
async def test_a_name_with_any_forbidden_address_is_refused(
    network: Network, answers: tuple[str, ...]
) -> None:
    network.names.lead("hooks.example", answers)
    outcome = await network.send()
    assert outcome.result == "address_refused", outcome
    assert network.outside.connections == network.inside.connections == 0


async def test_a_name_that_is_gone(network: Network) -> None:
    assert (await network.send("nobody.example")).result == "name_not_resolved"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("host", [FORBIDDEN, "inside.example", "hooks.example"])
async def test_no_redirect_is_followed(network: Network, host: str, status: int) -> None:
    """Neither to an address, nor to a name, nor to the name itself, which leads elsewhere now."""
    network.names.lead("hooks.example", (ALLOWED,), (FORBIDDEN,))
    network.names.lead("inside.example", (FORBIDDEN,))
    network.outside.answer = (
        f"HTTP/1.1 {status} Elsewhere\r\nLocation: http://{host}:{network.inside.port}/\r\n"
        "Refresh: 0; url=http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    outcome = await network.send()
    assert outcome.result in ("redirect_refused", "http_error"), outcome
    assert outcome.status_code == status
    assert network.names.asked == ["hooks.example"]
    assert (network.outside.connections, network.inside.connections) == (1, 0)


async def test_what_a_url_says_of_hosts_is_not_read_twice(network: Network) -> None:
    """A user's name that looks like a host, or a header that names another one."""
    network.names.lead("hooks.example", (ALLOWED,))
    outcome = await network.send(path="/@127.0.0.1/%0d%0aHost:%20127.0.0.1/")
    assert outcome.result == "delivered"
    (request,) = network.outside.received
    assert request.headers["host"] == f"hooks.example:{network.outside.port}"
    assert network.inside.connections == 0
