"""Accounts: the seller's customers, under the seller's own ids."""

import json
from collections.abc import Mapping
from typing import Any

from app.db.accounts import accounts, locked_accounts
from app.db.accounts.account_moves import find_account_move
from app.db.engine.unit_of_work import Db
from app.domain.access.accounts import Account
from app.domain.access.merge_patches import merge_patch
from app.domain.access.refusals import Fault, InvalidPayload
from app.services.accounts.preconditions import PreconditionFailed, etag_of, require_match
from app.services.accounts.sandboxes import SandboxFixed

__all__ = [
    "MetadataTooLarge",
    "PreconditionFailed",
    "etag_of",
    "patch_account",
    "put_account",
    "require_match",
]

MOST_METADATA_BYTES = 16_384


class MetadataTooLarge(InvalidPayload):
    """What is kept with an account would be more than 16 KiB together."""

    code = "metadata_too_large"
    title = "The metadata is too large"


_NEW: Mapping[str, Any] = {"email": None, "region": None, "metadata": {}}


async def put_account(
    db: Db,
    *,
    account_id: str,
    given: Mapping[str, Any],
    sandbox: bool | None,
    if_match: str | None,
    if_none_match: str | None,
) -> tuple[Account, bool]:
    """Create the account or replace its data; return it, and whether it is new.

    `given` has its name, and of the rest what was named: what was not stays as it is. `sandbox`
    is set when it is made; another value later is refused (`sandbox_fixed`).
    """
    now = db.read_clock()
    if if_match is None:
        created = await accounts.insert_account(
            db, account_id=account_id, sandbox=bool(sandbox), now=now, **{**_NEW, **given}
        )
        if created:
            # Seen only now if it was moved away a moment ago.
            if await find_account_move(db, account_id) is not None:
                raise accounts.AccountUnknown(f"There is no account {account_id!r} any more.")
            return await accounts.find_account(db, account_id), True
    try:
        account = await accounts.find_account(db, account_id, lock=True)
    except accounts.AccountUnknown:
        require_match(if_match, None)
        raise
    require_match(if_match, account.version, if_none_match=if_none_match)
    if sandbox is not None and sandbox != (account.sandbox_at is not None):
        raise SandboxFixed("Make another account, under another id.")
    return await _replace(db, account, given), False


async def patch_account(
    db: Db, *, account_id: str, changes: Mapping[str, Any], if_match: str | None
) -> Account:
    """Change the named fields of an account, metadata member by member, and return it."""
    account = await accounts.find_account(db, account_id, lock=True)
    require_match(if_match, account.version)
    values = dict(changes)
    if "metadata" in values:
        patch = changes["metadata"]
        values["metadata"] = {} if patch is None else _merge(account, patch)
    return await _replace(db, account, values)


def _merge(account: Account, patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = merge_patch(account.metadata, patch)
    if len(json.dumps(merged)) > MOST_METADATA_BYTES:
        detail = f"The metadata would have more than {MOST_METADATA_BYTES} bytes."
        raise MetadataTooLarge([Fault("/metadata", detail, MetadataTooLarge.code)])
    return merged


async def _replace(db: Db, account: Account, values: Mapping[str, Any]) -> Account:
    """Write the account with these values, unless it has them all."""
    whole = {name: getattr(account, name) for name in ("name", "email", "region", "metadata")}
    if all(whole[name] == value for name, value in values.items()):
        return account
    if values.get("name", account.name) != account.name:
        (await locked_accounts.lock_account(db, account.account_id)).record_summary()
    return await accounts.replace_account(
        db, account_id=account.account_id, now=db.read_clock(), **{**whole, **values}
    )
