"""Business time of many at once: addresses whose answer has one form."""

from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Wire
from app.api.time.business_time import (
    MAX_ITEMS,
    REFUSALS,
    CalendarGiven,
    DueAnswers,
    DueItem,
    DueQuestion,
    ElapsedAnswers,
    ElapsedItem,
    ElapsedQuestion,
    find_due,
    measure_elapsed,
)

routes = router("Business time")


class DueItems(Wire):
    """Many targets to be counted on one calendar."""

    calendar: CalendarGiven
    items: Annotated[list[DueItem], Field(max_length=MAX_ITEMS)]
    """The questions, 10,000 at most; they are answered in this order."""


class ElapsedItems(Wire):
    """Many pairs of instants, to be measured on one calendar."""

    calendar: CalendarGiven
    items: Annotated[list[ElapsedItem], Field(max_length=MAX_ITEMS)]
    """The questions, 10,000 at most; they are answered in this order."""


@routes.post(
    "/v1/business-time/due/items",
    summary="Add business time, many times",
    status_code=200,
    response_model=DueAnswers,
)
@operation("read", refuses=REFUSALS, brief=True)
async def find_due_items(db: RequestDb, request: Request, body: DueItems) -> Response:
    """When each of many targets is used up: as `/v1/business-time/due` answers to `items`."""
    question = DueQuestion.model_construct(calendar=body.calendar, items=body.items)
    return await find_due(db, request, question)


@routes.post(
    "/v1/business-time/elapsed/items",
    summary="Measure business time, many times",
    status_code=200,
    response_model=ElapsedAnswers,
)
@operation("read", refuses=REFUSALS, brief=True)
async def measure_elapsed_items(db: RequestDb, request: Request, body: ElapsedItems) -> Response:
    """How much business time many pairs enclose: as `/v1/business-time/elapsed` to `items`."""
    question = ElapsedQuestion.model_construct(calendar=body.calendar, items=body.items)
    return await measure_elapsed(db, request, question)
