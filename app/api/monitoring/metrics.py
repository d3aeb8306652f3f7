"""`/metrics`, as Prometheus reads it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app.api.http.admission import read_key
from app.api.http.figures import Figures
from app.api.http.refusals.problem_handlers import DATABASE_AWAY
from app.api.http.replies.replays import Handler
from app.api.http.routing import RequestDb, Route, operation
from app.db.engine.database import Database, PoolExhausted
from app.services.access.keys import KeyRing
from app.services.monitoring.figures import MetricsCache, Moment

_UNANSWERED: tuple[type[Exception], ...] = (*DATABASE_AWAY, PoolExhausted)


class MetricsRoute(Route):
    """Answers with what the processes know by themselves while the database does not answer.

    That is when figures are wanted most. The key must have been found before.
    """

    def get_route_handler(self) -> Handler:
        ask = super().get_route_handler()

        async def run(request: Request) -> Response:
            try:
                return await ask(request)
            except _UNANSWERED:
                keyring: KeyRing = request.app.state.keyring
                caller = keyring.find_cached_caller(read_key(request))
                if caller is None or not caller.may("read") or caller.account_id is not None:
                    raise
                return _render(request, None)

        return run


routes = APIRouter(route_class=MetricsRoute, tags=["Service"])


@routes.get(
    "/metrics",
    summary="Read figures for monitoring",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
@operation("read", across=True)
async def get_metrics(db: RequestDb, request: Request) -> Response:
    """Requests by operation, status and time taken, refusals by code, tickets opened by plan.

    Also the database's connections in use, units held, the clocks at risk (of the 10,000 that
    run out next) and past their last instant (10,000 at most), and how far the worker is behind
    with events, jobs and deliveries, all as Prometheus reads them. Counts are of all processes
    of one `surety serve` together, since it began; connections, where there are several, as of
    a second ago. A process alone adds its memory, processor time and files. While the database
    does not answer, what only it knows is missing.
    """
    watch: MetricsCache = request.app.state.metrics
    return _render(request, await watch.read_moment(db))


def _render(request: Request, moment: Moment | None) -> Response:
    figures: Figures = request.app.state.figures
    database: Database = request.app.state.database
    figures.count_connections(database.pool_use())
    return Response(figures.render(moment), media_type=CONTENT_TYPE_PLAIN_0_0_4)
