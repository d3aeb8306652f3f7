"""A customer's summary in sentences, made from its data in the seller's own names."""

from collections.abc import Iterable
from datetime import datetime

from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog, ChannelTerms
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


def write_channel(channel: ChannelTerms) -> str | None:
    """Return what is special about a channel: "10 minutes an incident", "urgent requests only"."""
    parts: list[str] = []
    if channel.urgent_only:
        parts.append("urgent requests only")
    if channel.on_request:
        parts.append("on request")
    if channel.best_effort:
        parts.append("best effort")
    if channel.incident_minutes:
        parts.append(f"{channel.incident_minutes} minutes an incident")
    if channel.limit_minutes:
        parts.append(f"{channel.limit_minutes} minutes at most")
    return ", ".join(parts) or None


def write_notice(notice: Notice) -> str:
    """Return a notice in a sentence."""
    plan, at = notice.plan, notice.at
    match notice.code:
        case "overage_running":
            return f"{WORDS.units(notice.count or 0, notice.unit)} beyond the plan this month."
        case "dispute_open":
            number = notice.count or 0
            return f"{number} disputed charge{'' if number == 1 else 's'} to decide."
    if plan is None:
        return ""
    name = plan.plan.name
    match notice.code:
        case "suspended":
            return f"{name} is suspended."
        case "units_exhausted":
            return f"{name}: none left{_again(plan.catalog, at)}."
        case "units_low":
            left = write_remaining(plan.remaining, plan.catalog.names)
            return f"{name}: only {left} left{_again(plan.catalog, at)}."
        case "cap_reached":
            period = "week" if plan.remaining.cap is None else plan.remaining.cap.period
            return f"{name}: the {period}'s limit is reached{_again(plan.catalog, at)}."
        case "ends_soon":
            return f"{name} ends on {_last_day(plan.catalog, at)}."


def list_texts(notices: Iterable[Notice]) -> list[str]:
    """Return each notice in a sentence."""
    return [write_notice(each) for each in notices]


def _write_plan(plan: PlanState) -> str:
    name = plan.plan.name
    subscription = plan.subscription
    if plan.status == "suspended":
        return f"{name} is suspended."
    if plan.status == "upcoming":
        return f"{name} from {WORDS.day(subscription.starts_at, plan.catalog.zone)}."
    until = (
        ""
        if subscription.ends_at is None
        else f" until {_last_day(plan.catalog, subscription.ends_at)}"
    )
    site = "" if subscription.site is None else f" for {subscription.site}"
    left = write_remaining(plan.remaining, plan.catalog.names)
    return f"{name}{site}{until}: {left}{_left(plan.remaining)}."


def _left(remaining: Remaining) -> str:
    return "" if remaining.unlimited else " left"


def _again(catalog: Catalog, at: datetime | None) -> str:
    return "" if at is None else f" until {WORDS.instant(at, catalog.zone)}"


def _last_day(catalog: Catalog, at: datetime | None) -> str:
    return "" if at is None else WORDS.last_day(at, catalog.zone)
