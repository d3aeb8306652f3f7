"""The application, put together."""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

from app import __version__
from app.api.access import keys
from app.api.accounts import account_moves, accounts, contacts, sandboxes
from app.api.catalog import catalogs, choices, comparison, offers
from app.api.coverage import coverage
from app.api.events import events, webhooks
from app.api.http.figures import Figures, shared_folder
from app.api.http.limits import RateLimits
from app.api.http.middleware import RequestFrame
from app.api.http.places.bulkheads import Bulkheads
from app.api.http.refusals.problem_handlers import install_problem_handlers
from app.api.http.replies.embedding import allow_embedding
from app.api.http.replies.origins import allow_origins
from app.api.http.replies.published import PublishedReplies
from app.api.http.route_answers import RouteAnswers
from app.api.ledger import balances, entries
from app.api.metering import agenda, overage, sessions, work
from app.api.monitoring import metrics
from app.api.openapi import documents
from app.api.promises import deadlines
from app.api.reports import (
    breach_credits,
    disputes,
    endings,
    links,
    open_clocks,
    queue,
    sla,
    statements,
    summaries,
    usage,
)
from app.api.selling import (
    agreements,
    grants,
    licences,
    purchase_changes,
    purchase_quotes,
    purchases,
    quotes,
    subscriptions,
)
from app.api.tickets import (
    charges,
    coverage_changes,
    excuses,
    ticket_actions,
    ticket_events,
    tickets,
)
from app.api.time import business_time, business_time_items
from app.db.engine.clocks import Clock, Steady, read_clock
from app.db.engine.database import ACQUIRE_TIMEOUT_S, Database
from app.db.engine.health import ClockDiffers
from app.db.engine.revisions import NotMigrated
from app.services.access.keys import KeyRing
from app.services.monitoring.figures import MetricsCache
from app.settings import Settings
from app.tracing import traced

_log = logging.getLogger("surety")
MAX_BODY_BYTES = 4 * 1024 * 1024
# What machines ask all day long is not worth a trace.
_PROBES = {"/healthz", "/readyz", "/metrics"}

ROUTES = (
    offers,
    choices,
    comparison,
    catalogs,
    accounts,
    contacts,
    account_moves,
    sandboxes,
    quotes,
    purchases,
    purchase_changes,
    purchase_quotes,
    subscriptions,
    agreements,
    grants,
    licences,
    balances,
    entries,
    statements,
    links,
    coverage,
    tickets,
    ticket_actions,
    charges,
    coverage_changes,
    disputes,
    sessions,
    agenda,
    work,
    overage,
    deadlines,
    excuses,
    ticket_events,
    queue,
    summaries,
    open_clocks,
    sla,
    usage,
    breach_credits,
    endings,
    events,
    webhooks,
    business_time,
    business_time_items,
    keys,
    documents,
    metrics,
)


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = read_clock,
    steady: Steady | None = None,
    compare_clocks: bool | None = None,
) -> FastAPI:
    """Return the application; its database is opened when it starts, by its settings.

    Without settings it can say what it would answer, but not start. `clock` is what services read
    the present from, and `steady` what caches count their seconds by, which nobody sets; left
    out, the machine's own, or a given clock's. `compare_clocks`: nothing is written while the
    clock is far from the database's; left out, where it is the real one.
    """
    routes = [route for resource in ROUTES for route in resource.routes.routes]
    app = FastAPI(
        title="Surety",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        max_body_size=MAX_BODY_BYTES,
        redirect_slashes=False,
        # The routes themselves, not their routers: of included routers each request would ask
        # one after the other, and the one that has its route twice.
        routes=routes,
        telemetry={
            # Whether somebody else has set up tracing is not looked for at each request.
            "tracing": settings is not None and settings.otlp_endpoint is not None,
            "auto_configure": False,
            "exclude": lambda scope: scope["path"] in _PROBES,
            "logs": False,
            "metrics": False,
        },
    )
    # The router has the application's own limit of a body once more: once is enough.
    app.router.middleware_stack = app.router.app
    app.state.settings = settings
    app.state.clock = clock
    app.state.steady = steady or (
        time.monotonic if clock is read_clock else lambda: clock().timestamp()
    )
    app.state.compare_clocks = compare_clocks
    app.state.published = PublishedReplies()
    install_problem_handlers(app)
    app.state.figures = Figures()
    app.middleware_stack = RequestFrame(
        allow_embedding(
            allow_origins(RouteAnswers(app, routes), settings.cors_origins if settings else ()),
            settings.embed_origins if settings else (),
        ),
        max_body_bytes=MAX_BODY_BYTES,
        figures=app.state.figures,
    )
    app.openapi = lambda: _build_openapi(app)  # type: ignore[method-assign]
    return app


async def _open_replica(settings: Settings, clock: Clock) -> Database | None:
    """Open the replica, if there is one; one that is away is asked again at each read."""
    if settings.read_dsn is None:
        return None
    replica = Database(
        settings.read_dsn,
        pool_size=settings.pool_size,
        clock=clock,
        statement_timeout_ms=settings.statement_timeout_ms,
        prepared_statements=settings.prepared_statements,
        compare_clocks=False,
        least_connections=0,
    )
    await replica.open()
    return replica


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings | None = app.state.settings
    if settings is None or settings.dsn is None:
        raise RuntimeError("SURETY_DATABASE_URL is not set; `surety serve` sets it.")
    database = Database(
        settings.dsn,
        pool_size=settings.pool_size,
        clock=app.state.clock,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
        prepared_statements=settings.prepared_statements,
        compare_clocks=app.state.compare_clocks,
        optimistic=settings.optimistic_writes,
    )
    steady: Steady = app.state.steady
    admin_key = settings.admin_key
    app.state.database = database
    app.state.keyring = KeyRing(admin_key.get_secret_value() if admin_key else None, steady=steady)
    app.state.limits = RateLimits(requests=settings.rate_limit, attempts=settings.key_attempt_limit)
    app.state.bulkheads = Bulkheads(
        pool_size=settings.pool_size,
        wait_s=ACQUIRE_TIMEOUT_S,
        lock_wait_s=settings.lock_timeout_ms / 1000,
    )
    app.state.metrics = MetricsCache(steady=steady)
    app.state.base_url = settings.base_url
    app.state.webhook_networks = settings.webhook_networks
    await database.open()
    replica = app.state.replica = await _open_replica(settings, app.state.clock)
    with suppress(ClockDiffers, NotMigrated):  # which readiness says, and the log
        async with database.transaction():
            pass
    noting = [asyncio.create_task(_record_key_uses(app.state.keyring, database))]
    if shared_folder() is not None:
        noting.append(asyncio.create_task(_count_connections(app.state.figures, database)))
    _log.info({"event": "process_started", "pid": os.getpid()})
    try:
        with traced(settings):
            yield
    finally:
        for each in noting:
            each.cancel()
        with suppress(Exception):
            await app.state.keyring.record_uses(database)
        await database.close()
        if replica is not None:
            await replica.close()
        _log.info({"event": "process_stopped", "pid": os.getpid()})


async def _record_key_uses(keyring: KeyRing, database: Database) -> None:
    """Write once a minute which keys were used, rather than at every request."""
    while True:
        await asyncio.sleep(60)
        try:
            await keyring.record_uses(database)
        except Exception as error:
            _log.warning({"event": "key_uses_not_noted", "error": repr(error)[:300]})


async def _count_connections(figures: Figures, database: Database) -> None:
    """Note every second how connections are used, for another process that is asked."""
    while True:
        figures.count_connections(database.pool_use())
        await asyncio.sleep(1)


def _build_openapi(app: FastAPI) -> dict[str, Any]:
    from app.api.openapi.openapi_document import build_openapi  # noqa: PLC0415  when it is asked for

    return build_openapi(app)
