"""List prices: what a ticket would cost by its catalogue, and who may charge less."""

from collections.abc import Mapping

from app.db.engine.unit_of_work import Db
from app.db.metering import sessions
from app.domain.access.callers import Caller
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.coverage.pricing import Asked, find_list_price
from app.domain.tickets.tickets import Ticket


async def find_listed_amount(
    db: Db,
    ticket: Ticket,
    terms: Catalog,
    plan: Plan,
    *,
    category: str | None,
    variables: Mapping[str, int],
) -> int:
    """Return the least that the list asks for a ticket, its sessions included."""
    asked = describe_asked(ticket, category=category, variables=variables)
    listed = find_list_price(catalog=terms, plan=plan, asked=asked)
    if listed is None:
        return 0
    rows = await sessions.load_ticket_sessions(db, ticket.account_id, ticket.ticket_id)
    return listed + sum(each.charged for each in rows)


def describe_asked(ticket: Ticket, *, category: str | None, variables: Mapping[str, int]) -> Asked:
    """Return what the price of a ticket depends on, as it is now."""
    return Asked(
        category=category,
        severity=ticket.severity,
        urgent=ticket.urgent,
        channel=ticket.channel,
        variables=variables,
    )


def require_on_list(amount: int, listed: int, *, caller: Caller) -> None:
    """Require `ledger:write` for less than the list asks."""
    if amount < listed:
        caller.require("ledger:write", why="A price below the list")
