"""Replays: a retried POST with its `Idempotency-Key` happens once.

The key is claimed and the reply kept in the transaction of the effect itself, so that there is
never one without the other. A duplicate waits for the first to end.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from app.api.http.wire import ID_PATTERN
from app.db.accounts import idempotency
from app.db.accounts.locked_accounts import KeySeenError
from app.db.engine.gathered_writes import LockNeededError
from app.db.engine.unit_of_work import Db
from app.db.tables import NO_ACCOUNT
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.domain.access.repeats import StoredReply

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_MAX_KEY = 255
_ID = re.compile(ID_PATTERN)
_KEPT_HEADERS = ("content-type", "etag", "location")


class IdempotencyKeyReused(Refusal):
    """The `Idempotency-Key` was used before, for another request."""

    kind = "invalid"
    code = "idempotency_key_reused"
    title = "The Idempotency-Key belongs to another request"


class InvalidIdempotencyKey(Refusal):
    """The `Idempotency-Key` is empty, or longer than 255 characters."""

    kind = "invalid"
    code = "invalid_idempotency_key"
    title = "The Idempotency-Key is not valid"


async def write_once(
    request: Request, db: Db, handle: Handler, *, caller: Caller, key: str, secret: str | None
) -> Response:
    """Return the reply of the first request with this key, or this one's, kept with its effect.

    A key belongs to a credential, a method and a path. Only a reply of success is kept: a
    refusal undoes the transaction, and with it the claim. `secret` is the reply's field that is
    shown once.
    """
    if not 0 < len(key) <= _MAX_KEY:
        raise InvalidIdempotencyKey(f"An Idempotency-Key has 1 to {_MAX_KEY} characters.")
    account_id = request.path_params.get("account_id", NO_ACCOUNT)
    if account_id != NO_ACCOUNT and not _ID.fullmatch(account_id):
        return await handle(request)  # which refuses it
    digest = _digest(caller.name, request.method, request.url.path, key)
    request_digest = _digest(request.url.query, await request.body())
    now = db.read_wall_clock()
    if db.compares:
        response, stored = await _handle_or_find(request, db, handle, account_id, digest)
    else:
        stored = await idempotency.claim_key(
            db, account_id=account_id, digest=digest, request_digest=request_digest, now=now
        )
        response = None if stored is not None else await handle(request)
    if response is None:
        assert stored is not None  # noqa: S101  one of the two is there
        return _replay(stored, request_digest)
    await idempotency.store_reply(
        db,
        account_id=account_id,
        digest=digest,
        request_digest=request_digest,
        now=now,
        status=response.status_code,
        headers={
            name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
        },
        body=_without_secret(bytes(response.body), secret),
    )
    return response


async def _handle_or_find(
    request: Request, db: Db, handle: Handler, account_id: str, digest: bytes
) -> tuple[Response | None, StoredReply | None]:
    """Return the request's reply, or the one that is stored by its key.

    Whether there is one is read with the account's row; where it is refused before that, a reply
    that is stored goes before.
    """
    db.key_digest = digest
    try:
        return await handle(request), None
    except KeySeenError:
        stored = await idempotency.find_reply(db, account_id=account_id, digest=digest)
        if stored is None or stored.status is None:  # removed since, or not whole
            raise LockNeededError from None
        return None, stored
    except (Refusal, RequestValidationError):
        if db.comparison is None:
            stored = await idempotency.find_reply(db, account_id=account_id, digest=digest)
            if stored is not None and stored.status is not None:
                return None, stored
        raise


def _replay(stored: StoredReply, request_digest: bytes) -> Response:
    if stored.request_digest != request_digest:
        raise IdempotencyKeyReused("This Idempotency-Key was used before, for another request.")
    return Response(
        stored.body,
        status_code=stored.status or 200,
        headers={**(stored.headers or {}), "Idempotent-Replayed": "true"},
    )


def _without_secret(body: bytes, secret: str | None) -> bytes:
    if secret is None:
        return body
    shown = json.loads(body)
    shown.pop(secret, None)
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(*parts: str | bytes) -> bytes:
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big"))
        found.update(data)
    return found.digest()
