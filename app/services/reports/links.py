"""Links for a browser: whoever holds one may read what it leads to, without a key, for a time.

A token is 32 random bytes and the account's id, as a statement link's is; its digest alone is
stored, so that nobody can read links out of the database, and none can be made outside it.
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
from app.db.reports import links
from app.db.reports.links import Link, LinkTarget
from app.db.tickets.ticket_clocks import load_clocked_ticket
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.services.accounts.sandboxes import use_account_clock
from app.services.reports.statement_links import InvalidLinkTerm

_RANDOM_BYTES = 32
LONGEST = timedelta(days=366)
_ACCOUNT_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")


class LinkUnknown(Refusal):
    """There is nothing at this link, or the link has expired."""

    kind = "unknown"
    code = "link_unknown"
    title = "There is no such link"


class LinkedTicket(InvalidPayload):
    """A link to a timeline names its ticket, and no other link does."""

    code = "linked_ticket"
    title = "A timeline is of one ticket"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link as it was made: its token, which is shown once, and its end."""

    token: str
    expires_at: datetime


async def create_link(
    db: Db,
    *,
    account_id: str,
    to: LinkTarget,
    ticket_id: str | None,
    expires_in: timedelta,
    caller: Caller,
) -> MadeLink:
    """Make a link to an account's statement or summary, or to a ticket's timeline.

    Refuses `invalid_link_term`, `linked_ticket` and `ticket_unknown`.
    """
    account = await lock_account(db, account_id)
    if not timedelta() < expires_in <= LONGEST:
        detail = "A link lasts for some time, and for 366 days at most."
        raise InvalidLinkTerm([Fault("/expires_in", detail, InvalidLinkTerm.code)])
    if (to == "timeline") != (ticket_id is not None):
        detail = "Give the ticket of a timeline, and of nothing else."
        raise LinkedTicket([Fault("/ticket_id", detail, LinkedTicket.code)])
    if ticket_id is not None:
        await load_clocked_ticket(db, account_id, ticket_id)
    token = secrets.token_bytes(_RANDOM_BYTES) + account_id.encode()
    expires_at = account.now + expires_in
    await links.insert_link(
        db,
        Link(
            account_id=account_id,
            digest=_digest(token),
            target=to,
            ticket_id=ticket_id,
            created_by=caller.name,
            created_at=account.now,
            expires_at=expires_at,
        ),
    )
    return MadeLink(base64.urlsafe_b64encode(token).decode().rstrip("="), expires_at)


async def follow_link(db: Db, *, token: str) -> Link:
    """Return where a link leads; its account's clock is used from then on.

    Refuses with `link_unknown` what was never given out, and what has expired.
    """
    unknown = LinkUnknown("There is nothing at this link, or the link has expired.")
    try:
        secret = base64.b64decode(token + "=" * (-len(token) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        raise unknown from None
    account_id = secret[_RANDOM_BYTES:]
    if _ACCOUNT_ID.fullmatch(account_id) is None:
        raise unknown
    await use_account_clock(db, account_id.decode())
    link = await links.find_link(db, account_id.decode(), _digest(secret), now=db.read_clock())
    if link is None:
        raise unknown
    return link


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
