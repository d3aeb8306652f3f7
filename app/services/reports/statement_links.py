"""Links to statements: whoever holds one may read that statement until it expires, without a key.

A token is 32 random bytes and the account's id; the account is in it so that one account's rows
are all that is looked at. Its digest alone is kept, so that nobody can read links out of the
database, and none can be made outside it.
"""

from datetime import datetime, timedelta

from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.db.reports import statement_links
from app.domain.access.callers import Caller
from app.domain.access.refusals import Refusal
from app.services.accounts.sandboxes import use_account_clock
from app.services.reports.link_tokens import (
    MadeLink,
    make_token,
    read_token,
    require_link_term,
)
from app.services.reports.statements import AccountStatement, read_statement, require_period


class StatementUnknown(Refusal):
    """There is no statement at this link, or the link has expired."""

    kind = "unknown"
    code = "statement_unknown"
    title = "There is no such statement"


async def create_statement_link(
    db: Db,
    *,
    account_id: str,
    expires_in: timedelta,
    start: datetime | None,
    end: datetime | None,
    catalog: str | None,
    caller: Caller,
) -> MadeLink:
    """Make a link to the statement of a period. Without an end it shows what is known then."""
    account = await lock_account(db, account_id)
    require_link_term(expires_in)
    require_period(start, end or account.now)
    token = make_token(account_id)
    expires_at = account.now + expires_in
    await statement_links.insert_link(
        db,
        statement_links.LinkedPeriod(
            account_id=account_id,
            digest=token.digest,
            period_start=start,
            period_end=end,
            catalog=catalog,
            created_by=caller.name,
            created_at=account.now,
            expires_at=expires_at,
        ),
    )
    return MadeLink(token.text, expires_at)


async def read_linked_statement(db: Db, *, token: str) -> AccountStatement:
    """Return the statement that a link leads to, as it is now.

    Refuses with `statement_unknown` what was never given out, and what has expired.
    """
    found = read_token(token)
    link = None
    if found is not None:
        await use_account_clock(db, found.account_id)
        link = await statement_links.find_link(
            db, found.account_id, found.digest, now=db.read_clock()
        )
    if link is None:
        raise StatementUnknown("There is no statement at this link, or the link has expired.")
    statement = await read_statement(
        db,
        account_id=link.account_id,
        start=link.period_start,
        end=link.period_end,
        catalog=link.catalog,
    )
    return statement.for_customer()
