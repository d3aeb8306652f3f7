"""Accounts: the seller's customers, under the seller's own ids."""

from typing import Any

from app.db.accounts import accounts
from app.db.engine.database import Db
from app.domain.access.refusals import Refusal
from app.services.accounts.sandboxes import SandboxFixed


class PreconditionFailed(Refusal):
    """`If-Match` names another state of the thing than the present one."""

    kind = "stale"
    code = "precondition_failed"
    title = "The thing has changed since it was read"


def etag_of(version: int) -> str:
    """Return the entity tag of a version: strong, quoted."""
    return f'"{version}"'


def require_match(if_match: str | None, version: int | None) -> None:
    """Refuse with `precondition_failed` unless `If-Match` names this version (None: absent)."""
    if if_match is None:
        return
    named = [tag.strip() for tag in if_match.split(",")]
    if version is not None and ("*" in named or etag_of(version) in named):
        return
    raise PreconditionFailed("If-Match names another state of the thing than its present one.")


async def put_account(
    db: Db,
    *,
    account_id: str,
    name: str,
    email: str | None,
    metadata: dict[str, Any],
    sandbox: bool | None,
    if_match: str | None,
) -> tuple[Any, bool]:
    """Create the account or replace its data; return its row, and whether it is new.

    `sandbox` is said when it is made; saying otherwise later is refused (`sandbox_fixed`).
    """
    now = db.read_clock()
    values: dict[str, Any] = {"name": name, "email": email, "metadata": metadata}
    if if_match is None:
        created = await accounts.insert_account(
            db, account_id=account_id, sandbox=bool(sandbox), now=now, **values
        )
        if created:
            return await accounts.find_account(db, account_id), True
    try:
        row = await accounts.find_account(db, account_id, lock=True)
    except accounts.AccountUnknown:
        require_match(if_match, None)
        raise
    require_match(if_match, row["version"])
    if sandbox is not None and sandbox != (row["sandbox_at"] is not None):
        raise SandboxFixed("Make another account, under another id.")
    if all(row[key] == value for key, value in values.items()):
        return row, False
    return await accounts.replace_account(db, account_id=account_id, now=now, **values), False


async def patch_account(
    db: Db, *, account_id: str, changes: dict[str, Any], if_match: str | None
) -> Any:
    """Change the named fields of an account and return its row."""
    row = await accounts.find_account(db, account_id, lock=True)
    require_match(if_match, row["version"])
    values: dict[str, Any] = {
        key: changes.get(key, row[key]) for key in ("name", "email", "metadata")
    }
    return await accounts.replace_account(db, account_id=account_id, now=db.read_clock(), **values)
