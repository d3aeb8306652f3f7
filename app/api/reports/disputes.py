"""Disputed charges over all accounts: what is to be decided, and what was."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query

from app.api.http.paging import cut_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Cursor,
    InvalidCursor,
    Limit,
    Page,
    Wire,
    read_cursor,
)
from app.api.tickets.ticket_shapes import DisputeWire, render_dispute
from app.domain.reports.disputes import DisputeLine
from app.domain.tickets.charges import ChargeStatus
from app.services.reports import disputes

routes = router("Charges")

_LATEST = datetime(9999, 12, 31, tzinfo=UTC)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class DisputedCharge(Wire):
    """What a ticket whose charge is disputed costs now."""

    status: ChargeStatus
    """What has become of the charge: held, settled, returned, refunded, or overage."""
    unit: str | None
    """The unit that the charge counts: incident, point or minute; null where nothing is counted."""
    amount: int
    """How many units the ticket holds and has used."""
    overage: int
    """How many units were used beyond what there was, to be billed."""


class DisputeLineWire(DisputeWire):
    """A disputed charge, with the ticket and the customer that it is of."""

    account_id: str
    """The customer's account, by the seller's own id."""
    account_name: str
    """The customer's name, as the account has it."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    ticket_status: Literal["open", "paused", "resolved"]
    """Whether the ticket is open, paused or resolved now."""
    catalog: str
    """The catalogue that the ticket is served under, by its code."""
    plan: str | None
    """The plan that the ticket is charged to; null without one."""
    charge: DisputedCharge
    """The charge of the ticket as it is now."""


@routes.get("/v1/disputes", summary="List disputed charges")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_disputes(
    db: RequestDb,
    status: Annotated[
        Literal["open", "decided"] | None,
        Query(
            description="Return only disputes that are open, or only those that are decided;"
            " default both."
        ),
    ] = None,
    catalog: Annotated[
        Code | None,
        Query(description="Return only disputes of tickets of this catalogue, by its code."),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether disputes of sandbox accounts are listed as well; left out, they"
            " are not."
        ),
    ] = False,
    order: Annotated[
        Literal["asc", "desc"],
        Query(
            description="Whether the last disputed come first (`desc`, the default) or the first"
            " disputed (`asc`)."
        ),
    ] = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DisputeLineWire]:
    """Charges that customers dispute or have disputed, the last disputed at the head.

    A dispute is decided at its ticket, `POST …/dispute/decision`.
    """
    start = (_EARLIEST, "", "") if order == "asc" else (_LATEST, "~", "~")
    after = read_cursor(cursor, datetime, str, str) or start
    found = await disputes.list_disputes(
        db,
        status=status,
        catalog=catalog,
        sandbox=sandbox,
        after=(after[0], after[1], after[2]),
        earliest_first=order == "asc",
        limit=limit + 1,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda line: (line.opened_at, line.account_id, line.ticket_id),
        render=_render,
    )


def _render(line: DisputeLine) -> DisputeLineWire:
    return DisputeLineWire(
        **render_dispute(line.dispute).model_dump(),
        account_id=line.account_id,
        account_name=line.account_name,
        ticket_id=line.ticket_id,
        subject=line.subject,
        ticket_status=line.ticket_status,
        catalog=line.catalog,
        plan=line.plan,
        charge=DisputedCharge(
            status=line.charge_status,
            unit=line.charge_unit,
            amount=line.charge_amount,
            overage=line.overage_amount,
        ),
    )
