"""Rules of a plan in words: how time is counted, what it costs beyond, what is given if broken."""

from collections.abc import Iterable

from babel.numbers import format_decimal

from app.api.catalog.price_texts import describe_money
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.counting import Factor
from app.domain.catalog.hourly_rates import HourlyRate
from app.domain.catalog.plans import Plan
from app.domain.promises.credit_rules import CreditShare
from app.domain.promises.promises import Promise


def describe_counting(plan: Plan, catalog: Catalog, words: Words) -> str:
    """Return how minutes are counted: "At least 1 hour, then each 15 minutes begun; ..."."""
    counting = plan.counting
    if counting is None:
        return ""
    texts = []
    if words.names.time is not None:
        texts.append(f"{words.noun('minute', 1)} = {words.minutes(words.names.time.minutes)}")
    step = words.minutes(counting.step)
    if counting.least > counting.step:
        texts.append(words("least_then", least=words.minutes(counting.least), step=step))
    elif counting.step > 1:
        texts.append(words("steps_begun", step=step))
    if counting.over != "work" and (counting.least > 1 or counting.step > 1):
        texts.append(words(f"counted_over_{counting.over}"))
    texts += [_describe_factor(each, catalog, words) for each in counting.factors]
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}"


def describe_rates(plan: Plan, catalog: Catalog, words: Words) -> str | None:
    """Return what an hour beyond the allowance costs; None where that is not published."""
    return (
        "; ".join(describe_rate_of_time(each, catalog, words) for each in plan.hourly_rates) or None
    )


def describe_rate_of_time(rate: HourlyRate, catalog: Catalog, words: Words) -> str:
    """Return a rate for an hour, and when it holds: "€180 an hour, if it is urgent"."""
    price = describe_money(rate.per_hour, words)
    text = words("per_hour" if rate.hours == "counted" else "per_hour_worked", price=price)
    if rate.calendar is not None:
        key = "rate_in" if rate.inside else "rate_outside"
        text = words(key, text=text, hours=_name_hours(rate.calendar, catalog, words))
    if rate.category is not None:
        row = catalog.rate_card.get(rate.category)
        text = words("rate_for", text=text, name=rate.category if row is None else row.name)
    if rate.severities:
        names = name_severities(rate.severities, catalog, words)
        text = words("rate_for", text=text, name=names)
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


def _describe_factor(factor: Factor, catalog: Catalog, words: Words) -> str:
    by = format_decimal(float(factor.by), locale=words.locale)
    names = name_severities(factor.severities, catalog, words)
    if factor.urgent:
        text = words("times_urgent", by=by)
    elif factor.calendar is None:
        return _with_least(words("times_for", by=by, names=names), factor, words)
    else:
        key = "times_in" if factor.inside else "times_outside"
        text = words(key, by=by, hours=_name_hours(factor.calendar or "", catalog, words))
    if names:
        text = words("factor_for", text=text, names=names)
    return _with_least(text, factor, words)


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
