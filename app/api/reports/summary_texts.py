"""A customer's summary in sentences, made from its data in the seller's own names."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.api.pages.words import Words
from app.domain.catalog.amounts import write_amount
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import ChannelTerms
from app.domain.ledger.remaining import Remaining, write_remaining
from app.domain.reports.summary import Notice, PlanState, list_beside
from app.services.reports.summaries import Summary

WORDS = Words("en")


def write_summary(summary: Summary) -> str:
    """Return the whole in a sentence or two: each plan, until when, and what is left of it.

    What is used up is left out where more of the same can be drawn upon.
    """
    if not summary.plans:
        return "No plan."
    return " ".join(_write_plan(plan) for plan in summary.plans if not _is_replaced(plan, summary))


def _is_replaced(plan: PlanState, summary: Summary) -> bool:
    """Say whether a plan is used up, and another of the same pool is not."""
    if plan.status != "active" or plan.remaining.available != 0:
        return False
    return any(each.remaining.available != 0 for each in list_beside(plan, summary.plans))


def write_channel(channel: ChannelTerms, words: Words = WORDS) -> str | None:
    """Return what is special about a channel: "10 minutes an incident", "urgent requests only"."""
    kinds = (
        (channel.urgent_only, "urgent_only"),
        (channel.on_request, "on_request"),
        (channel.best_effort, "best_effort"),
    )
    parts = [_begin_small(words(key)) for true, key in kinds if true]
    limits = (
        (channel.incident_minutes, "minutes_each"),
        (channel.limit_minutes, "minutes_at_most"),
    )
    parts += [
        words(key, minutes=words.within(timedelta(minutes=each))) for each, key in limits if each
    ]
    return ", ".join(parts) or None


def write_notice(notice: Notice, words: Words = WORDS) -> str:
    """Return a notice in a sentence."""
    plan, at, key = notice.plan, notice.at, f"notice_{notice.code}"
    count = notice.count or 0
    match notice.code:
        case "overage_running":
            counted = words if words.language != "en" else Words("en", notice.names)
            return words(key, amount=counted.units(count, notice.unit))
        case "dispute_open":
            return words(key, charges=words.count(count, "disputed_charge"))
    if plan is None:
        return ""
    name, again = plan.plan.name, _again(plan.catalog, at, words)
    match notice.code:
        case "suspended":
            return words(key, plan=name)
        case "units_exhausted":
            return words(key, plan=name, again=again)
        case "units_low":
            left = write_left(plan.remaining, plan.catalog, words)
            return words(key, plan=name, left=left, again=again)
        case "cap_reached":
            period = "week" if plan.remaining.cap is None else plan.remaining.cap.period
            return words(f"{key}_{period}", plan=name, again=again)
        case "ends_soon":
            return words(key, plan=name, day=_last_day(plan.catalog, at, words))


def write_left(remaining: Remaining, catalog: Catalog, words: Words) -> str:
    """Return what is left of a plan's units, in the words of a language."""
    if words.language == "en":
        return write_remaining(remaining, catalog.names)
    if remaining.granted is None or remaining.available is None:
        return words("unlimited", units=words.noun(remaining.unit))
    whole = words.units(remaining.granted, remaining.unit)
    if remaining.unit == "minute":
        return words("part_of", part=words.units(remaining.available, "minute"), whole=whole)
    return words("part_of", part=words.number(remaining.available), whole=whole)


def write_coming(coming: Remaining, catalog: Catalog, words: Words = WORDS) -> str:
    """Return what a plan begins with: "120 incidents", "unlimited incidents"; empty for nothing."""
    if coming.granted is None:
        return write_left(coming, catalog, words)
    if not coming.granted:
        return ""
    if words.language == "en":
        return write_amount(coming.granted, coming.unit, catalog.names)
    return words.units(coming.granted, coming.unit)


def write_plan_units(plan: PlanState) -> str:
    """Return the units of a plan: what is left of them, or what it begins with and when."""
    coming = "" if plan.coming is None else write_coming(plan.coming, plan.catalog)
    if not coming:
        return write_remaining(plan.remaining, plan.catalog.names)
    return f"{coming} from {_first_day(plan)}"


def list_texts(notices: Iterable[Notice]) -> list[str]:
    """Return each notice in a sentence."""
    return [write_notice(each) for each in notices]


def _write_plan(plan: PlanState) -> str:
    name = plan.plan.name
    subscription = plan.subscription
    site = "" if subscription.site is None else f" for {subscription.site}"
    if plan.status == "suspended":
        return f"{name}{site} is suspended."
    if plan.coming is not None:
        units = write_coming(plan.coming, plan.catalog)
        return f"{name}{site} from {_first_day(plan)}{units and f': {units}'}."
    until = (
        ""
        if subscription.ends_at is None
        else f" until {_last_day(plan.catalog, subscription.ends_at)}"
    )
    left = write_remaining(plan.remaining, plan.catalog.names)
    return f"{name}{site}{until}: {left}{_left(plan.remaining)}."


def _first_day(plan: PlanState) -> str:
    return WORDS.day(plan.subscription.starts_at, plan.catalog.zone, in_full=True)


def _left(remaining: Remaining) -> str:
    return "" if remaining.unlimited else " left"


def _begin_small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _again(catalog: Catalog, at: datetime | None, words: Words) -> str:
    return "" if at is None else words("again_at", time=words.instant(at, catalog.zone))


def _last_day(catalog: Catalog, at: datetime | None, words: Words = WORDS) -> str:
    return "" if at is None else words.last_day(at, catalog.zone, in_full=True)
