"""Traces as a collector gets them: a little OTLP/HTTP receiver, and the service as a process."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.worker.queue import install_queue
from tests.support.folders import open_folder
from tests.support.serve import run, serve
from tests.support.worker import keep_replies, make_due, work

ADMIN_KEY = "an-admin-key-that-no-trace-may-have"
CALLERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLERS_SPAN = "00f067aa0ba902b7"


class Collector:
    """A receiver of traces: every span that it got, and every byte."""

    def __init__(self) -> None:
        self.received = b""
        self.spans: list[Span] = []

    def receive(self, body: bytes) -> None:
        self.received += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert named["service.name"] == "surety"
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def trace(self, trace_id: str) -> list[Span]:
        """Return a trace's spans, as they began."""
        found = [span for span in self.spans if span.trace_id.hex() == trace_id]
        return sorted(found, key=lambda span: span.start_time_unix_nano)

    def find(self, name: str) -> Span:
        (found,) = [span for span in self.spans if span.name == name]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collect() as collector:
        yield collector


@contextmanager
def collect() -> Iterator[Any]:
    """Run a collector; `url` is where it is."""
    collector: Any = Collector()
    with receive_posts(lambda path, body: path == "/v1/traces" and collector.receive(body)) as url:
        collector.url = url
        yield collector


@contextmanager
def receive_posts(receive: Callable[[str, bytes], object]) -> Iterator[str]:
    """Answer POSTs with 200, once `receive` has had their path and body; where."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receive(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def attributes_of(span: Span) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def ancestors_of(span: Span, spans: list[Span]) -> set[str]:
    """Return the names of the spans that one is within."""
    by_id = {each.span_id: each for each in spans}
    names = set()
    while span.parent_span_id in by_id:
        span = by_id[span.parent_span_id]
        names.add(span.name)
    return names


def run_story(url: str) -> str:
    """Sell a plan, open a ticket in the caller's own trace, look at a statement; its token."""
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=20
    ) as api:
        account = "/v1/accounts/c-1"
        api.put(account, json={"name": "Nordwind Handel GmbH", "email": "it@nordwind.example"})
        sold = {"order_id": "SO-1", "offer": "livecart.express-1y", "payment": {"status": "paid"}}
        api.post(f"{account}/purchases", json=sold).raise_for_status()
        opened = api.post(
            f"{account}/tickets",
            json={"ticket_id": "HD-1", "subject": "Kasse klemmt"},
            headers={
                "traceparent": f"00-{CALLERS_TRACE}-{CALLERS_SPAN}-01",
                "X-Request-Id": "of-the-caller",
            },
        )
        assert opened.status_code == 201
        link = api.post(f"{account}/statement-links", json={"expires_in": "PT1H"}).json()
        assert api.get(link["url"]).status_code == 200
        api.get("/v1/accounts", params={"email": "it@nordwind.example"}).raise_for_status()
        api.get("/healthz").raise_for_status()
        api.get("/readyz").raise_for_status()
    return str(link["url"]).rpartition("/")[2]


def test_a_tickets_opening_is_one_trace_down_to_its_statements(
    tmp_path: Path, blank_database_url: str, collector: Any
) -> None:
    settings = {
        "SURETY_DATABASE_URL": blank_database_url,
        "SURETY_ADMIN_KEY": ADMIN_KEY,
        "SURETY_LOG_LEVEL": "info",
        "SURETY_OTLP_ENDPOINT": collector.url,
    }
    with serve(tmp_path, **settings) as service:
        token = run_story(service.url)
        code, said = service.stop()
    assert code == 0
    trace = collector.trace(CALLERS_TRACE)
    opening = trace[0]
    assert opening.name == "POST /v1/accounts/{account_id}/tickets"
    assert (opening.kind, opening.parent_span_id.hex()) == (Span.SPAN_KIND_SERVER, CALLERS_SPAN)
    told = attributes_of(opening)
    assert told["url.path"] == "/v1/accounts/c-1/tickets"
    assert told["http.response.status_code"] == 201
    assert told["surety.request_id"] == "of-the-caller"
    statements = [span for span in trace if span.kind == Span.SPAN_KIND_CLIENT]
    assert {span.name for span in statements} == {"SELECT", "WITH"}  # read, then all at once
    assert all(opening.name in ancestors_of(span, trace) for span in statements)
    texts = [attributes_of(span)["db.query.text"] for span in statements]
    assert any("INSERT INTO tickets" in text and "lock_version" in text for text in texts)
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("request_id") == "of-the-caller"]
    assert (line["operation"], line["trace_id"]) == ("open_ticket", CALLERS_TRACE)
    assert not [span for span in collector.spans if re.search("healthz|readyz", span.name)]
    read = collector.find("GET /v1/statements/{token}")
    assert attributes_of(read)["url.path"] == "/v1/statements/…"
    listed = collector.find("GET /v1/accounts")
    assert attributes_of(listed)["url.query"] == "email=REDACTED"
    for secret in (ADMIN_KEY, token, "Kasse klemmt", "nordwind.example"):
        assert secret.encode() not in collector.received, secret
        assert secret not in said, secret


async def test_a_workers_job_is_a_trace_and_its_looking_for_jobs_is_none(
    database_url: str, collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURETY_OTLP_ENDPOINT", collector.url)
    connection = await asyncpg.connect(database_url)
    await install_queue(database_url)
    await keep_replies(connection, 5, age=timedelta(hours=80))
    await make_due(connection)
    await connection.close()
    with work(database_url) as worker:
        line = await asyncio.to_thread(worker.read_until, "job")
        code, _ = await asyncio.to_thread(worker.stop)
    assert (code, line["pruned"]) == (0, 5)
    job = collector.find("job prune_idempotency_keys")
    assert line["trace_id"] == job.trace_id.hex()
    trace = collector.trace(job.trace_id.hex())
    assert "DELETE" in " ".join(str(attributes_of(span).get("db.query.text")) for span in trace)
    alone = [span.name for span in collector.spans if not span.parent_span_id]
    assert set(alone) == {"job prune_idempotency_keys"}


def test_a_webhooks_delivery_is_a_trace_from_its_asking_on(collector: Any) -> None:
    """With the service's own Postgres, and the worker that is beside it."""
    settings = {
        "SURETY_ADMIN_KEY": ADMIN_KEY,
        "SURETY_LOG_LEVEL": "info",
        "SURETY_OTLP_ENDPOINT": collector.url,
        "SURETY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    arrived = threading.Event()
    with (
        receive_posts(lambda *_: arrived.set()) as receiver,
        open_folder() as folder,
        serve(folder, **settings) as service,
    ):
        with httpx.Client(
            base_url=service.url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        ) as api:
            made = api.post("/v1/webhooks", json={"url": receiver, "types": ["key.*"]}).json()
            api.post("/v1/api-keys", json={"name": "Shop", "role": "storefront"}).raise_for_status()
        assert arrived.wait(20)
        code, said = service.stop()
    assert code == 0
    attempt = collector.find("webhook attempt")
    assert attributes_of(attempt)["surety.result"] == "delivered"
    trace = collector.trace(attempt.trace_id.hex())
    assert ancestors_of(attempt, trace) == {"process deliver_webhook", "send deliver_webhook"}
    assert made["secret"].encode() not in collector.received
    assert made["secret"] not in said


def test_a_failed_statement_is_told_by_its_class_alone(
    tmp_path: Path, blank_database_url: str, collector: Any
) -> None:
    settings = {
        "SURETY_DATABASE_URL": blank_database_url,
        "SURETY_ADMIN_KEY": ADMIN_KEY,
        "SURETY_OTLP_ENDPOINT": collector.url,
        "SURETY_LOG_LEVEL": "critical",
    }

    async def take_away() -> None:
        connection = await asyncpg.connect(blank_database_url)
        await connection.execute("ALTER TABLE accounts RENAME TO elsewhere")
        await connection.close()

    with serve(tmp_path, **settings) as service:
        asyncio.run(take_away())
        authorization = {"Authorization": f"Bearer {ADMIN_KEY}"}
        reply = httpx.get(f"{service.url}/v1/accounts/c-1", headers=authorization)
        assert reply.status_code == 500
        service.stop()
    failed = [
        span
        for span in collector.spans
        if attributes_of(span).get("error.type", "").endswith("UndefinedTableError")
    ]
    assert len(failed) >= 2  # the statement's, and the request's
    assert {span.status.code for span in failed} == {2}
    assert {span.status.message for span in failed} == {""}
    assert b"does not exist" not in collector.received


def test_a_collector_that_is_away_costs_no_request_and_no_stop(
    tmp_path: Path, blank_database_url: str
) -> None:
    settings = {
        "SURETY_DATABASE_URL": blank_database_url,
        "SURETY_ADMIN_KEY": ADMIN_KEY,
        "SURETY_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    with serve(tmp_path, **settings) as service:
        run_story(service.url)
        assert service.stop()[0] == 0


def test_an_endpoint_that_is_none_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", SURETY_OTLP_ENDPOINT="collector:4318")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("surety: SURETY_OTLP_ENDPOINT: ")


def test_nothing_of_it_is_loaded_where_it_is_off() -> None:
    loaded = "import sys, app.main, app.worker.runner; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.splitlines())
    assert "app.tracing" in modules
    assert not [each for each in modules if re.match(r"opentelemetry\.(sdk|exporter)", each)]
