"""Parses the plans of a catalogue: levels of support, with their rank and what they include."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.catalog.catalogs import Channel, ChannelTerms, Plan, Unit
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.money_documents import parse_money
from app.domain.catalog.promise_documents import parse_promises
from app.domain.catalog.scope_documents import CHANNELS

UNITS: tuple[Unit, ...] = ("incident", "point", "minute")

MOST_PLANS = 50
LOWEST_RANK = 1000
MOST_USES = 1_000_000
MOST_JOINED_MONTHS = 12
_SHARE = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")

# Fields that make sense only where this unit is counted.
UNIT_FIELDS: Mapping[str, Unit] = {
    "weekly_cap": "minute",
    "overage": "minute",
    "overage_rate": "minute",
    "joins_months": "minute",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else the document defines, for plans to refer to."""

    currency: str
    calendars: Collection[str]
    topics: Collection[str]
    severities: Collection[int]
    channels: Mapping[str, ChannelTerms]


def parse_plans(document: Table, around: Surroundings) -> dict[str, Plan]:
    """Return the plans by code, the one drawn upon first at the head."""
    plans: list[Plan] = []
    for code, table in document.named_tables("plans", most=MOST_PLANS):
        plan = _parse_plan(code, table, around)
        other = next((other for other in plans if other.rank == plan.rank), None)
        if other is not None and table.sound:
            detail = f'The plan "{other.code}" has this rank already.'
            table.fault("duplicate_rank", detail, "rank")
        plans.append(plan)
    if not document.names("plans"):
        document.fault("required", "A catalogue has at least one plan.", "plans")
    return {plan.code: plan for plan in sorted(plans, key=lambda plan: plan.rank)}


def _parse_plan(code: str, table: Table, around: Surroundings) -> Plan:
    plan = Plan(
        code=code,
        name=table.text("name", longest=LONGEST_NAME),
        description=table.text("description"),
        rank=table.integer("rank", low=1, high=LOWEST_RANK),
        unit=table.choice("unit", UNITS),
        channels=_parse_channels(table, around.channels),
        promises=parse_promises(table, calendars=around.calendars, severities=around.severities),
        topics=_parse_topics(table, around.topics),
        urgent=table.flag("urgent", default=False),
        expedited_bugs=table.flag("expedited_bugs", default=False),
        weekly_cap=_parse_share(table, "weekly_cap"),
        overage=table.flag("overage", default=False),
        overage_rate=parse_money(table, "overage_rate", currency=around.currency),
        joins_months=table.integer_or_none("joins_months", low=2, high=MOST_JOINED_MONTHS),
        fair_use=table.integer_or_none("fair_use", low=1, high=MOST_USES),
        features=table.texts("features"),
        seller_choice=table.end(),
    )
    if table.sound:
        _check_unit(table, plan, around.channels)
        _check_urgency(table, plan)
    return plan


def _parse_channels(plan: Table, known: Mapping[str, ChannelTerms]) -> tuple[Channel, ...]:
    channels = plan.choices("channels", CHANNELS)
    for position, channel in enumerate(channels):
        if channel not in known:
            detail = f'The document says nothing of a channel "{channel}".'
            plan.fault("unknown_channel", detail, "channels", position)
    if not channels and plan.sound:
        plan.fault("required", "A plan has at least one channel.", "channels")
    return channels


def _parse_topics(plan: Table, known: Collection[str]) -> frozenset[str] | None:
    topics = frozenset(plan.references("topics", "topic", known))
    return topics if plan.has("topics") else None


def _parse_share(plan: Table, name: str) -> tuple[int, int] | None:
    text = plan.text_or_none(name)
    if not text:
        return None
    found = _SHARE.fullmatch(text)
    numerator, denominator = (int(found[1]), int(found[2])) if found else (2, 1)
    if numerator > denominator:
        detail = 'A share of a month is written like "1/2", and is at most all of it.'
        plan.fault("out_of_range", detail, name)
    return numerator, denominator


def _check_unit(table: Table, plan: Plan, channels: Mapping[str, ChannelTerms]) -> None:
    for name, unit in UNIT_FIELDS.items():
        if table.has(name) and plan.unit != unit:
            detail = f"Only a plan that counts {unit}s has it; this one counts {plan.unit}s."
            table.fault("unit_mismatch", detail, name)
    if plan.overage_rate is not None and not plan.overage:
        detail = "There is a rate for more than the allowance, and no overage."
        table.fault("conflicting_fields", detail, "overage_rate")
    for position, channel in enumerate(plan.channels):
        terms = channels.get(channel)
        if terms is not None and terms.incident_minutes is not None and plan.unit != "incident":
            detail = f"{terms.name} is paid in incidents, and this plan counts {plan.unit}s."
            table.fault("unit_mismatch", detail, "channels", position)


def _check_urgency(table: Table, plan: Plan) -> None:
    for position, promise in enumerate(plan.promises):
        if promise.urgent and not plan.urgent:
            detail = "The plan promises urgent requests something, and does not serve them."
            table.fault("conflicting_fields", detail, "promises", position, "urgent")
