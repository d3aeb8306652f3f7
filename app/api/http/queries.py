"""The query of a request: its parameters are known ones, and its filters name what exists."""

import difflib
import re
from collections.abc import Set as AbstractSet

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from app.api.http.wire import CODE_PATTERN, ID_PATTERN
from app.db.engine.unit_of_work import Db
from app.domain.access.refusals import MOST_LISTED
from app.services.accounts import filters

_CODE = re.compile(CODE_PATTERN)
_ID = re.compile(ID_PATTERN)
_UNKNOWN = "there is no such parameter"


def require_known_parameters(request: Request, known: AbstractSet[str]) -> None:
    """Refuse parameters that the operation does not take, with the nearest that it does.

    A misspelt `dry_run` must not move anything, and a misspelt filter must not show everything.
    """
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        faults = []
        for number, name in enumerate(unknown):
            told = _describe(name, known) if number < MOST_LISTED else _UNKNOWN
            faults.append({"loc": ("query", name), "msg": told, "type": "unknown_parameter"})
        raise RequestValidationError(faults)


async def require_filtered(request: Request, db: Db, filtered: AbstractSet[str]) -> None:
    """Refuse with `unknown_filter` what a read is filtered by and does not exist.

    What is not of the form of a code or an id is left to the operation's own validation.
    """
    asked = request.query_params
    if "catalog" in filtered and _CODE.fullmatch(asked.get("catalog", "")):
        await filters.require_catalog(db, asked["catalog"])
    if "plan" in filtered and _CODE.fullmatch(asked.get("plan", "")):
        await filters.require_plan(db, asked["plan"], catalog=asked.get("catalog"))
    if "account_id" in filtered and _ID.fullmatch(asked.get("account_id", "")):
        await filters.require_account(db, asked["account_id"])


def _describe(name: str, known: AbstractSet[str]) -> str:
    near = difflib.get_close_matches(name[:80].lower(), sorted(known), n=1)
    if near:
        return f"{_UNKNOWN}; did you mean {near[0]}?"
    taken = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
    return f"{_UNKNOWN}; {taken}"
