"""Allowances in words: for one offer, and for all of a plan's."""

from collections.abc import Sequence

from app.api.pages.words import Words
from app.domain.catalog.offers import CarryOver, Offer
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Ending


def describe_allowance(offer: Offer, words: Words) -> str:
    """Return what an offer grants: "10 incidents", "40 hours a month", "unlimited incidents"."""
    allowance = offer.allowance
    if offer.plan is None or allowance.amount == 0:
        return ""
    if allowance.unlimited:
        text = words("unlimited", units=words.noun(offer.unit))
    elif allowance.amount is None:
        text = words.noun(offer.unit)
    else:
        text = words.units(allowance.amount, offer.unit)
    text = words("each_month", amount=text) if allowance.per == "month" else text
    agreed = allowance.amount is None and not allowance.unlimited
    return words("as_agreed", amount=text) if agreed else text


def describe_allowances(plan: Plan, offers: Sequence[Offer], words: Words) -> str:
    """Return what a plan's offers grant: one amount, a range, and whether one has no limit."""
    counted = [each for each in offers if each.allowance.amount is not None]
    shown = counted or list(offers)
    texts = list(dict.fromkeys(describe_allowance(each, words) for each in shown))
    if not texts:
        return ""
    if len(texts) == 1:
        text = texts[0]
    else:
        ordered = sorted(counted, key=lambda each: each.allowance.amount or 0)
        last = describe_allowance(ordered[-1], words)
        least = ordered[0].allowance.amount or 0
        low = words.number(least) if plan.unit != "minute" else words.units(least, "minute")
        text = words("amount_to", low=low, high=last)
    unlimited = any(each.allowance.unlimited for each in offers)
    text = words("or_unlimited", amount=text) if unlimited and counted else text
    if unlimited and plan.fair_use and plan.fair_use_refuses:
        text = words("most_a_month", amount=text, most=words.units(plan.fair_use, plan.unit))
    elif unlimited and plan.fair_use:
        text = words("under_fair_use", amount=text)
    return f"{text[0].upper()}{text[1:]}"


def describe_unused(offers: Sequence[Offer], ending: Ending, words: Words) -> tuple[str, bool]:
    """Return what becomes of units that are not used, and whether that was chosen."""
    counted = [each for each in offers if not each.allowance.unlimited and each.plan]
    if not counted:
        return "", False
    texts = list(dict.fromkeys(_describe_unused(each, ending, words) for each in counted))
    chosen = any(_says_by_choice(each) for each in counted)
    return "; ".join(texts), chosen


def _describe_unused(offer: Offer, ending: Ending, words: Words) -> str:
    carried = offer.carries_over
    if carried is not None:
        if carried == CarryOver():
            return words("carries_over")
        term = words.term(carried.lasts)
        if carried.share == (1, 1):
            return words("carries_over_for", term=term)
        percent = words.number(100 * carried.share[0] // carried.share[1])
        return words("carries_over_share", percent=percent, term=term)
    if offer.allowance.per == "month":
        return words("ends_with_month")
    if offer.without_end:
        return words("never_ends")
    if offer.kind == "pack" and offer.term is not None:
        by_day = ending.term_ends == "day"
        key = "ends_after_day_of_purchase" if by_day else "ends_after_purchase"
        return words(key, term=words.term(offer.term))
    return words("ends_with_term")


def _says_by_choice(offer: Offer) -> bool:
    """Say whether the seller's published terms leave open when what is unused ends."""
    says = "term" if offer.kind == "pack" else "carries_over"
    return says in offer.seller_choice
