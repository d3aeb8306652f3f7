"""Choices of a helpdesk as they are on the wire: categories, topics, severities."""

from datetime import date
from typing import Literal

from app.api.catalog.plan_pages import describe_rate
from app.api.http.wire import Wire
from app.api.pages.words import Words
from app.domain.catalog.amounts import Unit
from app.domain.catalog.catalogs import Catalog, Topic
from app.domain.catalog.channels import Channel
from app.domain.catalog.rate_cards import Rate


class RateWire(Wire):
    """What an issue of one category costs."""

    category: str
    """The category's code, given when a ticket is opened."""
    name: str
    """The category's name for people."""
    group: str | None
    """The heading that it stands under."""
    kind: Literal["fixed", "from", "range", "per_unit", "on_request"]
    """Fixed, at least `base`, from `base` to `upper`, by a number of things, or upon request."""
    unit: Unit
    """What is counted, by the catalogue."""
    base: int | None
    """What it costs, or costs at least; null upon request."""
    upper: int | None
    """What it costs at most, where it is a range."""
    per_unit: int | None
    """What each of the things named by `variable` adds."""
    variable: str | None
    """The name of the number that `variables` must give."""
    text: str
    """The price in words, such as `from 100` or `120 + 60 × stores`."""
    price_of: str | None
    """The category whose price it is under its conditions; null where it is one of its own."""
    severities: list[int]
    """The severities that it is for; empty: any."""
    urgent: bool | None
    """For urgent requests (true), others (false), or both (null)."""
    channels: list[Channel]
    """The channels that it is for; empty: any."""


class TopicWire(Wire):
    """A subject that support covers, or does not."""

    topic: str
    """The topic's code, given when a ticket is opened."""
    name: str
    """The topic's name for people."""
    included: bool
    """Whether support covers it; else it is served for an additional fee, by quote."""
    promised: bool
    """Whether promised times hold for it."""
    plans: list[str]
    """The plans that cover it."""
    note: str | None
    """What else the seller says of it."""
    fee_note: str | None
    """What of it costs extra."""
    until: date | None
    """The last day on which it is supported; null: no end is known."""


class SeverityWire(Wire):
    """One level of severity, as the seller defines it."""

    level: int
    """The severity to be given with a ticket: 1 is the gravest."""
    name: str
    """The level's name for people."""
    definition: str
    """What makes an issue one of this level."""
    examples: list[str]
    """Issues of this level, for example."""


def render_rate(rate: Rate) -> RateWire:
    """Return a row of a rate card as it is on the wire."""
    return RateWire(
        category=rate.category,
        name=rate.name,
        group=rate.group,
        kind=rate.kind,
        unit=rate.unit,
        base=None if rate.kind == "on_request" else rate.base,
        upper=rate.upper,
        per_unit=rate.per_unit if rate.kind == "per_unit" else None,
        variable=rate.variable,
        text=describe_rate(rate, Words("en")),
        price_of=rate.of,
        severities=sorted(rate.severities),
        urgent=rate.urgent,
        channels=sorted(rate.channels),
    )


def render_topic(catalog: Catalog, topic: Topic) -> TopicWire:
    """Return a topic as it is on the wire, with the plans that cover it."""
    plans = [
        plan.code
        for plan in catalog.plans.values()
        if topic.included and (plan.topics is None or topic.code in plan.topics)
    ]
    return TopicWire(
        topic=topic.code,
        name=topic.name,
        included=topic.included,
        promised=topic.promised,
        plans=plans,
        note=topic.note,
        fee_note=topic.fee_note,
        until=topic.until,
    )
