"""Sending: what each kind of receiver comes to, and that nothing reaches a forbidden address."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.events.addresses import Network
from app.domain.events.webhooks import Outcome
from app.services.events.attempts import Attempt
from app.worker import sender as sending
from app.worker.sender import Sender
from tests.support.sending import EVENT_ID, SECRET
from tests.webhooks.receivers import (
    BROKEN,
    GONE,
    NOTHING,
    OK,
    Receiver,
    receive,
    redirect_to,
)

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
ELSEWHERE = (ip_network("10.9.9.0/24"),)


async def send(
    url: str, *, allowed: tuple[Network, ...] = LOOPBACK, seconds: float = 60
) -> Outcome:
    attempt = Attempt(
        delivery_id=UUID(int=1),
        number=1,
        failures=0,
        account_id="c-1",
        event_id=EVENT_ID,
        url=url,
        body='{"type":"ticket.opened","data":{"subject":"Zürich"}}',
        secrets=(SECRET,),
    )
    async with Sender(allowed=allowed, time_limit=timedelta(seconds=seconds)) as sender:
        return await sender.send(attempt, now=datetime.now(UTC))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receive(OK) as running:
        yield running


async def test_what_arrives_is_signed_as_receivers_check_it(receiver: Receiver) -> None:
    outcome = await send(receiver.url)
    assert (outcome.result, outcome.status_code, outcome.detail) == ("delivered", 200, None)
    (request,) = receiver.received
    assert request.verify(SECRET)["data"] == {"subject": "Zürich"}
    assert request.headers["webhook-id"] == str(EVENT_ID)


@pytest.mark.parametrize(
    ("answer", "result", "status_code"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "delivered", 204),
        (BROKEN, "http_error", 500),
        (GONE, "gone", 410),
        (NOTHING, "timed_out", None),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "timed_out", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "invalid_response", None),
        (b"HTTP/1.1 2\x0000 \xff\xed\xa0\x80\r\n\r\n", "invalid_response", None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, "invalid_response", None),
        # Once the status is there it counts: the body may be slow, or have no end.
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nslow", "delivered", 200),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, "delivered", 200),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\nslow", "http_error", 503),
    ],
)
async def test_what_an_answer_comes_to(
    receiver: Receiver, answer: bytes, result: str, status_code: int | None
) -> None:
    receiver.answer = answer
    # A receiver that says nothing is waited for; every other has answered by then.
    outcome = await send(receiver.url, seconds=1 if result == "timed_out" else 60)
    assert (outcome.result, outcome.status_code) == (result, status_code)
    assert outcome.duration_ms < 30_000
    assert outcome.detail is None or outcome.detail.isprintable()


async def test_a_receiver_that_is_not_there() -> None:
    async with receive() as closed:
        pass
    outcome = await send(closed.url)
    assert outcome.result == "connection_failed"
    assert outcome.detail


async def test_a_name_that_leads_nowhere() -> None:
    outcome = await send("https://nobody.invalid/hooks")
    assert outcome.result == "name_not_resolved"
    assert outcome.detail is not None
    assert outcome.detail.startswith("nobody.invalid: ")


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    async with receive() as elsewhere:
        receiver.answer = redirect_to(elsewhere.url)
        outcome = await send(receiver.url)
        assert (outcome.result, outcome.status_code) == ("redirect_refused", 307)
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.1",
        "0x7f.0.0.1", "2130706433", "0.0.0.0", "[::]", "127.0.0.1.", "localhost.",  # noqa: S104
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("allowed", [(), ELSEWHERE])
async def test_this_machine_is_not_reached_unless_it_is_allowed(
    scheme: str, host: str, allowed: tuple[Network, ...]
) -> None:
    async with AsyncExitStack() as running:
        v4 = await running.enter_async_context(receive(host="0.0.0.0"))  # noqa: S104
        v6 = await running.enter_async_context(receive(host="::"))
        for each in (v4, v6):
            outcome = await send(f"{scheme}://{host}:{each.port}/", allowed=allowed)
            assert outcome.result in ("address_refused", "name_not_resolved"), outcome
        assert v4.connections == v6.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://10.0.0.1/",
        "https://192.168.1.1:8443/",
        "https://[fe80::1]/",
    ],
)
async def test_others_own_networks_are_not_reached(url: str) -> None:
    outcome = await send(url)
    assert outcome.result == "address_refused"
    assert outcome.duration_ms < 500


async def test_a_name_with_one_forbidden_address_is_not_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of somebody else's leads where its owner likes, and elsewhere a moment later."""
    places = [("8.8.8.8", receiver.port), ("127.0.0.1", receiver.port)]

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        assert host == "hooks.example"
        return [(2, 1, 6, "", place) for place in places]

    monkeypatch.setattr("app.worker.network.socket.getaddrinfo", look_up)
    outcome = await send(f"https://hooks.example:{receiver.port}/", allowed=ELSEWHERE)
    assert outcome.result == "address_refused"
    assert outcome.detail == (
        "hooks.example leads to 127.0.0.1, which is not public nor allowed by the operator."
    )
    assert receiver.connections == 0


async def test_a_name_server_that_hangs_keeps_nobody_else_waiting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answers = socket.getaddrinfo, threading.Event()

    def look_up(host: str, *rest: object, **more: object) -> object:
        if host == "slow.example":
            answers.wait(30)
            raise socket.gaierror("nobody knows")
        return real(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("app.worker.network.socket.getaddrinfo", look_up)
    hanging = [asyncio.create_task(send("https://slow.example/", seconds=30)) for _ in range(40)]
    try:
        outcome = await send(receiver.url.replace("127.0.0.1", "localhost"), seconds=5)
        assert outcome.result == "delivered"
        assert not any(each.done() for each in hanging)
    finally:
        answers.set()
        ended = await asyncio.gather(*hanging)
    assert {each.result for each in ended} == {"name_not_resolved"}


async def test_a_name_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(
        "app.worker.network.socket.getaddrinfo", lambda *_, **__: [answers.wait(30)]
    )
    try:
        assert (await send("https://slow.example/", seconds=1)).result == "timed_out"
    finally:
        answers.set()


async def test_without_tls_only_allowed_networks_are_reached() -> None:
    outcome = await send("http://8.8.8.8/")
    assert outcome.result == "https_required"
    assert outcome.duration_ms < 500


async def test_the_environments_proxy_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receive() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await send(receiver.url)).result == "delivered"
        assert proxy.connections == 0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate for the name localhost, signed by itself."""
    made = tmp_path / "localhost.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", made, "-out", tmp_path / "only.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + (tmp_path / "only.pem").read_text())
    return made


async def test_tls_asks_for_the_name_and_for_a_certificate_that_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    async with receive(tls=served) as receiver:
        by_name = f"https://localhost:{receiver.port}/"
        assert (await send(by_name)).result == "tls_failed"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        sending._trusted.cache_clear()
        assert (await send(by_name)).result == "delivered"
        assert (await send(f"https://127.0.0.1:{receiver.port}/")).result == "tls_failed"
        assert len(receiver.received) == 1
    sending._trusted.cache_clear()
    async with receive() as plain:
        outcome = await send(f"https://127.0.0.1:{plain.port}/")
        assert outcome.result in ("tls_failed", "timed_out")
