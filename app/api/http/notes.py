"""Notes of requests: what the frame finds out on the way, for whatever looks at them later."""

from typing import TypedDict

from fastapi import Request

from app.db.engine.unit_of_work import Db
from app.domain.access.callers import Caller


class Notes(TypedDict, total=False):
    """What is noted of a request in its scope, where the log and the figures find it too.

    `key_name` is whose key it is, as far as that is known, and `key_counted` whether the request
    was counted to them; `received`: the whole body has arrived, or none is taken; `read`: it was
    read as well, without the `left_out` fields that nobody takes. `dry_run`: nothing of it is
    kept; `problem` is the code of what it was refused with.
    """

    key_name: str | None
    key_counted: bool
    received: bool
    read: bool
    left_out: int
    db: Db
    counted: list[tuple[str, dict[str, str]]]
    caller: Caller
    dry_run: bool
    problem: str


def notes_of(request: Request) -> Notes:
    """Return what has been noted of a request so far."""
    noted: Notes = request.scope.setdefault("state", {})
    return noted
