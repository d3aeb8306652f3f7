"""What a ticket costs on a plan: one incident, its category's points, or the minutes asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import BUG_CATEGORY, Catalog, Plan, Rate, Unit

AMOUNT_LIMIT = 1_000_000_000


class CategoryRequired(InvalidPayload):
    """A rate card prices by category, and none was named."""

    code = "category_required"
    title = "A category is required"


class UnknownCategory(InvalidPayload):
    """The rate card has no such category."""

    code = "unknown_category"
    title = "The rate card has no such category"


class VariableRequired(InvalidPayload):
    """The category's price depends on a number that was not given."""

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


@dataclass(frozen=True, slots=True)
class Price:
    """What a ticket costs now, in `unit`. `off_list`: only a key with `ledger:write` may ask it.

    `estimate` prices may change while the work goes on (a minimum, a range, or upon request).
    """

    unit: Unit
    amount: int
    estimate: bool = False
    off_list: bool = False


def price_ticket(
    *,
    catalog: Catalog,
    plan: Plan,
    category: str | None,
    variables: Mapping[str, int],
    amount: int | None,
) -> Price:
    """Return what such a ticket costs on `plan` (docs/concepts.md).

    A bug report costs nothing on any plan. An incident plan takes one incident, an hours plan
    holds the minutes named, a rate card its category's points.
    """
    if category == BUG_CATEGORY:
        return Price(plan.unit, amount or 0, off_list=bool(amount))
    match plan.unit:
        case "incident":
            one = 1 if amount is None else amount
            return Price("incident", one, off_list=one != 1)
        case "minute":
            return Price("minute", amount or 0, estimate=True)
        case "point":
            return _price_category(
                _find_rate(catalog, category), variables=variables, amount=amount
            )


def _find_rate(catalog: Catalog, category: str | None) -> Rate:
    if category is None:
        detail = "Tickets here are priced by category, and none is named."
        raise CategoryRequired([Fault("/category", detail, CategoryRequired.code)])
    rate = catalog.rate_card.get(category)
    if rate is None:
        detail = f"The rate card of {catalog.code} has no category {category!r}."
        raise UnknownCategory([Fault("/category", detail, UnknownCategory.code)])
    return rate


def _price_category(rate: Rate, *, variables: Mapping[str, int], amount: int | None) -> Price:
    _refuse_unknown_variables(rate, variables)
    if rate.kind == "on_request":
        if amount is None:
            detail = f"{rate.name} is priced upon request: give the amount agreed."
            raise AmountRequired([Fault("/amount", detail, AmountRequired.code)])
        return Price("point", amount, estimate=True)
    listed = rate.base
    if rate.kind == "per_unit":
        listed += rate.per_unit * _read_variable(rate, variables)
    if amount is None:
        return Price("point", listed, estimate=rate.kind in ("from", "range"))
    return Price(
        "point",
        amount,
        estimate=rate.kind in ("from", "range"),
        off_list=not _is_on_list(rate, listed, amount),
    )


def _is_on_list(rate: Rate, listed: int, amount: int) -> bool:
    match rate.kind:
        case "from":
            return amount >= listed
        case "range":
            return listed <= amount <= (rate.upper or listed)
        case _:
            return amount == listed


def _read_variable(rate: Rate, variables: Mapping[str, int]) -> int:
    name = rate.variable or ""
    if name not in variables:
        detail = f"{rate.name} costs {rate.base} + {rate.per_unit} × {name}: give {name}."
        raise VariableRequired([Fault(f"/variables/{name}", detail, VariableRequired.code)])
    return variables[name]


def _refuse_unknown_variables(rate: Rate, variables: Mapping[str, int]) -> None:
    unknown = sorted(set(variables) - {rate.variable})
    if unknown:
        raise UnknownVariable(
            [
                Fault(
                    f"/variables/{name}",
                    f"The price of {rate.category} does not depend on {name}.",
                    UnknownVariable.code,
                )
                for name in unknown
            ]
        )
