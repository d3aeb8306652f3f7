"""Links to statements: whoever holds one may read that statement until it expires, without a key.

A token is 32 random bytes and the account's id; the account is in it so that one account's rows
are all that is looked at. Its digest alone is kept, so that nobody can read links out of the
database, and none can be made outside it.
"""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.accounts.accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.reports import statement_links
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.services.accounts.sandboxes import use_account_clock
from app.services.reports.statements import AccountStatement, read_statement, require_period

_RANDOM_BYTES = 32
_LONGEST = timedelta(days=366)
_ACCOUNT_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")


class StatementUnknown(Refusal):
    """There is no statement at this link, or the link has expired."""

    kind = "unknown"
    code = "statement_unknown"
    title = "There is no such statement"


class InvalidLinkTerm(InvalidPayload):
    """A link lasts for some time, and for 366 days at most."""

    code = "invalid_link_term"
    title = "The link's term is not valid"


@dataclass(frozen=True, slots=True)
class StatementLink:
    """A link as it was made: its token, which is shown once, and its end."""

    token: str
    expires_at: datetime


async def create_statement_link(
    db: Db,
    *,
    account_id: str,
    expires_in: timedelta,
    start: datetime | None,
    end: datetime | None,
    catalog: str | None,
    caller: Caller,
) -> StatementLink:
    """Make a link to the statement of a period. Without an end it shows what is known then."""
    account = await lock_account(db, account_id)
    if not timedelta() < expires_in <= _LONGEST:
        detail = "A link lasts for some time, and for 366 days at most."
        raise InvalidLinkTerm([Fault("/expires_in", detail, InvalidLinkTerm.code)])
    require_period(start, end or account.now)
    token = secrets.token_bytes(_RANDOM_BYTES) + account_id.encode()
    # A link is opened in everybody's time, a sandbox's too.
    expires_at = db.read_wall_clock() + expires_in
    await statement_links.insert_link(
        db,
        statement_links.LinkedPeriod(
            account_id=account_id,
            digest=_digest(token),
            period_start=start,
            period_end=end,
            catalog=catalog,
            created_by=caller.name,
            created_at=account.now,
            expires_at=expires_at,
        ),
    )
    return StatementLink(base64.urlsafe_b64encode(token).decode().rstrip("="), expires_at)


async def read_linked_statement(db: Db, *, token: str) -> AccountStatement:
    """Return the statement that a link leads to, as it is now.

    Refuses with `statement_unknown` what was never given out, and what has expired.
    """
    unknown = StatementUnknown("There is no statement at this link, or the link has expired.")
    try:
        secret = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise unknown from None
    account_id = secret[_RANDOM_BYTES:]
    if _ACCOUNT_ID.fullmatch(account_id) is None:
        raise unknown
    link = await statement_links.find_link(
        db, account_id.decode(), _digest(secret), now=db.read_clock()
    )
    if link is None:
        raise unknown
    await use_account_clock(db, link.account_id)
    return await read_statement(
        db,
        account_id=link.account_id,
        start=link.period_start,
        end=link.period_end,
        catalog=link.catalog,
    )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
