"""The rows of a plan table that say by which channels a plan is served, and how."""

from collections.abc import Iterator, Sequence

from app.api.catalog.plan_values import PlanCell, PlanRow, is_chosen
from app.api.pages.words import Words
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import ChannelTerms
from app.domain.catalog.offer_texts import PLAIN_CALENDAR
from app.domain.catalog.plans import Plan


def build_channel_rows(catalog: Catalog, plans: Sequence[Plan], words: Words) -> Iterator[PlanRow]:
    """Yield a row for each channel that some plan has."""
    for code, channel in catalog.channels.items():
        if not any(code in plan.channels for plan in plans):
            continue
        yield PlanRow(
            channel.name,
            tuple(_channel_cell(plan, channel, words) for plan in plans),
            note=_describe_channel(catalog, channel, words),
            chosen=is_chosen(catalog.seller_choice, "channels", code),
        )


def _channel_cell(plan: Plan, channel: ChannelTerms, words: Words) -> PlanCell:
    if channel.channel not in plan.channels:
        return PlanCell(plan.code, words("no"), False)
    how = [
        words(name)
        for name, applies in (
            ("best_effort", channel.best_effort),
            ("urgent_only", channel.urgent_only),
            ("on_request", channel.on_request),
        )
        if applies
    ]
    details = [each[0].lower() + each[1:] for each in how[1:]]
    if channel.best_effort and PLAIN_CALENDAR in (channel.hours, channel.served_in):
        details.append(words("in_business_hours"))
    if channel.incident_minutes:
        minutes = words.minutes(channel.incident_minutes)
        details.append(_write_minutes("minutes_each", minutes, words))
    if channel.limit_minutes:
        minutes = words.minutes(channel.limit_minutes)
        details.append(_write_minutes("minutes_at_most", minutes, words))
    text = how[0] if how else words("yes")
    return PlanCell(plan.code, text, True, detail=", ".join(details) or None)


def _write_minutes(key: str, minutes: str, words: Words) -> str:
    """Return what an incident has of a channel, in the seller's own word for one if there is."""
    if words.names.own.keys() & {"unit", "incident"}:
        return words(f"{key}_own", minutes=minutes, unit=words.noun("incident", 1))
    return words(key, minutes=minutes)


def _describe_channel(catalog: Catalog, channel: ChannelTerms, words: Words) -> str:
    parts = [channel.description]
    calendar = catalog.calendars.get(channel.hours or "")
    if calendar is not None and channel.hours == PLAIN_CALENDAR:
        parts.append(words("open_business_hours"))
    elif calendar is not None:
        parts.append(words("open_hours", hours=words.hours(calendar)))
    if channel.asks_for:
        parts.append(words("asks_for", things=", ".join(channel.asks_for)))
    return " ".join(parts)
