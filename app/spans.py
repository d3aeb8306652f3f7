"""Traces: what a request or a job did, down to its statements, sent to an OTLP collector.

FastAPI makes the spans of requests, asyncpg's instrumentation those of statements, `pgqueuer`
those of its jobs; here they are given somewhere to go. OpenTelemetry's own variables
(OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and others) work as its
documentation says.
"""

import os
import threading
from functools import cache

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status
from pgqueuer.adapters.tracing.opentelemetry import OpenTelemetryTracing
from pgqueuer.ports.tracing import set_tracing_class

from app import __version__

# How long a collector that does not answer may keep us, once we have been told to stop.
_FLUSH_SECONDS = 3.0


class _DiscreetProcessor(BatchSpanProcessor):
    """Hands on spans, without what callers sent.

    Statements have no values in them, but an error's text may: of an error only its class is
    told. Statements that nobody's request or job asked for, such as a worker's looking for jobs,
    are left out.
    """

    def on_end(self, span: ReadableSpan) -> None:
        if span.parent is not None or span.kind is not SpanKind.CLIENT:
            super().on_end(_without_texts(span))


@cache
def send_spans(endpoint: str) -> None:
    """Send the spans of this process to a collector from now on; once is enough.

    `endpoint` is the collector's address, without `/v1/traces`. A collector that is away costs
    spans, and never a request.
    """
    os.environ.setdefault("OTEL_SERVICE_NAME", "surety")
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "database")
    provider = TracerProvider(
        resource=Resource.create({SERVICE_VERSION: __version__}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(_DiscreetProcessor(exporter))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument(  # type: ignore[no-untyped-call]
        tracer_provider=provider
    )
    set_tracing_class(OpenTelemetryTracing())


def flush_spans() -> None:
    """Send the spans that have not been sent yet, for a few seconds at most."""
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)  # noqa: S101
    sending = threading.Thread(target=provider.force_flush, daemon=True)
    sending.start()
    sending.join(_FLUSH_SECONDS)


def _without_texts(span: ReadableSpan) -> ReadableSpan:
    classes = [
        event.attributes["exception.type"]
        for event in span.events
        if event.attributes and "exception.type" in event.attributes
    ]
    error = {"error.type": classes[-1]} if classes else {}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={**(span.attributes or {}), **error},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
