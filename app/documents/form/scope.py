"""Scope of a catalogue's support: channels, topics, severities and the rate card."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.documents.form.basis.parts import (
    LEVELS,
    CalendarName,
    ChannelNames,
    ChosenPart,
    Part,
    Reference,
    SeverityLevels,
    Texts,
    TopicNames,
)
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Code, Day, Name, Text, Written
from app.domain.catalog.amounts import Unit
from app.domain.catalog.rate_cards import BUG_CATEGORY

MOST_UNITS = 1_000_000
MOST_MINUTES = 1440
MOST_SESSIONS = 10_000
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,63}")

# What each kind of rate needs besides its name.
RateKind = Literal["fixed", "from", "range", "per_unit", "on_request"]
RATE_FIELDS: dict[RateKind, tuple[str, ...]] = {
    "fixed": ("base",),
    "from": ("base",),
    "range": ("base", "upper"),
    "per_unit": ("base", "per_unit", "variable"),
    "on_request": (),
}


def _read_variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        detail = "A variable is 1 to 64 lower-case letters, digits and underscores."
        raise refuse("invalid_code", detail)
    return text


def _read_level(code: str) -> str:
    if code not in LEVELS:
        raise refuse("invalid_code", f"A severity is {', '.join(LEVELS[:-1])} or {LEVELS[-1]}.")
    return code


def _refuse_bug(code: str) -> str:
    if code == BUG_CATEGORY:
        detail = "A bug report costs nothing in every catalogue, and has no row here."
        raise refuse("reserved_code", detail)
    return code


Level = Annotated[
    Code, AfterValidator(_read_level), Field(json_schema_extra={"enum": list(LEVELS)})
]
Category = Annotated[Code, AfterValidator(_refuse_bug)]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]


class ChannelDocument(ChosenPart):
    """How one channel is served: ticket, email, chat, phone or video."""

    name: Name
    """What the channel is called on the plan page."""
    description: Text
    """What a customer can expect of the channel, in a sentence."""
    incident_minutes: Minutes | None = None
    """The minutes of a session that one incident pays for; each further step begun is another."""
    limit_minutes: Minutes | None = None
    """The minutes after which a session ends, where no further incident is taken."""
    hours: CalendarName | None = None
    """The calendar outside which a session is refused; without it there are no closing hours."""
    urgent_only: bool = False
    """Whether the channel serves urgent requests alone."""
    refuses_topics: TopicNames = ()
    """The topics that this channel does not serve, by their codes."""
    on_request: bool = False
    """Whether a session is arranged when asked for, and not walked into."""
    best_effort: bool = False
    """Whether the channel is answered as well as can be, without a guarantee."""
    at_once: Annotated[int, Field(ge=1, le=MOST_SESSIONS)] | None = None
    """How many sessions of this channel may run at the same time."""
    served_in: CalendarName | None = None
    """The calendar in which the channel is usually answered; outside it, nothing is refused."""
    asks_for: Texts = ()
    """What a customer is asked to give in order to use the channel."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.incident_minutes is not None and self.limit_minutes is not None:
            detail = "A session costs further incidents, or ends at a limit: not both."
            yield problem("conflicting_fields", detail, "limit_minutes")


class TopicDocument(Part):
    """A subject of support, in scope or out of it."""

    name: Name
    """What the topic is called on the plan page."""
    included: bool = True
    """Whether plans cover the topic; false is served for a further fee only, by quote."""
    promised: bool = True
    """Whether the promises hold for the topic; false is served without any."""
    note: Text | None = None
    """What else applies to the topic, in a sentence."""
    fee_note: Text | None = None
    """What of the topic costs extra, in a sentence."""
    until: Day | None = None
    """The last day on which the topic is supported, such as the end of a release's support."""


class SeverityDocument(Part):
    """One level of severity as the seller defines it; 1 is the gravest."""

    name: Name
    """What the level is called, such as Urgent."""
    definition: Text
    """When a request is of this level, in the seller's words."""
    examples: Texts = ()
    """Cases of this level that the seller names."""


class RateDocument(Part):
    """A row of the rate card: what a ticket of one category costs, or one under conditions."""

    name: Name
    """What the category is called on the rate card."""
    kind: RateKind = "fixed"
    """How the row is priced: fixed, from a minimum, in a range, by a number, or on request."""
    base: Units | None = None
    """The units that a ticket costs: all of them, the least, or those that `variable` adds to; of
    minutes, those that are set aside when it is opened: what is worked is what it costs."""
    upper: Units | None = None
    """The most units that a ticket costs, where the price is a range."""
    per_unit: Units | None = None
    """The units for each one of what `variable` counts."""
    variable: Annotated[str, Written(_read_variable, 200)] | None = None
    """The name of the number that a request has to give, such as stores."""
    group: Name | None = None
    """The heading under which the rate card lists the category."""
    definition: Text | None = None
    """What makes an issue one of this category, as people choose by it."""
    examples: Texts = ()
    """Some issues of this category, for people who choose one."""
    unit: Unit = "point"
    """The unit that the price counts: the row is for the plans that count this one."""
    category: Annotated[Text, Reference("category")] | None = None
    """The category whose price this is under its conditions; without it, the row is one of its
    own."""
    severities: SeverityLevels = ()
    """The severities that the price is for; any, if it is left out."""
    urgent: bool | None = None
    """Whether the price is for urgent tickets, or for others; for both, if it is left out."""
    channels: ChannelNames = ()
    """The channels that the price is for; any, if it is left out."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        needed = RATE_FIELDS[self.kind]
        for name in ("base", "upper", "per_unit", "variable"):
            if name in needed and getattr(self, name) is None:
                yield problem("required", f'The field "{name}" must be given.', name)
            elif name not in needed and self.gives(name):
                detail = f'There is no field "{name}" in a row of the kind {self.kind}.'
                yield problem("unknown_field", detail, name)
        conditional = self.severities or self.channels or self.urgent is not None
        if self.category is not None and not conditional:
            detail = "A category has one price, and another only under conditions: name some."
            yield problem("required", detail, "urgent")
        is_worked = self.unit == "minute" and around.works_without_plan
        if not is_worked and self.unit not in around.plan_units.values() and self.gives("unit"):
            yield problem("unit_mismatch", f"No plan counts {self.unit}s.", "unit")
        if self.kind == "range" and (self.upper or 0) < (self.base or 0) and self.upper is not None:
            yield problem("out_of_range", f"It must not be below the base, {self.base}.", "upper")
