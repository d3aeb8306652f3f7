"""Links for a browser: whoever holds one may read what it leads to, without a key, for a time.

A token is 32 random bytes and the account's id, as a statement link's is; its digest alone is
stored, so that nobody can read links out of the database, and none can be made outside it.
"""

from datetime import timedelta

from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.reports import links
from app.db.reports.links import Link, LinkTarget
from app.db.tickets.ticket_clocks import load_clocked_ticket
from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.services.accounts.sandboxes import use_account_clock
from app.services.reports.link_tokens import (
    MadeLink,
    make_token,
    read_token,
    require_link_term,
)


class LinkUnknown(Refusal):
    """There is nothing at this link, or the link has expired."""

    kind = "unknown"
    code = "link_unknown"
    title = "There is no such link"


class LinkedTicket(InvalidPayload):
    """A link to a timeline names its ticket, and no other link does."""

    code = "linked_ticket"
    title = "A timeline is of one ticket"


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
    require_link_term(expires_in)
    if (to == "timeline") != (ticket_id is not None):
        detail = "Give the ticket of a timeline, and of nothing else."
        raise LinkedTicket([Fault("/ticket_id", detail, LinkedTicket.code)])
    if ticket_id is not None:
        await load_clocked_ticket(db, account_id, ticket_id)
    token = make_token(account_id)
    expires_at = account.now + expires_in
    await links.insert_link(
        db,
        Link(
            account_id=account_id,
            digest=token.digest,
            target=to,
            ticket_id=ticket_id,
            created_by=caller.name,
            created_at=account.now,
            expires_at=expires_at,
        ),
    )
    return MadeLink(token.text, expires_at)


async def follow_link(db: Db, *, token: str) -> Link:
    """Return where a link leads; its account's clock is used from then on.

    Refuses with `link_unknown` what was never given out, and what has expired.
    """
    found, link = read_token(token), None
    if found is not None:
        await use_account_clock(db, found.account_id)
        link = await links.find_link(db, found.account_id, found.digest, now=db.read_clock())
    if link is None:
        raise LinkUnknown("There is nothing at this link, or the link has expired.")
    return link
