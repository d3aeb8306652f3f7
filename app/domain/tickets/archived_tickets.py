"""Archived tickets: what happened to them is in a file, and no longer in the database."""

from app.domain.access.refusals import Refusal
from app.domain.tickets.tickets import Ticket


class TicketArchived(Refusal):
    """What happened to the ticket is in an archive; `archived_in` names its file.

    What it cost stays on the statement and in the balance.
    """

    kind = "gone"
    code = "ticket_archived"
    title = "The ticket has been archived"


def require_not_archived(ticket: Ticket) -> None:
    """Refuse what needs a ticket's events, where they are in an archive."""
    if ticket.archived_in is not None:
        raise build_refusal(ticket.ticket_id, ticket.archived_in)


def build_refusal(ticket_id: str, archived_in: str) -> TicketArchived:
    """Return the refusal of a ticket that is in an archive."""
    return TicketArchived(
        f"What happened to the ticket {ticket_id!r} is in the archive {archived_in}.",
        archived_in=archived_in,
    )
