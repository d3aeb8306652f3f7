"""Overage: what was used beyond plans, to be billed."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from app.api.http.replies.media import CSV, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Instant, LastSequence, MoneyWire, Wire, render_money
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
    "rated_minutes",
)


class OverageLineWire(Wire):
    """What one ticket used beyond its plan, in one unit."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    catalog: str
    """The catalogue that the ticket is served under, by its code."""
    plan: str | None
    """The plan that the ticket is on; null: served on demand, without one."""
    on_demand: bool
    """Whether the ticket is served without a plan, so that all of its work is billed."""
    minutes: int
    """How many minutes are to be billed, as the plan counts them; 0 where another unit is
    billed."""
    unit: Unit
    """The unit that is billed: minutes, or incidents or points beyond the allowance."""
    amount: int
    """How many units are to be billed for the ticket."""
    worked: int
    """All minutes worked on the ticket in the period, those that its plan covers among them."""
    rated_minutes: int
    """The minutes that the rate is for: those counted, or those worked, as its seller says."""
    rate: MoneyWire | None
    """The price of an hour; null: none is published, or no time is billed."""
    price: MoneyWire | None
    """The price of one incident or point; null: none is published, or time is billed."""
    money: MoneyWire | None
    """The amount to be billed, rounded half up; null: no price is published."""


class OverageWire(Wire):
    """What is to be billed for a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """The instant at which the billing period begins."""
    to: Instant
    """The instant at which the billing period ends, itself excluded."""
    data: list[OverageLineWire]
    """The tickets that used something beyond their plans, one line for each and its unit."""
    total_minutes: int
    """The minutes of all lines together."""
    sequence: int
    """The number of the last movement of the account's units that is counted in."""


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
    from_: Annotated[
        Instant, Query(alias="from", description="The instant at which the billing period begins.")
    ],
    to: Annotated[
        Instant, Query(description="The instant at which the billing period ends, itself excluded.")
    ],
    sequence: LastSequence = None,
) -> OverageWire | Response:
    """What was used beyond plans in a billing period, by ticket, with its price; JSON or CSV.

    Time has a rate for an hour; incidents and points have a price each. A ticket has a line for
    each rate, where these differ by when it was worked on.
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
        rated_minutes=line.rated,
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
    said.append(line.rated)
    return said
