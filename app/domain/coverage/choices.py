"""Choices: what a request may have instead, where it names nothing or something unknown."""

from collections.abc import Iterable

from app.domain.access.refusals import Choice
from app.domain.catalog.amounts import write_amount
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.rate_cards import BUG_CATEGORY, Rate

_BUG = Choice(BUG_CATEGORY, "Bug report", "A defect of the software; it costs nothing.")


def list_plans(terms: Catalog) -> list[Choice]:
    """Return the catalogue's plans, the one drawn upon first at the head."""
    plans = sorted(terms.plans.values(), key=lambda plan: plan.rank)
    return [Choice(plan.code, plan.name, plan.description) for plan in plans]


def list_categories(terms: Catalog) -> list[Choice]:
    """Return the rows of the rate card with what each costs, and the bug report."""
    rates = [each for each in terms.rate_card.values() if each.of is None]
    return [
        *(
            Choice(each.category, each.name, _define_rate(each, terms), each.examples)
            for each in rates
        ),
        _BUG,
    ]


def list_topics(terms: Catalog) -> list[Choice]:
    """Return the catalogue's topics, in scope and out of it."""
    return [
        Choice(
            topic.code,
            topic.name,
            topic.note or (None if topic.included else "Not included; for an additional fee."),
        )
        for topic in terms.topics.values()
    ]


def list_severities(terms: Catalog) -> list[Choice]:
    """Return the levels of severity: as the seller defines them, or as its promises name them."""
    if terms.severities:
        return [
            Choice(each.level, each.name, each.definition, each.examples)
            for each in terms.severities.values()
        ]
    return [Choice(level, f"Severity {level}") for level in known_severities(terms)]


def known_severities(terms: Catalog) -> list[int]:
    """Return the levels that a catalogue defines, or else that its plans' promises name."""
    if terms.severities:
        return sorted(terms.severities)
    promises = [promise for plan in terms.plans.values() for promise in plan.promises]
    return sorted({level for promise in promises for level in promise.severities})


def list_sites(sites: Iterable[str]) -> list[Choice]:
    """Return the stores that an account's cover is for."""
    return [Choice(site, site) for site in sites]


def list_variables(rate: Rate | None, terms: Catalog) -> list[Choice]:
    """Return the number that a category's price depends on, if it does."""
    if rate is None or rate.variable is None:
        return []
    name = rate.variable.replace("_", " ")
    definition = f"How many {name} there are. {_price_rate(rate, terms)}"
    return [Choice(rate.variable, f"Number of {name}", definition)]


def _define_rate(rate: Rate, terms: Catalog) -> str:
    """Return what belongs to a category: as the seller defines it or heads it, and its prices."""
    about = rate.definition or rate.group
    others = [each for each in terms.rate_card.values() if each.of == rate.category]
    prices = " ".join(_price_rate(each, terms) for each in (rate, *others))
    return f"{about.rstrip('.')}. {prices}" if about else prices


def _price_rate(rate: Rate, terms: Catalog) -> str:
    """Return what a row costs in a sentence: "It costs at least 100 points."."""
    base = write_amount(rate.base, rate.unit, terms.names)
    when = _write_conditions(rate, terms)
    if rate.unit == "minute" and rate.kind != "on_request":
        aside = f"; {base} set aside at first" if rate.base else ""
        return f"It costs the time that is worked on it{when}{aside}."
    match rate.kind:
        case "fixed":
            return f"It costs {base if rate.base else 'nothing'}{when}."
        case "from":
            return f"It costs at least {base}{when}."
        case "range":
            upper = write_amount(rate.upper or rate.base, rate.unit, terms.names)
            return f"It costs {rate.base} to {upper}{when}."
        case "per_unit":
            each = write_amount(rate.per_unit, rate.unit, terms.names)
            name = (rate.variable or "").replace("_", " ")
            return f"It costs {base}, and {each} times the number of {name}{when}."
        case "on_request":
            return f"Its price is agreed upon request{when}."


def _write_conditions(rate: Rate, terms: Catalog) -> str:
    """Return when a row is the price, as the end of a sentence; nothing where it always is."""
    parts = []
    if rate.urgent is not None:
        parts.append("if it is urgent" if rate.urgent else "if it is not urgent")
    if rate.severities:
        parts.append("of severity " + " or ".join(map(str, sorted(rate.severities))))
    if rate.channels:
        names = [each.name for code, each in terms.channels.items() if code in rate.channels]
        parts.append("by " + " or ".join(names))
    return "".join(f" {part}" for part in parts)
