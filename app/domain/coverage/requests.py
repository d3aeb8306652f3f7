"""A request: what is asked for, and whether it can be read in a catalogue's terms at all."""

from collections.abc import Mapping

from app.domain.access.refusals import Choice, Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import WorkedTicket
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.coverage.choices import (
    known_severities,
    list_plans,
    list_severities,
    list_sites,
    list_topics,
)
from app.domain.promises.promises import Promise, needs_severity
from app.domain.selling.selling import SiteRequired
from app.domain.values import Value, field, replace


class SeverityRequired(InvalidPayload):
    """The plan's promises depend on a severity, and none is named; `choices` defines each."""

    code = "severity_required"
    title = "A severity is required"


class UnknownPlan(InvalidPayload):
    """The catalogue has no such plan; `choices` has those that it has."""

    code = "unknown_plan"
    title = "The catalogue has no such plan"


class UnknownTopic(InvalidPayload):
    """The catalogue has no such topic; `choices` has those that it has."""

    code = "unknown_topic"
    title = "The catalogue has no such topic"


class TopicRequired(InvalidPayload):
    """The plan wants each request to name its topic, and none is named; `choices` has them."""

    code = "topic_required"
    title = "A topic is required"


class UnknownSeverity(InvalidPayload):
    """The catalogue does not define this severity; `choices` has those that it defines."""

    code = "unknown_severity"
    title = "The catalogue does not define this severity"


class Request(Value):
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
    region: str | None = None

    def by(self, channel: Channel) -> "Request":
        """Return the same request through another channel."""
        return replace(self, channel=channel)

    def worked(self, channel: Channel) -> WorkedTicket:
        """Return what the count and the price of work on it depend on, served by a channel."""
        return WorkedTicket(self.urgent, self.severity, self.category, channel)


def require_known_topic(topic: str | None, terms: Catalog) -> None:
    """Refuse with `unknown_topic` one that the catalogue does not name."""
    if topic is not None and topic not in terms.topics:
        detail = f"{terms.title} has no topic {topic!r}."
        fault = Fault("/topic", detail, UnknownTopic.code)
        raise UnknownTopic([fault], choices=list_topics(terms))


def require_topic(plan: Plan, request: Request, terms: Catalog) -> None:
    """Refuse with `topic_required` a request that names none where the plan wants one named."""
    if plan.topic_required and request.topic is None and request.category != BUG_CATEGORY:
        choices = list_topics(terms)
        detail = f"On {plan.name} a request names its topic: one of {_names(choices)}."
        raise TopicRequired([Fault("/topic", detail, TopicRequired.code)], choices=choices)


def require_known_severity(
    severity: int | None, terms: Catalog, *, pointer: str = "/severity"
) -> None:
    """Refuse with `unknown_severity` one that the catalogue neither defines nor promises by."""
    if severity is not None and severity not in known_severities(terms):
        defined = "does not define severity" if terms.severities else "has no severities, not even"
        detail = f"{terms.title} {defined} {severity}."
        fault = Fault(pointer, detail, UnknownSeverity.code)
        raise UnknownSeverity([fault], choices=list_severities(terms))


def require_severity(
    promises: tuple[Promise, ...],
    *,
    severity: int | None,
    urgent: bool,
    terms: Catalog,
    counted: bool = False,
) -> None:
    """Refuse with `severity_required` where promises depend on one and none is named.

    Or where what a ticket takes does: it is `counted` by its severity.
    """
    promised = needs_severity(promises, urgent=urgent)
    if severity is None and (promised or counted):
        choices = list_severities(terms)
        named = ", ".join(f"{each.value} ({each.name})" for each in choices)
        what = "promised" if promised else "counted"
        detail = f"What is {what} depends on the severity: give one of {named}."
        fault = Fault("/severity", detail, SeverityRequired.code)
        raise SeverityRequired([fault], choices=choices)


def unknown_plan(plan: str, terms: Catalog) -> UnknownPlan:
    """Return the refusal of a plan that the catalogue does not have."""
    choices = list_plans(terms)
    detail = f"{terms.title} has no plan {plan!r}; it has {_names(choices)}."
    return UnknownPlan([Fault("/plan", detail, UnknownPlan.code)], choices=choices)


def site_required(sites: list[str]) -> SiteRequired:
    """Return the refusal of a request that names none of several covered stores."""
    detail = f"The account has cover for several stores: name one of {', '.join(sites)}."
    return SiteRequired([Fault("/site", detail, SiteRequired.code)], choices=list_sites(sites))


def _names(choices: list[Choice]) -> str:
    return ", ".join(str(each.value) for each in choices)
