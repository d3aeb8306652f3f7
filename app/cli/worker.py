"""`surety worker`: the jobs, in a process of their own or beside a server."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from logging.config import dictConfig
from typing import TYPE_CHECKING

from app.cli.databases import open_direct_dsn
from app.cli.errors import CommandError
from app.settings import PREFIX, Settings, load_settings
from app.tracing import traced

if TYPE_CHECKING:
    from app.worker.deliveries import DeliveryPolicy

# How long a job under way may take to end its present step, once we are told to stop.
_GRACE_SECONDS = 10


def work() -> None:
    """Run the jobs, over SURETY_WORKER_DATABASE_URL if it is set, until told to stop."""
    from app.cli.migrations import migrate
    from app.cli.serving.logs import configure_logs

    settings = load_settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    dictConfig(configure_logs(settings.log_level))
    try:
        with open_direct_dsn(settings) as dsn, traced(settings):
            migrate(dsn)
            _serve_figures(settings)
            asyncio.run(_run_until_told(dsn, settings))
    except KeyboardInterrupt:
        pass


def _serve_figures(settings: Settings) -> None:
    """Answer Prometheus, on a thread of its own, if the settings say where."""
    if settings.worker_metrics_port is None:
        return
    from prometheus_client import start_http_server

    try:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
    except OSError as error:
        raise CommandError(
            f"{PREFIX}WORKER_METRICS_PORT {settings.worker_metrics_port}: {error.strerror}"
        ) from None


@contextmanager
def worker_beside(dsn: str, settings: Settings) -> Iterator[None]:
    """Run the jobs on a thread of this process, until the context is left."""
    from app.worker.queue import install_queue
    from app.worker.runner import run_worker

    asyncio.run(install_queue(dsn))
    reach, events_kept = _read_reach(settings), timedelta(days=settings.events_kept_days)
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(
            run_worker(dsn, stopping, reach, events_kept=events_kept)
        ),
        name="worker",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(_GRACE_SECONDS)
        if not thread.is_alive():
            loop.close()


async def _run_until_told(dsn: str, settings: Settings) -> None:
    from app.worker.runner import run_worker

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopping.set)
    events_kept = timedelta(days=settings.events_kept_days)
    await run_worker(dsn, stopping, _read_reach(settings), events_kept=events_kept)


def _read_reach(settings: Settings) -> "DeliveryPolicy":
    from app.worker.deliveries import DeliveryPolicy

    time_limit = timedelta(seconds=settings.webhook_timeout_s)
    return DeliveryPolicy(allowed=settings.webhook_networks, time_limit=time_limit)
