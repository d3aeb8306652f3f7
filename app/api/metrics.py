"""`/metrics`, as Prometheus reads it."""

from fastapi import Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from app.api.figures import Figures
from app.api.routing import RequestDb, operation, router
from app.db import deadlines
from app.db.database import Database

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

    Also the database's connections in use, and the clocks at risk and past their last instant
    (of the 10,000 that run out soonest), all as Prometheus reads them. Counts are those of the
    process that answers, since it began; where several share an address, each has its own.
    """
    figures: Figures = request.app.state.figures
    database: Database = request.app.state.database
    text = figures.render(
        connections=database.pool_use(),
        deadlines=await deadlines.count_soonest(db, now=db.read_clock()),
    )
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
