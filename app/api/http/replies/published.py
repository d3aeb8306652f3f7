"""Replies made of nothing but what is published: made once, and kept in this process as bytes.

They change when a catalogue gets a new version, and then only. What this process publishes it
shows at once; what another one does, within `FRESH_SECONDS`.
"""

import hashlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.api.http.replies.compression import SMALLEST_BYTES
from app.api.http.replies.conditions import names_tag
from app.db.catalog.catalogs import list_catalogs
from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.domain.catalog.versions import PublishedCatalog

Maker = Callable[[Db], Coroutine[Any, Any, Response]]

# How long the newest versions are not looked up again.
FRESH_SECONDS = 0.25
_MOST_KEPT = 200
_LONGEST_KEY = 400

_Key = tuple[str, bytes, bytes]
_Versions = tuple[PublishedCatalog, ...]


class _Kept:
    """A reply, and the shorter one for whoever has it already (RFC 9110 §13.1.2)."""

    __slots__ = ("_tag", "_unchanged", "_whole")

    def __init__(self, reply: Response) -> None:
        reply.headers.setdefault("ETag", f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"')
        reply.headers.setdefault("Cache-Control", "no-cache")
        shared = {
            name: reply.headers[name]
            for name in ("ETag", "Cache-Control", "Vary")
            if name in reply.headers
        }
        if len(reply.body) >= SMALLEST_BYTES:  # what is compressed on the way says so
            varies = [shared[name] for name in ("Vary",) if name in shared]
            shared["Vary"] = ", ".join([*varies, "Accept-Encoding"])
        self._whole = reply
        self._unchanged = Response(status_code=304, headers=shared)
        self._tag = reply.headers["ETag"]

    def answer(self, if_none_match: str) -> Response:
        if not if_none_match:
            return self._whole
        return self._unchanged if names_tag(if_none_match, self._tag) else self._whole


class PublishedReplies:
    """The replies of this process, all of the same versions of the catalogues."""

    def __init__(self) -> None:
        self._kept: dict[_Key, _Kept] = {}
        self._versions: _Versions | None = None
        self._fresh_until = 0.0
        self._times_forgotten = 0

    def clear(self) -> None:
        """Forget every reply: something has been published."""
        self._kept.clear()
        self._fresh_until = 0.0
        self._times_forgotten += 1

    async def answer(self, request: Request, database: Database, make: Maker) -> Response:
        """Return the reply that is kept, or the one that `make` makes now."""
        key, if_none_match = _read(request)
        if time.monotonic() >= self._fresh_until:
            await self._refresh(database)
        kept = self._kept.get(key) or await self._make(key, database, make)
        return kept.answer(if_none_match)

    async def _refresh(self, database: Database) -> None:
        """Look what is published, and forget what was made of anything else."""
        began, forgotten = time.monotonic(), self._times_forgotten
        async with database.one_statement() as db:
            versions = await _list_versions(db)
        if forgotten != self._times_forgotten:
            return
        if versions != self._versions:
            self._kept.clear()
        self._versions = versions
        self._fresh_until = began + FRESH_SECONDS

    async def _make(self, key: _Key, database: Database, make: Maker) -> _Kept:
        """Make a reply, and keep it unless something was published meanwhile."""
        forgotten = self._times_forgotten
        async with database.transaction(read_only=True) as db:
            versions = await _list_versions(db)
            kept = _Kept(await make(db))
        if forgotten == self._times_forgotten and versions == self._versions:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            if sum(map(len, key)) <= _LONGEST_KEY:
                self._kept[key] = kept
        return kept


async def _list_versions(db: Db) -> _Versions:
    return tuple(await list_catalogs(db))


def _read(request: Request) -> tuple[_Key, str]:
    """Return what a reply depends on, and the tags that the caller has."""
    accept, named = b"", b""
    for name, value in request.scope["headers"]:
        if name == b"accept":
            accept = accept or value
        elif name == b"if-none-match":
            named = named + b"," + value if named else value
    return (request.scope["path"], request.scope["query_string"], accept), named.decode("latin-1")
