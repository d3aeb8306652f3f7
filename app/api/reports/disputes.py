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
    """How the charge stands."""
    unit: str | None
    """What is counted: incidents, points, or minutes."""
    amount: int
    """What it holds and has used."""
    overage: int
    """What it used beyond what there was, to be billed."""


class DisputeLineWire(DisputeWire):
    """A disputed charge, with its ticket and its customer."""

    account_id: str
    """The customer, under the seller's own id."""
    account_name: str
    """The customer's name as put."""
    ticket_id: str
    """The helpdesk's own id of the ticket."""
    subject: str
    """What the ticket is about."""
    ticket_status: Literal["open", "paused", "resolved"]
    """How the ticket stands now."""
    catalog: str
    """The catalogue that serves it."""
    plan: str | None
    """The plan that it is charged to; null without one."""
    charge: DisputedCharge
    """What the ticket costs now."""


@routes.get("/v1/disputes", summary="List disputed charges")
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_disputes(
    db: RequestDb,
    status: Annotated[
        Literal["open", "decided"] | None, Query(description="Open, or decided; default both.")
    ] = None,
    catalog: Annotated[Code | None, Query(description="Of this catalogue only.")] = None,
    sandbox: Annotated[
        bool, Query(description="Those of sandbox accounts too, which are left out otherwise.")
    ] = False,
    order: Annotated[
        Literal["asc", "desc"], Query(description="`asc`: the one disputed first at the head.")
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
