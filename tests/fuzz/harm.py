"""Harm: what no reply may be, whatever was asked, and a ledger that does not add up."""

import json

from app.db.engine.database import Database
from app.services.ledger import verification
from app.services.ledger.verification import Verification
from tests.fuzz.hostile import Draft
from tests.support.raw_http import Reply

SLOW_SECONDS = 5
# What the server says, without the application, of what is no HTTP.
NO_HTTP = b"Invalid HTTP request received."


def find_wrong(draft: Draft, reply: Reply, took_s: float) -> str | None:
    """Return what no reply may be, whatever was asked."""
    if reply.status >= 500:
        return "an error of ours"
    if took_s > SLOW_SECONDS:
        return f"it took {took_s:.1f} s"
    if reply.body == NO_HTTP:
        return None
    if "x-request-id" not in reply.headers or "content-security-policy" not in reply.headers:
        return "a reply without its headers"
    if reply.status < 400 or draft.method == "HEAD":
        return None
    if reply.headers["content-type"] != "application/problem+json":
        return "no problem"
    problem = json.loads(reply.body)
    if problem["status"] != reply.status or problem["type"] != f"/problems/{problem['code']}":
        return "a problem that is not one"
    return None


async def verify_ledger(url: str) -> None:
    """Recompute every balance that there is."""
    database = Database(url, pool_size=1)
    await database.open()
    found, after = Verification(), ""
    async with database.transaction(read_only=True) as db:
        while page := await verification.list_next_accounts(db, after=after):
            for account_id in page:
                await verification.verify_account(db, account_id, into=found)
            after = page[-1]
    await database.close()
    assert found.accounts >= 2
    assert list(found.describe()) == []
