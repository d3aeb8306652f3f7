"""A catalogue's whole terms as a shop shows them: plans, offers, prices, scope, and the rest."""

from collections.abc import Iterator

from babel.dates import format_date

from app.api.catalog.allowance_texts import describe_allowance
from app.api.catalog.plan_tables import build_sections, order_plans
from app.api.catalog.plan_values import (
    Department,
    PlanLine,
    PlanPage,
    Priced,
    PriceGroup,
    Scoped,
    Sold,
    is_chosen,
)
from app.api.catalog.price_texts import describe_fee, describe_list_price, describe_price
from app.api.catalog.rule_texts import describe_without_plan
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog, Topic
from app.domain.catalog.offer_texts import PLAIN_CALENDAR
from app.domain.catalog.offers import Discount, Offer
from app.domain.catalog.policies import Policies
from app.domain.catalog.rate_cards import Rate
from app.domain.catalog.terms import Term


def build_plan_page(catalog: Catalog, words: Words) -> PlanPage:
    """Return the page of a catalogue's terms, in words."""
    by_severity = any(
        promise.severities for plan in catalog.plans.values() for promise in plan.promises
    )
    included = [topic for topic in catalog.topics.values() if topic.included]
    barred = {code for channel in catalog.channels.values() for code in channel.refuses_topics}
    return PlanPage(
        catalog=catalog,
        plans=order_plans(catalog),
        sections=build_sections(catalog, words),
        sold=tuple(_describe_offer(offer, catalog, words) for offer in catalog.offers.values()),
        rate_card=_group_rates(catalog, words),
        in_scope=tuple(
            _scope(catalog, each, words) for each in included if each.code not in barred
        ),
        out_of_scope=tuple(
            _scope(catalog, each, words) for each in catalog.topics.values() if not each.included
        ),
        severities=tuple(catalog.severities.values()),
        terms=tuple(_lines(catalog, words)),
        departments=tuple(
            Department(each, _name_hours(catalog, each.hours, words)) for each in catalog.contacts
        ),
        by_severity=by_severity,
    )


def describe_rate(rate: Rate, words: Words) -> str:
    """Return what a category costs: "25", "from 100", "80–100", "120 + 60 × stores".

    Units other than points are named: "2 tickets". Of minutes it is the time worked: "By the time
    worked (30 minutes set aside)".
    """
    if rate.unit == "minute" and rate.kind != "on_request":
        if not (rate.base or rate.per_unit):
            return words("by_work")
        return words("by_work_aside", amount=_describe_set_aside(rate, words))

    def write(amount: int) -> str:
        return words.number(amount) if rate.unit == "point" else words.units(amount, rate.unit)

    base = words.number(rate.base)
    match rate.kind:
        case "fixed":
            return write(rate.base)
        case "from":
            return words("rate_from", base=write(rate.base))
        case "range":
            return f"{base}–{write(rate.upper or rate.base)}"
        case "per_unit":
            return _write_formula(rate, base, str(rate.per_unit), words)
        case "on_request":
            return words("upon_request")


def _describe_set_aside(rate: Rate, words: Words) -> str:
    """Return the minutes that opening sets aside: "30 minutes", "1 hour + 30 minutes × shops"."""
    base = words.units(rate.base, rate.unit)
    if not rate.per_unit:
        return base
    return _write_formula(rate, base, words.units(rate.per_unit, rate.unit), words)


def _write_formula(rate: Rate, base: str, each: str, words: Words) -> str:
    variable = (rate.variable or "").replace("_", " ")
    return words("rate_formula", base=base, per_unit=each, variable=variable)


def _describe_offer(offer: Offer, catalog: Catalog, words: Words) -> Sold:
    needed = ", ".join(catalog.plans[each].name for each in offer.needs)
    listed = offer.list_price
    granted = describe_allowance(offer, words)
    return Sold(
        offer=offer,
        term=_describe_term(offer, words),
        term_chosen="term" in offer.seller_choice,
        allowance=f"{granted[:1].upper()}{granted[1:]}",
        price=describe_price(offer, words),
        listed=None if listed is None else describe_list_price(listed, words),
        fee=describe_fee(offer, words),
        needs=words("for_who_has", plans=needed) if needed else None,
    )


def _describe_term(offer: Offer, words: Words) -> str:
    if offer.without_end:
        text = words("without_end")
        return f"{text[0].upper()}{text[1:]}"
    return "" if offer.term is None else words.term(offer.term)


def _group_rates(catalog: Catalog, words: Words) -> tuple[PriceGroup, ...]:
    groups: dict[str | None, list[Priced]] = {}
    for rate in catalog.rate_card.values():
        priced = Priced(rate.category, rate.name, describe_rate(rate, words))
        groups.setdefault(rate.group, []).append(priced)
    return tuple(PriceGroup(title, tuple(rows)) for title, rows in groups.items())


def _scope(catalog: Catalog, topic: Topic, words: Words) -> Scoped:
    having = [
        plan.name
        for plan in catalog.plans.values()
        if plan.topics is None or topic.code in plan.topics
    ]
    notes = [each for each in (topic.note, topic.fee_note) if each]
    if topic.until is not None:
        day = format_date(topic.until, "d MMM y", locale=words.locale)
        notes.append(words("ended_on", day=day))
    if topic.included and len(having) < len(catalog.plans):
        notes.insert(0, words("topic_of_plans", plans=", ".join(having)))
    return Scoped(
        topic.code,
        topic.name,
        note=". ".join(notes) or None,
        chosen=is_chosen(catalog.seller_choice, "topics", topic.code),
    )


def _describe_discount(discount: Discount, words: Words) -> str:
    months, quantity = discount.contract_months, discount.from_quantity
    if months is None:
        return words("discount_quantity_text", percent=discount.percent, quantity=quantity)
    term = words.term(Term(months=months))
    if quantity is None:
        return words("discount_text", percent=discount.percent, term=term)
    return words("discount_both_text", percent=discount.percent, term=term, quantity=quantity)


def _lines(catalog: Catalog, words: Words) -> Iterator[PlanLine]:
    policies = catalog.policies
    yield from _hour_lines(catalog, words)
    for discount in catalog.discounts:
        yield PlanLine(words("discount"), _describe_discount(discount, words))
    if free := catalog.first_licence:
        text = words(
            "free_units_each_text" if free.each else "free_units_text",
            amount=words.units(free.amount, free.unit),
            term=words.term(free.term),
        )
        yield PlanLine(words("free_units"), text, chosen=bool(free.seller_choice))
    yield from _ending_lines(policies, words)
    chosen = is_chosen(policies.seller_choice, "without_plan_text")
    yield PlanLine(words("without_plan"), describe_without_plan(catalog, words), chosen=chosen)
    if policies.bug_report_to:
        yield PlanLine(words("bugs"), policies.bug_report_to)
    if catalog.access_data:
        yield PlanLine(words("access_data"), ", ".join(catalog.access_data))
    if catalog.languages:
        named = [words.name_language(each) for each in catalog.languages]
        yield PlanLine(words("languages"), ", ".join(named))


def _ending_lines(policies: Policies, words: Words) -> Iterator[PlanLine]:
    """Yield how terms end, are renewed, and what is paid back, as far as the seller says so."""

    def line(label: str, text: str, *path: str) -> PlanLine:
        chosen = is_chosen(policies.seller_choice, "ending", *path)
        return PlanLine(words(label), text, chosen=chosen)

    ending = policies.ending
    if renews := ending.renews:
        notice = None if renews.notice is None else words.term(renews.notice)
        text = words("renews_itself")
        if notice is not None and renews.automatic:
            text = words("renews_told", renewal=text, term=notice)
        elif notice is not None:
            text = words("end_told", term=notice)
        yield line("renewal", text, "renews")
    if late := ending.late:
        key = "late_from_end" if late.starts == "old_end" else "late_from_now"
        text = words(key, term=words.term(late.within))
        if late.fee_percent:
            text = words("late_fee", text=text, percent=late.fee_percent)
        yield line("late_renewal", text, "late")
    if ending.refund is not None:
        yield line("cancellation", words(f"refund_{ending.refund}"), "refund")


def _hour_lines(catalog: Catalog, words: Words) -> Iterator[PlanLine]:
    """Yield the hours of the calendars that plans, channels and departments go by."""
    used = {
        name
        for plan in catalog.plans.values()
        for promise in plan.promises
        for clause in promise.clauses
        for name in (clause.calendar, clause.opened_in_hours)
    }
    used |= {
        name
        for channel in catalog.channels.values()
        for name in (channel.served_in, channel.hours if channel.hours == PLAIN_CALENDAR else None)
    }
    plans = catalog.plans.values()
    for time in (catalog.policies.time, *(plan.time for plan in plans)):
        used |= time.calendars
    used |= {contact.hours for contact in catalog.contacts}
    for name in catalog.calendars:
        regions = [each for each, roles in catalog.regions.items() if name in roles]
        if name in used and regions:
            for region in regions:
                label = f"{_label_hours(catalog, name, words)}, {region}"
                yield PlanLine(label, _name_hours(catalog.in_region(region), name, words) or "")
            continue
        text = _name_hours(catalog, name, words)
        if name in used and text is not None:
            yield PlanLine(
                _label_hours(catalog, name, words), text, chosen=_are_hours_chosen(catalog, name)
            )


def _label_hours(catalog: Catalog, name: str, words: Words) -> str:
    """Return what a calendar's hours are called: by the seller, or by the calendar's code."""
    named = catalog.calendars[name].name
    if named is not None:
        return f"{named[0].upper()}{named[1:]}"
    return words("hours_business") if name == "business" else words("hours_of", name=name)


def _are_hours_chosen(catalog: Catalog, name: str) -> bool:
    """Say whether anything that is shown of a calendar was chosen: its hours, or its zone."""
    shown = ("hours", "timezone", "utc_offset", "holidays")
    return any(is_chosen(catalog.seller_choice, "calendars", name, each) for each in shown)


def _name_hours(catalog: Catalog, name: str | None, words: Words) -> str | None:
    calendar = catalog.calendars.get(name or "")
    if calendar is None:
        return None
    hours = words.hours(calendar)
    return words("without_holidays", hours=hours) if calendar.holidays else hours
