"""Prices of tickets on a plan: by the rate card, or one incident, or the minutes asked for."""

from collections.abc import Mapping

from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY, Rate
from app.domain.coverage.choices import list_categories, list_variables
from app.domain.coverage.requests import Request
from app.domain.values import Value, field

AMOUNT_LIMIT = 1_000_000_000


class CategoryRequired(InvalidPayload):
    """A rate card prices by category, and none was named; `choices` has its rows."""

    code = "category_required"
    title = "A category is required"


class UnknownCategory(InvalidPayload):
    """The rate card has no such category; `choices` has those that it has."""

    code = "unknown_category"
    title = "The rate card has no such category"


class VariableRequired(InvalidPayload):
    """The category's price depends on a number that was not given; `choices` names it."""

    code = "variable_required"
    title = "The price depends on a number that was not given"


class UnknownVariable(InvalidPayload):
    """A number was given that the category's price does not depend on."""

    code = "unknown_variable"
    title = "The price does not depend on this number"


class AmountRequired(InvalidPayload):
    """The category is priced upon request: an amount has to be agreed first."""

    code = "amount_required"
    title = "An agreed amount is required"


class Price(Value):
    """What a ticket costs now, in `unit`. `off_list`: only a key with `ledger:write` may ask it.

    `estimate` prices may change while the work goes on (a minimum, a range, or upon request).
    """

    unit: Unit
    amount: int
    estimate: bool = False
    off_list: bool = False


class Asked(Value):
    """What a ticket's price may depend on besides the plan and the amount."""

    category: str | None = None
    severity: int | None = None
    urgent: bool = False
    channel: Channel | None = None
    variables: Mapping[str, int] = field(default_factory=dict)


def price_ticket(*, catalog: Catalog, plan: Plan, asked: Asked, amount: int | None) -> Price:
    """Return what such a ticket costs on `plan` (DESIGN §4 "Charges").

    A bug report costs nothing on any plan. Otherwise a row of the rate card in the plan's unit
    prices it; without one, an incident plan takes one incident, an hours plan holds the minutes
    named, and a plan of points refuses with `category_required`. Of minutes, a row says what
    opening holds, and work what is used. Refuses a category or a variable that the catalogue
    does not know, on any plan.
    """
    require_known_price(catalog, asked.category, asked.variables)
    if asked.category == BUG_CATEGORY:
        return Price(plan.unit, amount or 0, off_list=bool(amount))
    rate = find_rate(catalog, plan, asked)
    if rate is not None:
        return _price_category(rate, catalog, variables=asked.variables, amount=amount)
    match plan.unit:
        case "incident":
            one = 1 if amount is None else amount
            return Price("incident", one, off_list=one != 1)
        case "minute":
            return Price("minute", amount or 0, estimate=True)
        case "point":
            detail = "Tickets here are priced by category, and none that has a price is named."
            raise CategoryRequired(
                [Fault("/category", detail, CategoryRequired.code)],
                choices=list_categories(catalog),
            )


def price_request(request: Request, *, terms: Catalog, plan: Plan) -> Price:
    """Return what a request costs on a plan."""
    asked = Asked(
        category=request.category,
        severity=request.severity,
        urgent=request.urgent,
        channel=request.channel or plan.channels[0],
        variables=request.variables,
    )
    return price_ticket(catalog=terms, plan=plan, asked=asked, amount=request.amount)


def find_rate(catalog: Catalog, plan: Plan, asked: Asked) -> Rate | None:
    """Return the row of the rate card that prices a ticket on a plan; None where none does.

    First the rows of the category that is named, those with conditions before the others, then
    the first row with conditions that are for no category.
    """
    rows = [
        row
        for row in catalog.rate_card.values()
        if row.unit == plan.unit
        and row.applies(severity=asked.severity, urgent=asked.urgent, channel=asked.channel)
    ]
    if asked.category is not None:
        named = [row for row in rows if asked.category in (row.of, row.category)]
        named.sort(key=lambda row: not row.is_conditional)
        if named:
            return named[0]
    return next((row for row in rows if row.is_conditional and row.of is None), None)


def find_list_price(*, catalog: Catalog, plan: Plan, asked: Asked) -> int | None:
    """Return the least that the list asks for such a ticket; None where it names no amount.

    Less than this needs `ledger:write`, wherever an amount is given: when a ticket is opened,
    split, revised or resolved. It is the price of what the request turned out to be, so a
    revision to `bug`, which every list has at nothing, is at the list's price, as opening it as
    one is: a seller's software bug returns all units (seed 001), and no staff's leave is needed.
    """
    if plan.unit == "minute":
        return None
    if asked.category == BUG_CATEGORY:
        return 0
    rate = find_rate(catalog, plan, asked)
    if rate is None:
        return 1
    if rate.kind == "on_request":
        return None
    return _price_category(rate, catalog, variables=asked.variables, amount=None).amount


def costs_nothing(catalog: Catalog, *, category: str | None, amount: int | None) -> bool:
    """Say whether a request costs nothing by the list, on whatever plan: it needs none.

    What is free only under conditions is so on a plan. A row of minutes never is: at nothing it
    sets nothing aside, and costs the time that is worked.
    """
    if amount:
        return False
    rate = catalog.rate_card.get(category or "")
    return category == BUG_CATEGORY or (
        rate is not None
        and rate.kind == "fixed"
        and rate.base == 0
        and rate.unit != "minute"
        and not rate.is_conditional
        and not any(row.of == category for row in catalog.rate_card.values())
    )


def require_known_price(
    catalog: Catalog, category: str | None, variables: Mapping[str, int]
) -> None:
    """Refuse a category that the rate card does not have, and variables that no price needs."""
    rate = catalog.rate_card.get(category or "")
    if category not in (None, BUG_CATEGORY) and (rate is None or rate.of is not None):
        detail = f"{catalog.title} has no category {category!r}."
        raise UnknownCategory(
            [Fault("/category", detail, UnknownCategory.code)], choices=list_categories(catalog)
        )
    of_category = [row for row in catalog.rate_card.values() if row.of == category]
    named = {row.variable for row in (rate, *of_category) if row is not None}
    unknown = sorted(set(variables) - named)
    if unknown:
        of = category or "a ticket without a category"
        raise UnknownVariable(
            [
                Fault(
                    f"/variables/{name}",
                    f"The price of {of} does not depend on {name}.",
                    UnknownVariable.code,
                )
                for name in unknown
            ],
            choices=list_variables(rate, catalog),
        )


def _price_category(
    rate: Rate, catalog: Catalog, *, variables: Mapping[str, int], amount: int | None
) -> Price:
    if rate.kind == "on_request":
        if amount is None:
            detail = f"{rate.name} is priced upon request: give the amount agreed."
            raise AmountRequired([Fault("/amount", detail, AmountRequired.code)])
        return Price(rate.unit, amount, estimate=True)
    listed = rate.base
    estimate = rate.kind in ("from", "range") or rate.unit == "minute"
    if rate.kind == "per_unit":
        listed += rate.per_unit * _read_variable(rate, variables, catalog)
    if amount is None:
        return Price(rate.unit, listed, estimate=estimate)
    if rate.unit == "minute":
        return Price(rate.unit, amount, estimate=True)
    return Price(
        rate.unit, amount, estimate=estimate, off_list=not _is_on_list(rate, listed, amount)
    )


def _is_on_list(rate: Rate, listed: int, amount: int) -> bool:
    match rate.kind:
        case "from":
            return amount >= listed
        case "range":
            return listed <= amount <= (rate.upper or listed)
        case _:
            return amount == listed


def _read_variable(rate: Rate, variables: Mapping[str, int], catalog: Catalog) -> int:
    name = rate.variable or ""
    if name not in variables:
        detail = f"{rate.name} costs {rate.base} + {rate.per_unit} × {name}: give {name}."
        raise VariableRequired(
            [Fault(f"/variables/{name}", detail, VariableRequired.code)],
            choices=list_variables(rate, catalog),
        )
    return variables[name]
