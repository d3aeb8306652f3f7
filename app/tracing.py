"""Traces: made where SURETY_OTLP_ENDPOINT names a collector. If not, nothing loads."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import Settings


@contextmanager
def traced(settings: Settings) -> Iterator[None]:
    """Send the spans of this process to the collector that the settings name, if they do.

    On leaving, what is still to be sent is sent, which may take a few seconds.
    """
    if settings.otlp_endpoint is None:
        yield
        return
    from app.spans import flush_spans, send_spans  # noqa: PLC0415  the exporter is slow to load

    send_spans(str(settings.otlp_endpoint))
    try:
        yield
    finally:
        flush_spans()
