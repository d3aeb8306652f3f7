"""`/metrics`, as Prometheus reads it."""

from fastapi import Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app.api.figures import Figures
from app.api.routing import RequestDb, operation, router
from app.db.database import Database
from app.services.figures import Watch

routes = router("Service")


@routes.get(
    "/metrics",
    summary="Read figures for monitoring",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
@operation("read", across=True)
async def get_metrics(db: RequestDb, request: Request) -> Response:
    """Requests by operation, status and time taken, refusals by code, tickets opened by plan.

    Also the database's connections in use, units held, the clocks at risk and past their last
    instant (of the 10,000 that run out soonest), and how far the worker is behind with events,
    jobs and deliveries, all as Prometheus reads them. Counts are of all processes of one
    `surety serve` together, since it began; connections, where there are several, as of a
    second ago. A process alone adds its memory, processor time and files.
    """
    figures: Figures = request.app.state.figures
    database: Database = request.app.state.database
    watch: Watch = request.app.state.watch
    figures.note_connections(database.pool_use())
    text = figures.render(await watch.read_moment(db))
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
