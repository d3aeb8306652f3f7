"""Rules in words: how time is counted, what it costs beyond a plan, what is given if broken."""

from collections.abc import Iterable

from babel.numbers import format_decimal

from app.api.catalog.price_texts import describe_money
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.conditions import TicketConditions
from app.domain.catalog.counting import Counting, Factor
from app.domain.catalog.hourly_rates import HourlyRate
from app.domain.catalog.plans import Plan
from app.domain.promises.credit_rules import CreditShare
from app.domain.promises.promises import Promise


def describe_counting(counting: Counting | None, catalog: Catalog, words: Words) -> str:
    """Return how minutes are counted: "At least 1 hour, then each 15 minutes begun; ..."."""
    if counting is None:
        return ""
    texts = []
    if words.names.time is not None:
        texts.append(f"{words.noun('minute', 1)} = {words.minutes(words.names.time.minutes)}")
    rounded = _describe_rounding(counting.least, counting.step, words)
    texts += [rounded] if rounded else []
    for each in counting.roundings:
        least, step = each.least or counting.least, each.step or counting.step
        text = _describe_rounding(least, step, words) or words("as_worked")
        texts.append(_name_tickets(text, each, catalog, words))
    if counting.over != "work" and (rounded or counting.roundings):
        texts.append(words(f"counted_over_{counting.over}"))
    texts += [_describe_factor(each, catalog, words) for each in counting.factors]
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}"


def describe_rates(rates: Iterable[HourlyRate], catalog: Catalog, words: Words) -> str | None:
    """Return what an hour to be billed costs; None where that is not published."""
    return "; ".join(_describe_rate(each, catalog, words) for each in rates) or None


def describe_without_plan(catalog: Catalog, words: Words) -> str:
    """Return what becomes of a request without a plan: what it costs, and how it is counted."""
    time = catalog.policies.time
    texts = [
        describe_rates(time.rates, catalog, words),
        describe_counting(time.counting, catalog, words),
    ]
    counted = ". ".join(each for each in texts if each)
    return " ".join(each for each in (catalog.policies.without_plan_text, counted) if each)


def _describe_rate(rate: HourlyRate, catalog: Catalog, words: Words) -> str:
    """Return a rate for an hour, and when it holds: "€180 an hour, if it is urgent"."""
    price = describe_money(rate.per_hour, words)
    text = words("per_hour" if rate.hours == "counted" else "per_hour_worked", price=price)
    if rate.calendar is not None:
        key = "rate_in" if rate.inside else "rate_outside"
        text = words(key, text=text, hours=_name_hours(rate.calendar, catalog, words))
    for name in _name_conditions(rate, catalog, words):
        text = words("rate_for", text=text, name=name)
    return words("rate_if_urgent", text=text) if rate.urgent else text


def describe_monthly_limits(plan: Plan, catalog: Catalog, words: Words) -> str:
    """Return how many tickets a month takes, but for urgent ones of any severity."""
    texts = []
    for limit in plan.monthly_limits:
        if limit.urgent and not limit.severities:
            continue
        text = words("at_most", count=words.number(limit.at_most))
        if limit.severities:
            names = name_severities(limit.severities, catalog, words)
            text = words("limit_for", text=text, names=names)
        texts.append(words("rate_if_urgent", text=text) if limit.urgent else text)
    return "; ".join(texts)


def name_severities(levels: Iterable[int], catalog: Catalog, words: Words) -> str:
    """Return the names of levels of severity: "Critical, High"."""
    known = catalog.severities
    return ", ".join(
        known[level].name if level in known else words("severity_bare", level=level)
        for level in sorted(levels)
    )


def describe_credits(plan: Plan, words: Words) -> str:
    """Return what broken promises give within a month."""
    texts = []
    for rule in plan.credits:
        metric = words("times" if rule.metric is None else rule.metric)
        if rule.each is not None:
            each = _describe_share(rule.each, plan, words)
            texts.append(words("credit_each", metric=metric, share=each))
        for count, share in rule.steps:
            given = _describe_share(share, plan, words)
            texts.append(words("credit_from", metric=metric, count=count, share=given))
    return "; ".join(texts)


def describe_conditions(promise: Promise, catalog: Catalog, words: Words) -> str:
    """Return what a promise is for, where that is not everything: "E-mail, Themes"."""
    names = [each.name for code, each in catalog.channels.items() if code in promise.channels]
    names += [each.name for code, each in catalog.topics.items() if code in promise.topics]
    for code in sorted(promise.categories):
        row = catalog.rate_card.get(code)
        names.append(words("bugs") if row is None else row.name)
    return ", ".join(names)


def _describe_rounding(least: int, step: int, words: Words) -> str:
    if least > step:
        return words("least_then", least=words.minutes(least), step=words.minutes(step))
    return words("steps_begun", step=words.minutes(step)) if step > 1 else ""


def _describe_factor(factor: Factor, catalog: Catalog, words: Words) -> str:
    by = format_decimal(float(factor.by), locale=words.locale)
    if factor.calendar is not None:
        key = "times_in" if factor.inside else "times_outside"
        text = words(key, by=by, hours=_name_hours(factor.calendar, catalog, words))
        text = _name_tickets(text, factor, catalog, words)
    elif names := ", ".join(_name_conditions(factor, catalog, words)):
        text = words("times_for", by=by, names=names)
        text = words("rate_if_urgent", text=text) if factor.urgent else text
    else:
        text = words("times_urgent", by=by)
    return _with_least(text, factor, words)


def _name_tickets(text: str, given: TicketConditions, catalog: Catalog, words: Words) -> str:
    """Return a text with the tickets that it is for: "..., for: Phone", "..., if it is urgent"."""
    if names := ", ".join(_name_conditions(given, catalog, words)):
        text = words("factor_for", text=text, names=names)
    return words("rate_if_urgent", text=text) if given.urgent else text


def _name_conditions(given: TicketConditions, catalog: Catalog, words: Words) -> list[str]:
    """Return the names of a category, of channels and of severities that something is for."""
    names = []
    if given.category is not None:
        row = catalog.rate_card.get(given.category)
        names.append(given.category if row is None else row.name)
    channels = [each.name for code, each in catalog.channels.items() if code in given.channels]
    names += [", ".join(channels)] if channels else []
    severities = name_severities(given.severities, catalog, words)
    return [*names, severities] if severities else names


def _with_least(text: str, factor: Factor, words: Words) -> str:
    if not factor.least:
        return text
    return words("with_least", text=text, least=words.minutes(factor.least))


def _name_hours(code: str, catalog: Catalog, words: Words) -> str:
    """Return what a calendar's hours are called: by its own name, if it has one."""
    calendar = catalog.calendars.get(code)
    if calendar is not None and calendar.name is not None:
        return calendar.name
    return words("hours_business") if code == "business" else words("hours_of", name=code)


def _describe_share(share: CreditShare, plan: Plan, words: Words) -> str:
    if share.units:
        return words.units(share.units, plan.unit)
    return words("percent_of_month", percent=share.percent)
