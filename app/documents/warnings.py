"""Warnings: what is allowed in a document and rarely meant; they publish all the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from app.documents.form.catalog import CatalogDocument
from app.documents.form.plans import PlanDocument
from app.documents.form.promises import PlacedPromise, describe_requests
from app.documents.money_texts import describe_money
from app.documents.sets import place_own, place_shared, promises_of
from app.documents.unreached import find_unreached, list_timed
from app.domain.access.pointers import point
from app.domain.access.refusals import Fault
from app.domain.catalog.colours import LEAST_CONTRAST, PAPERS, contrast
from app.domain.catalog.money import Money

SOON = timedelta(days=365)


def find_warnings(document: CatalogDocument, *, today: date) -> list[Fault]:
    """Return what the seller should look at again, in the order of the checks."""
    return [
        *_unsold(document),
        *_raising(document),
        *_unused(document),
        *_hidden(document),
        *_uncounted(document),
        *_unpromised(document),
        *_inherited(document),
        *_unserved(document),
        *_ungiven(document),
        *_advertised(document),
        *_ending(document, today),
        *_alike(document),
        *_faint(document),
    ]


def _warn(code: str, detail: str, *steps: str | int) -> Fault:
    return Fault(point("", *steps), detail, code)


def _unsold(document: CatalogDocument) -> Iterator[Fault]:
    """Offers that nobody can buy, and plans that no offer sells."""
    sold = {offer.plan for offer in document.offers.values() if offer.plan is not None}
    if document.first_licence is not None:
        sold.add(document.first_licence.plan)
    for code in document.plans:
        if code not in sold:
            yield _warn("plan_unsold", "No offer sells this plan.", "plans", code)
    counting = {
        clause.calendar
        for plan in document.plans.values()
        for promise in promises_of(plan, document)
        for clause in promise.clauses
    } - {None}
    for code, offer in document.offers.items():
        if offer.needs and not sold.intersection(offer.needs):
            detail = "Nobody can buy it: no plan that it needs is sold."
            yield _warn("offer_unbuyable", detail, "offers", code)
        if offer.adds_calendar is not None and not (sold and counting):
            detail = "Nobody can buy it: no plan is sold whose promises count in a calendar."
            yield _warn("offer_unbuyable", detail, "offers", code)


def _raising(document: CatalogDocument) -> Iterator[Fault]:
    """Packs for those who have a lesser plan, who get the promises of a better one with them."""
    for code, offer in document.offers.items():
        plan = document.plans.get(offer.plan or "")
        if offer.kind != "pack" or plan is None:
            continue
        needed = [(each, document.plans[each]) for each in offer.needs]
        lesser = [
            (each, had) for each, had in needed if had.rank > plan.rank and had.unit == plan.unit
        ]
        if lesser:
            names = " or ".join(f'"{had.name}"' for _, had in lesser)
            first = lesser[0][0]
            detail = (
                f"Its units are of {plan.name}, and so are the promises to who has {names} while"
                " they last. Where they add to what one has, write one offer for each plan: here"
                f' with plan = "{first}" and needs = ["{first}"].'
            )
            yield _warn("pack_raises_plan", detail, "offers", code, "plan")


def _unused(document: CatalogDocument) -> Iterator[Fault]:
    """Calendars and sets that nothing names."""
    promises = [
        promise for plan in document.plans.values() for promise in promises_of(plan, document)
    ]
    clauses = [clause for promise in promises for clause in promise.clauses]
    members = (each for calendar in document.calendars.values() for each in calendar.union)
    calendars = {
        *(clause.calendar for clause in clauses),
        *(clause.opened_in_hours for clause in clauses),
        *(channel.hours for channel in document.channels.values()),
        *(channel.served_in for channel in document.channels.values()),
        *(contact.hours for contact in document.contacts),
        *(calendar for each in list_timed(document) for calendar in (each.in_, each.outside)),
        *(offer.adds_calendar for offer in document.offers.values()),
        *(each for each in members if isinstance(each, str)),
    }
    for region, roles in document.regions.items():
        for role, name in roles.items():
            if role in calendars:
                calendars.add(name)
            else:
                yield _warn("role_unused", "Nothing goes by this.", "regions", region, role)
    for name in document.calendars:
        if name not in calendars:
            yield _warn("calendar_unused", "Nothing uses this calendar.", "calendars", name)
    holidays = {name for each in document.calendars.values() for name in each.holiday_sets}
    for name in document.holidays:
        if name not in holidays:
            yield _warn("holiday_set_unused", "No calendar keeps them.", "holidays", name)
    sets = {name for plan in document.plans.values() for name in plan.promise_sets}
    for name in document.promise_sets:
        if name not in sets:
            yield _warn("promise_set_unused", "No plan makes them.", "promise_sets", name)


def _uncounted(document: CatalogDocument) -> Iterator[Fault]:
    """Units of time in which nothing is counted, and ways of counting that nothing goes by."""
    counts = any(plan.unit == "minute" for plan in document.plans.values())
    if document.time_unit is not None and not counts:
        yield _warn("time_unit_unused", "No plan counts time.", "time_unit")
    policies = document.policies
    if policies.counting is not None and policies.without_plan == "refuse":
        detail = "Nothing is counted by it: a request without a plan is refused."
        yield _warn("counting_unused", detail, "policies", "counting")


def _hidden(document: CatalogDocument) -> Iterator[Fault]:
    """Rates, factors and rounding that never hold."""
    for each in find_unreached(document):
        yield _warn(each.code, each.detail, *each.steps)


def _unpromised(document: CatalogDocument) -> Iterator[Fault]:
    """Severities for which a plan says nothing, though it promises by severity."""
    for code, plan in document.plans.items():
        promises = promises_of(plan, document)
        for metric in dict.fromkeys(promise.metric for promise in promises):
            named = [set(each.severities) for each in promises if each.metric == metric]
            if not all(named):
                continue
            for level in sorted(map(int, document.severities.keys())):
                if not any(level in each for each in named):
                    detail = (
                        f"It promises {metric} by severity, and says nothing of severity {level}."
                        ' Where nothing is owed, write "none".'
                    )
                    yield _warn("severity_unpromised", detail, "plans", code)


def _inherited(document: CatalogDocument) -> Iterator[Fault]:
    """Promises of a plan's own, before which one goes that it has from the plan it extends."""
    for code, plan in document.plans.items():
        base = document.plans.get(plan.extends or "")
        if base is None:
            continue
        theirs = [(each, each.place[0]) for each in place_own(base)] + [
            (each, "promise_sets")
            for name in base.promise_sets
            for each in place_shared(name, document)
        ]
        kept = [(each, field) for each, field in theirs if _keeps(plan, base, str(field))]
        warned: set[tuple[str | int, ...]] = set()
        for own in place_own(plan):
            if _keeps(plan, base, str(own.place[0])):
                continue
            for each, field in kept:
                if own.place not in warned and _goes_before(each, own, plan):
                    warned.add(own.place)
                    detail = (
                        f"{_place_of(each, plan)}{describe_requests(each.promise)}, which the plan"
                        f' has from "{plan.extends}", goes before this for what it names. Where it'
                        f' does not hold, write the plan\'s own "{field}", if only as [].'
                    )
                    yield _warn("promise_inherited", detail, "plans", code, *own.place)


def _place_of(each: PlacedPromise, plan: PlanDocument) -> str:
    place = each.place if each.place[0] == "promise_sets" else ("plans", plan.extends, *each.place)
    return f"The promise at {point('', *map(str, place))}"


def _keeps(plan: PlanDocument, base: PlanDocument, field: str) -> bool:
    return bool(getattr(plan, field) == getattr(base, field))


def _goes_before(each: PlacedPromise, own: PlacedPromise, plan: PlanDocument) -> bool:
    promise = each.promise
    reached = not promise.channels or not set(promise.channels).isdisjoint(plan.channels)
    more = promise.count_named() > own.promise.count_named()
    return reached and more and promise.meets(own.promise)


def _unserved(document: CatalogDocument) -> Iterator[Fault]:
    """Promises for channels by which their plan does not serve."""
    for code, plan in document.plans.items():
        base = document.plans.get(plan.extends or "")
        if base is not None and _keeps(plan, base, "promises"):
            continue
        for place, promise in enumerate(plan.promises):
            for position, channel in enumerate(promise.channels):
                if channel not in plan.channels:
                    detail = f"The plan is not served by {channel}."
                    steps = ("plans", code, "promises", place, "channels", position)
                    yield _warn("channel_unserved", detail, *steps)


def _ungiven(document: CatalogDocument) -> Iterator[Fault]:
    """Credits for promises that no plan makes as firmly as they ask."""
    for code, plan in document.plans.items():
        base = document.plans.get(plan.extends or "")
        if base is not None and _keeps(plan, base, "credits"):
            continue
        promises = promises_of(plan, document)
        for place, credit in enumerate(plan.credits):
            made = {
                strength
                for promise in promises
                if credit.metric in (None, promise.metric)
                for strength in (promise.strength, *(each.strength for each in promise.clauses))
            }
            if credit.strength not in made:
                of = "anything" if credit.metric is None else credit.metric
                firm = "guarantees" if credit.strength == "guaranteed" else "has a target for"
                detail = f"It is never given: the plan nowhere {firm} {of}."
                yield _warn("credit_unpromised", detail, "plans", code, "credits", place)


def _advertised(document: CatalogDocument) -> Iterator[Fault]:
    """List prices that are twice or half of what their offer costs over its term."""
    for code, offer in document.offers.items():
        advertised, months = offer.list_price, offer.term.months if offer.term else 0
        if advertised is None or offer.price is None or not offer.price.amount:
            continue
        times = {"month": Fraction(months), "year": Fraction(months, 12), "term": Fraction(1)}
        whole = times.get(advertised.per, Fraction(0)) * advertised.amount
        if whole and not Fraction(1, 2) < whole / offer.price.amount < 2:
            sums = [
                describe_money(Money(int(each), advertised.currency))
                for each in (whole, offer.price.amount)
            ]
            detail = f"Over the term it comes to {sums[0]}, and the price is {sums[1]}."
            yield _warn("list_price_far", detail, "offers", code, "list_price")


def _ending(document: CatalogDocument, today: date) -> Iterator[Fault]:
    """Holidays that are known for less than a year from now."""
    for name, calendar in document.calendars.items():
        until = calendar.holidays_until
        if until is not None and until < today + SOON:
            detail = f"Its holidays are known until {until}: less than a year from now."
            yield _warn("holidays_end", detail, "calendars", name, "holidays_until")
    for name, holidays in document.holidays.items():
        if holidays.until is not None and holidays.until < today + SOON:
            detail = f"They are known until {holidays.until}: less than a year from now."
            yield _warn("holidays_end", detail, "holidays", name, "until")


def _alike(document: CatalogDocument) -> Iterator[Fault]:
    """Channels that a customer cannot tell apart."""
    for field in ("name", "description"):
        seen: dict[str, str] = {}
        for code, channel in document.channels.items():
            said = str(getattr(channel, field)).casefold().strip()
            if said in seen:
                detail = f"The channel {seen[said]} says the same."
                yield _warn("channels_alike", detail, "channels", code, field)
            seen.setdefault(said, code)


def _faint(document: CatalogDocument) -> Iterator[Fault]:
    """Colours that hardly stand out from the page."""
    accent = document.branding.accent if document.branding else None
    for light, paper in PAPERS:
        if accent is not None and contrast(accent, paper) < LEAST_CONTRAST:
            detail = (
                f"It hardly stands out from the {light} page: {contrast(accent, paper):.1f} to 1,"
                f" where {LEAST_CONTRAST:g} can be seen by most."
            )
            yield _warn("accent_faint", detail, "branding", "accent")
