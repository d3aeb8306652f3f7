"""Erasure: what is known of a person goes, units, money and times stay."""

import json
from typing import Any

from app.db.accounts import accounts, contacts, erasures, locked_accounts
from app.db.engine.unit_of_work import Db
from app.domain.access.accounts import Account
from app.services.accounts.preconditions import require_match

_PERSONAL: dict[str, Any] = {"name": "", "email": None, "region": None, "metadata": {}}
# What is personal of the replies that are kept for retries.
_PERSONAL_MEMBERS = ("subject", "contact", "requester")


async def erase_account(
    db: Db, *, account_id: str, reason: str, actor: str, if_match: str | None
) -> Account:
    """Blank the account's name, e-mail and metadata, its tickets' subjects and sessions' contacts.

    The copies of them that are kept with tickets and for retried requests go too. Everything
    counted stays: units, money, times, and the ledger's own words (reasons, actors), which
    cannot be changed. Where there is nothing left to blank, nothing changes. Refuses with
    `precondition_failed` an account that is another than `if_match` names.
    """
    row = await accounts.find_account(db, account_id, lock=True)
    require_match(if_match, row.version)
    now = db.read_clock()
    blanked = await erasures.blank_subjects(db, account_id)
    blanked += await erasures.blank_contacts(db, account_id)
    blanked += await contacts.remove_contacts(db, account_id)
    blanked += await _blank_replies(db, account_id)
    is_blank = all(getattr(row, name) == empty for name, empty in _PERSONAL.items())
    if row.erased_at is not None and is_blank and not blanked:
        return row
    (await locked_accounts.lock_account(db, account_id)).record_summary()
    erasure = {"reason": reason, "actor": actor}
    return await erasures.blank_account(db, account_id, erasure=erasure, now=now)


async def _blank_replies(db: Db, account_id: str) -> int:
    """Blank what is personal in the replies kept for retries, and count those that had any."""
    found = [
        (digest, blanked)
        async for digest, body in erasures.walk_replies(db, account_id)
        if (blanked := _blank_body(body)) is not None
    ]
    for digest, body in found:
        await erasures.replace_reply(db, account_id, digest=digest, body=body)
    return len(found)


def _blank_body(body: bytes) -> bytes | None:
    """Return the reply without what is personal, or None where there is nothing to blank."""
    if not any(f'"{name}"'.encode() in body for name in _PERSONAL_MEMBERS):
        return None
    document = json.loads(body)
    blanked = _blank(document)
    if blanked == document:
        return None
    return json.dumps(blanked, ensure_ascii=False, separators=(",", ":")).encode()


def _blank(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: "" if name in _PERSONAL_MEMBERS and isinstance(inner, str) else _blank(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_blank(each) for each in value]
    return value
