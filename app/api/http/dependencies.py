"""Dependencies of a route's function: the database, the caller, and the headers that it takes."""

from typing import Annotated

from fastapi import Depends, Header, Request

from app.api.http.notes import notes_of
from app.db.engine.unit_of_work import Db
from app.domain.access.callers import Caller


# Not `def`: a plain function would be run in a thread of its own.
async def get_db(request: Request) -> Db:
    """Return the request's unit of work."""
    return notes_of(request)["db"]


async def get_caller(request: Request) -> Caller:
    """Return who asks."""
    return notes_of(request)["caller"]


RequestDb = Annotated[Db, Depends(get_db)]
RequestCaller = Annotated[Caller, Depends(get_caller)]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=200,
        description="Send `*` to create only: the write is refused if the thing is there already.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The ETag of the version that was read: the write is refused if the thing has"
        " changed since.",
    ),
]
# What the frame has found out before, by its name in the request's notes.
GIVEN = {get_db: "db", get_caller: "caller"}
