"""A request: what is asked for, and whether a plan serves such a thing at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import BUG_CATEGORY, Catalog, Channel, ChannelTerms, Plan
from app.domain.promises.promises import Promise, needs_severity

PoolCode = Literal[
    "not_started",
    "term_ended",
    "suspended",
    "site_not_covered",
    "channel_not_included",
    "topic_not_included",
    "urgent_not_included",
    "outside_channel_hours",
    "exhausted",
    "cap_reached",
]

IsOpen = Callable[[Catalog, str, datetime], bool]


class SeverityRequired(InvalidPayload):
    """The plan's promises depend on a severity, and none is named."""

    code = "severity_required"
    title = "A severity is required"


class UnknownTopic(InvalidPayload):
    """The catalogue has no such topic."""

    code = "unknown_topic"
    title = "The catalogue has no such topic"


class UnknownSeverity(InvalidPayload):
    """The catalogue defines severities, and not this one."""

    code = "unknown_severity"
    title = "The catalogue does not define this severity"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a ticket as it would be opened."""

    channel: Channel | None = None
    severity: int | None = None
    urgent: bool = False
    plan: str | None = None
    site: str | None = None
    category: str | None = None
    variables: Mapping[str, int] = field(default_factory=dict)
    topic: str | None = None
    amount: int | None = None


def refuse_channel(
    plan: Plan, terms: Catalog, request: Request, *, at: datetime | None, is_open: IsOpen
) -> tuple[PoolCode, str] | None:
    """Say why a plan does not serve the request's channel, topic or urgency; None if it does.

    Without `at`, opening hours are not looked at: whether a plan would serve it at all.
    """
    channel = request.channel or plan.channels[0]
    if channel not in plan.channels:
        return "channel_not_included", f"The plan {plan.name} has no {channel} support."
    channel_terms = terms.channels.get(channel)
    if channel_terms is not None and channel_terms.urgent_only and not request.urgent:
        return "channel_not_included", f"{channel_terms.name} is for urgent requests only."
    if request.category != BUG_CATEGORY:
        refused = _refuse_topic(plan, terms, channel_terms, request.topic)
        if refused is not None:
            return refused
    if request.urgent and not plan.urgent:
        return "urgent_not_included", f"The plan {plan.name} does not serve urgent requests."
    if channel_terms is None or channel_terms.hours is None or at is None:
        return None
    if not is_open(terms, channel_terms.hours, at):
        return "outside_channel_hours", f"{channel_terms.name} is closed at this time."
    return None


def require_known_severity(severity: int | None, terms: Catalog) -> None:
    """Refuse with `unknown_severity` one that a catalogue, which defines some, does not."""
    if severity is not None and terms.severities and severity not in terms.severities:
        detail = f"{terms.code} does not define severity {severity}."
        raise UnknownSeverity([Fault("/severity", detail, UnknownSeverity.code)])


def require_severity(promises: tuple[Promise, ...], *, severity: int | None, urgent: bool) -> None:
    """Refuse with `severity_required` where promises depend on one and none is named."""
    if severity is None and needs_severity(promises, urgent=urgent):
        detail = "The plan's promises depend on a severity: give 1 to 4."
        raise SeverityRequired([Fault("/severity", detail, SeverityRequired.code)])


def _refuse_topic(
    plan: Plan, terms: Catalog, channel: ChannelTerms | None, topic: str | None
) -> tuple[PoolCode, str] | None:
    if topic is None:
        return None
    if channel is not None and topic in channel.refuses_topics:
        return "topic_not_included", f"{channel.name} does not serve the topic {topic}."
    known = terms.topics.get(topic)
    included = known is not None and known.included
    if plan.topics is not None:
        included = topic in plan.topics
    if not included:
        return "topic_not_included", f"The plan {plan.name} does not include the topic {topic}."
    return None
