"""`surety serve`: everything that is needed for requests to be answered, in one command."""

import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.config import dictConfig
from tempfile import TemporaryDirectory

import typer

from app import __version__
from app.cli.errors import CommandError
from app.embedded import EmbeddedPostgres
from app.settings import PREFIX, Settings, describe_dsn, load_settings, place_of
from app.tracing import traced

# Connections beside those of the serving processes: the worker's, and an operator's.
_SPARE_CONNECTIONS = 20

# How long an idle connection stays open. Longer than load balancers keep theirs (60 seconds, most
# of them): who closes one while the other sends a request has lost it.
_KEEP_ALIVE_SECONDS = 75

_log = logging.getLogger("surety.serve")


def serve() -> None:
    """Serve the API, on a Postgres of its own unless SURETY_DATABASE_URL names one."""
    from app.cli.serving.logs import configure_logs

    settings = load_settings()
    dictConfig(configure_logs(settings.log_level))
    # SIGTERM ends everything as Ctrl-C does, wherever it comes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _postgres(settings) as dsn, _listening_socket(settings) as listener:
            _prepare_database(settings.worker_dsn or dsn, settings)
            with _counting_together(settings), _worker(dsn, settings):
                _run_server(settings, listener)
    except KeyboardInterrupt:
        pass
    _log.info({"event": "stopped"})


@contextmanager
def _postgres(settings: Settings) -> Iterator[str]:
    """Give the database's URL, and to the processes that serve by the environment."""
    if settings.dsn is not None:
        yield settings.dsn
        return
    lost: list[str] = []

    def end(why: str) -> None:
        lost.append(why)
        os.kill(os.getpid(), signal.SIGTERM)

    connections = settings.processes * settings.pool_size + _SPARE_CONNECTIONS
    try:
        with EmbeddedPostgres(
            settings.data_dir, max_connections=max(100, connections), on_lost=end
        ) as postgres:
            os.environ[f"{PREFIX}DATABASE_URL"] = postgres.url
            try:
                yield postgres.url
            finally:
                for each in (signal.SIGINT, signal.SIGTERM):  # one Ctrl-C is enough
                    signal.signal(each, signal.SIG_IGN)
    except KeyboardInterrupt:
        if lost:
            raise CommandError(lost[0]) from None
        raise


@contextmanager
def _listening_socket(settings: Settings) -> Iterator[socket.socket]:
    """Give a socket bound to the address, which nobody can connect to yet."""
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(found[0], found[1])
    except OSError as error:
        raise CommandError(f"{PREFIX}HOST {settings.host}: {error.strerror}") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(found[4])
        except OSError as error:
            raise CommandError(
                f"Port {settings.port} of {settings.host} cannot be had: {error.strerror}. "
                f"Stop what uses it, or set {PREFIX}PORT to another."
            ) from None
        listener.set_inheritable(True)
        yield listener


def _prepare_database(dsn: str, settings: Settings) -> None:
    """Migrate; on the first start publish and make a key, and show it, for it is kept nowhere."""
    import asyncio

    from app.cli.databases import work_on
    from app.cli.distribution import complete
    from app.cli.migrations import migrate
    from app.db.engine.database import Database
    from app.services.catalog.bootstrap import bootstrap

    async def start(database: Database) -> None:
        secret = await bootstrap(database, make_key=settings.admin_key is None)
        if secret is not None:
            typer.echo(f"The first admin key, shown this once: {secret}")

    migrated = migrate(dsn)
    asyncio.run(complete(dsn, migrated=migrated))
    asyncio.run(work_on(dsn, settings, start))
    # Until here a start that fails is one line, which says why.
    _log.info(
        {
            "event": "starting",
            "version": __version__,
            "processes": settings.processes,
            "database": describe_dsn(dsn),
            "migrated": migrated,
        }
    )


@contextmanager
def _counting_together(settings: Settings) -> Iterator[None]:
    """Give several processes a folder in which Prometheus's client adds up what they count."""
    if settings.processes == 1 or "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="surety-figures-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


@contextmanager
def _worker(dsn: str, settings: Settings) -> Iterator[None]:
    """Run the jobs here too, on our own Postgres; with a given one `surety worker` does."""
    from app.cli.worker import worker_beside

    if settings.dsn is not None:
        yield
        return
    with traced(settings), worker_beside(dsn, settings):
        yield


def _run_server(settings: Settings, listener: socket.socket) -> None:
    """Answer requests until we are told to stop."""
    import uvicorn

    if settings.public_url is None:
        # The port may be one that the system chose.
        host, port = listener.getsockname()[:2]
        os.environ[f"{PREFIX}PUBLIC_URL"] = f"http://{place_of(host, port)}"

    from app.cli.serving.heads import BoundedHeads
    from app.cli.serving.logs import configure_logs
    from app.cli.serving.servers import Processes, Server

    config = uvicorn.Config(
        "app.cli.serving.process:create_app",
        factory=True,
        workers=settings.processes,
        loop="uvloop",
        http=BoundedHeads,
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        log_config=configure_logs(settings.log_level),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    threading.Thread(target=_announce, args=(listener.getsockname(),), daemon=True).start()
    if settings.processes > 1:
        Processes(config, sockets=[listener]).run()
    else:
        gc.disable()  # until the application is there: what is loaded for it stays
        Server(config).run(sockets=[listener])


def _announce(address: tuple[str, int]) -> None:
    """Say where we are once somebody answers there."""
    host, port = address[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    while True:
        with suppress(OSError), socket.create_connection((reached, port), timeout=1):
            break
        time.sleep(0.02)
    place = place_of(host, port)
    _log.info({"event": "ready", "address": place})
    typer.echo(f"Surety is ready. Swagger UI: http://{place}/docs")
