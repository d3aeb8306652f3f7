"""Overage: what was used beyond plans, to be billed."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from app.api.http.replies.media import CSV, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Instant, MoneyWire, Wire, render_money
from app.domain.catalog.amounts import Unit
from app.services.ledger.balances import SequenceAhead
from app.services.metering import overage
from app.services.metering.overage import EmptyPeriod, OverageLine

routes = router("Work")

_COLUMNS = (
    "ticket_id",
    "subject",
    "catalog",
    "plan",
    "on_demand",
    "minutes",
    "rate_amount",
    "rate_currency",
    "money_amount",
    "money_currency",
    "worked",
    "unit",
    "amount",
    "price_amount",
    "price_currency",
)


class OverageLineWire(Wire):
    """What one ticket used beyond its plan."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What it is about."""
    catalog: str
    """The catalogue of the ticket's plan."""
    plan: str | None
    """Its plan; null: served on demand."""
    on_demand: bool
    """Served without a plan: all of its work is billed."""
    minutes: int
    """How many of those that count are to be billed; 0 where it is another unit."""
    unit: Unit
    """What is counted: minutes, or incidents or points beyond the allowance."""
    amount: int
    """How many units are to be billed."""
    worked: int
    """All minutes worked on it in the period, those that its plan covers among them."""
    rate: MoneyWire | None
    """The price of an hour; null: none is published, or no time is billed."""
    price: MoneyWire | None
    """The price of one unit, where that is no time; null: none is published."""
    money: MoneyWire | None
    """What it comes to, rounded half up; null: no price is published."""


class OverageWire(Wire):
    """What is to be billed for a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """From this instant on."""
    to: Instant
    """And before this one."""
    data: list[OverageLineWire]
    """What is to be billed, by ticket."""
    total_minutes: int
    """All of the minutes together."""
    sequence: int
    """As known at this movement of the account's units."""


@routes.get(
    "/v1/accounts/{account_id}/overage",
    summary="Report overage to bill",
    response_model=OverageWire,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
@operation("read", refuses=[EmptyPeriod, SequenceAhead])
async def report_overage(
    db: RequestDb,
    request: Request,
    account_id: AccountId,
    from_: Annotated[Instant, Query(alias="from", description="Work from here on.")],
    to: Annotated[Instant, Query(description="Only what was before this instant.")],
    sequence: Annotated[
        int | None, Query(ge=0, le=2**62, description="Of the movements up to this number.")
    ] = None,
) -> OverageWire | Response:
    """What was used beyond plans in a billing period, by ticket, with its price; JSON or CSV.

    Time has a rate for an hour; incidents and points have a price each.
    """
    report = await overage.report_overage(
        db, account_id=account_id, since=from_, until=to, sequence=sequence
    )
    if choose_media_type(request.headers.get("Accept"), (JSON, CSV)) == CSV:
        name = f"overage-{account_id}-{report.sequence}"
        return answer_csv(request, _COLUMNS, map(_row, report.lines), name=name)
    return OverageWire.model_validate(
        {
            "from": from_,
            "to": to,
            "data": [_render_line(line) for line in report.lines],
            "total_minutes": sum(line.minutes for line in report.lines),
            "sequence": report.sequence,
        }
    )


def _render_line(line: OverageLine) -> OverageLineWire:
    return OverageLineWire(
        ticket_id=line.ticket_id,
        subject=line.subject,
        catalog=line.catalog,
        plan=line.plan,
        on_demand=line.on_demand,
        minutes=line.minutes,
        unit=line.unit,
        amount=line.amount,
        worked=line.worked,
        rate=render_money(line.rate),
        price=render_money(line.price),
        money=render_money(line.money),
    )


def _row(line: OverageLine) -> list[Any]:
    said: list[Any] = [line.ticket_id, line.subject, line.catalog, line.plan, line.on_demand]
    said.append(line.minutes)
    for money in (line.rate, line.money):
        said += [None, None] if money is None else [money.amount, money.currency]
    said += [line.worked, line.unit, line.amount]
    price = line.price
    said += [None, None] if price is None else [price.amount, price.currency]
    return said
