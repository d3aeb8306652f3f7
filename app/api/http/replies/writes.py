"""Writes: a dry run leaves nothing, and a POST with an `Idempotency-Key` happens once."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from app.api.http.access import Access
from app.api.http.notes import notes_of
from app.api.http.replies.replays import Handler, write_once
from app.db.engine.unit_of_work import Db


async def answer_write(request: Request, db: Db, access: Access, handle: Handler) -> Response:
    """Return the reply of a write: of a dry run, which has no effect, or of one that is kept."""
    notes_of(request)["dry_run"] = db.rollback_only = _read_dry_run(request)
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST" or db.rollback_only:
        response = await handle(request)
        if db.rollback_only:
            response.headers["Dry-Run"] = "true"
        return response
    return await write_once(
        request, db, handle, caller=notes_of(request)["caller"], key=key, secret=access.secret
    )


def _read_dry_run(request: Request) -> bool:
    if not request.scope["query_string"]:
        return False
    asked = request.query_params.get("dry_run", "false").lower()
    if asked in ("true", "1"):
        return True
    if asked in ("false", "0"):
        return False
    raise RequestValidationError(
        [{"loc": ("query", "dry_run"), "msg": "give true or false", "type": "bool_parsing"}]
    )
