"""Credits that an account is owed for broken promises."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import AccountId, Instant, MoneyWire, Wire, render_money
from app.domain.catalog.amounts import Unit
from app.domain.promises.promises import Metric, Strength
from app.domain.selling.breach_credits import Credit
from app.services.reports import breach_credits
from app.services.reports.periods import InvalidPeriod

routes = router("Accounts")


class CreditWire(Wire):
    """What the breaches of one month give on one subscription, by one of its plan's rules."""

    month: str
    """The month of the breaches in the catalogue's zone, such as 2026-11."""
    catalog: str
    """The catalogue whose promises were not kept, by its code."""
    plan: str
    """The plan whose rule gives the credit, by its code."""
    subscription_id: UUID
    """The subscription that the tickets were charged to."""
    order_id: str | None
    """The order that the subscription was bought with; null where it was given."""
    metric: Metric | None
    """The metric that the rule is for: an answer, a remedy or a resolution; null: any."""
    strength: Strength
    """Whether guarantees were broken, or targets missed."""
    breaches: int
    """How many breaches count for the credit: those that were excused do not."""
    excused: int
    """How many breaches were excused, and do not count."""
    tickets: list[str]
    """The tickets whose breaches count for the credit, by the helpdesk's own ids."""
    percent: int | None
    """The percentage of the month's price that is given; null where units are."""
    fee: MoneyWire | None
    """What the subscription costs a month; null without a price."""
    credit: MoneyWire | None
    """The amount to be given, rounded half up; null where units are given."""
    units: int | None
    """How many units are to be given; null where money is."""
    unit: Unit
    """The unit that the plan counts: incident, point or minute."""


class CreditsWire(Wire):
    """The credits that an account is due for the breaches of a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """An instant in the first month of the report."""
    to: Instant
    """The end of the report: only months that begin before this instant are in it."""
    data: list[CreditWire]
    """The credits, one for each month, subscription and rule that gives anything."""
    totals: list[MoneyWire]
    """The credits in money together, one amount for each currency."""


@routes.get("/v1/accounts/{account_id}/credits", summary="Report credits for breaches")
@operation("read", refuses=[InvalidPeriod])
async def list_credits(
    db: RequestDb,
    account_id: AccountId,
    from_: Annotated[
        Instant, Query(alias="from", description="An instant in the first month to report.")
    ],
    to: Annotated[
        Instant,
        Query(description="The end of the report: only months that begin before this instant."),
    ],
) -> CreditsWire:
    """What broken promises give by the plans that were sold, month by month.

    It is computed, and nothing is given by it: who decides grants units, or pays.
    """
    found = await breach_credits.list_credits(db, account_id=account_id, since=from_, until=to)
    totals: dict[str, int] = {}
    for each in found:
        if each.money is not None:
            totals[each.money.currency] = totals.get(each.money.currency, 0) + each.money.amount
    return CreditsWire.model_validate(
        {
            "from": from_,
            "to": to,
            "data": [_render(each) for each in found],
            "totals": [
                MoneyWire(amount=amount, currency=currency)
                for currency, amount in sorted(totals.items())
            ],
        }
    )


def _render(credit: Credit) -> CreditWire:
    order = credit.covered.order
    return CreditWire(
        month=credit.month,
        catalog=credit.covered.catalog,
        plan=credit.covered.plan.code,
        subscription_id=credit.covered.subscription_id,
        order_id=None if order is None else order.order_id,
        metric=credit.metric,
        strength=credit.strength,
        breaches=credit.breaches,
        excused=credit.excused,
        tickets=list(credit.tickets),
        percent=credit.percent,
        fee=render_money(credit.fee),
        credit=render_money(credit.money),
        units=credit.units,
        unit=credit.unit,
    )
