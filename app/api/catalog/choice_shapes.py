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
    """A row of the rate card: what an issue of one category costs."""

    category: str
    """The category's code, given when a ticket is opened."""
    name: str
    """The category's name, as people read it."""
    group: str | None
    """The heading under which the rate card lists the category; null without one."""
    kind: Literal["fixed", "from", "range", "per_unit", "on_request"]
    """How the category is priced: fixed, at least `base`, from `base` to `upper`, by a number of
    things, or upon request."""
    unit: Unit
    """The unit that the price counts: incident, point or minute."""
    base: int | None
    """The units that the issue costs: all of them, the least, or those that `per_unit` adds to;
    null upon request."""
    upper: int | None
    """The most units that the issue costs; null where the price is no range."""
    per_unit: int | None
    """The units that each of the things named by `variable` adds; null where nothing does."""
    variable: str | None
    """The name of the number that a ticket's `variables` must give; null where none is needed."""
    text: str
    """The price in words, such as `from 100` or `120 + 60 × stores`."""
    price_of: str | None
    """The category whose price this is under its conditions; null where the row is a category of
    its own."""
    severities: list[int]
    """The severities that the price is for; empty: any."""
    urgent: bool | None
    """Whether this is for urgent requests (true), for the others (false), or for both (null)."""
    channels: list[Channel]
    """The channels that the price is for; empty: any."""


class TopicWire(Wire):
    """A subject that support covers, or does not."""

    topic: str
    """The topic's code, given when a ticket is opened."""
    name: str
    """The topic's name, as people read it."""
    included: bool
    """Whether support covers the topic; otherwise it is served for an additional fee, by quote."""
    promised: bool
    """Whether the promised times hold for the topic."""
    plans: list[str]
    """The codes of the plans that cover the topic."""
    note: str | None
    """What else the seller says of the topic; null where nothing is said."""
    fee_note: str | None
    """What of the topic costs extra, in a sentence; null where nothing does."""
    until: date | None
    """The last day on which the topic is supported; null: no end is known."""


class SeverityWire(Wire):
    """One level of severity, as the seller defines it."""

    level: int
    """The severity to be given with a ticket: 1 is the gravest."""
    name: str
    """The severity's name, as people read it."""
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
