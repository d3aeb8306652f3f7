"""A plan: a level of support, with its rank and what it includes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.documents.form.basis.parts import (
    PLAIN,
    TABLE,
    ChannelNames,
    ChosenPart,
    Listed,
    Part,
    PlanName,
    PromiseSetNames,
    SeverityLevels,
    Texts,
    TopicNames,
    shape_of,
)
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Name, Share, Text
from app.documents.form.counting import CountingDocument, check_rated_hours
from app.documents.form.credits import Credits
from app.documents.form.hourly_rates import HourlyRates
from app.documents.form.matrix import MatrixDocument, place_made
from app.documents.form.money import MoneyDocument
from app.documents.form.promises import PlacedPromise, Promises, find_overlap, place_listed
from app.documents.form.requesters import RequestersDocument
from app.domain.catalog.amounts import Unit

LOWEST_RANK = 1000
MOST_USES = 1_000_000
MOST_JOINED_MONTHS = 12
MOST_MONTHLY_LIMITS = 16

# Fields that make sense only where one of these units is counted.
UNIT_FIELDS: Mapping[str, tuple[Unit, ...]] = {
    "weekly_cap": ("minute",),
    "overage": ("minute",),
    "overage_rate": ("minute",),
    "joins_months": ("minute",),
    "counting": ("minute",),
    "rates": ("minute",),
    "overage_price": ("incident", "point"),
}


class FairUseDocument(Part):
    """How much of an unlimited plan a month may use, and what becomes of more."""

    uses: Annotated[int, Field(ge=1, le=MOST_USES)]
    """The uses within a month of the term that raise an event."""
    refuses: bool = False
    """Whether more uses within that month are refused, and not only reported."""


FairUse = Annotated[
    Annotated[Annotated[int, Field(ge=1, le=MOST_USES)], Tag(PLAIN)]
    | Annotated[FairUseDocument, Tag(TABLE)],
    Discriminator(shape_of),
]


class MonthlyLimitDocument(Part):
    """How many tickets of a kind are taken within a calendar month; more are refused."""

    at_most: Annotated[int, Field(ge=1, le=MOST_USES)]
    """How many of them are taken."""
    severities: SeverityLevels = ()
    """The severities of the tickets that it is for; any, if it is left out."""
    urgent: bool = False
    """Whether it is for urgent tickets only."""


MonthlyLimits = Annotated[
    tuple[MonthlyLimitDocument, ...], Field(max_length=MOST_MONTHLY_LIMITS), Listed
]


class PlanDocument(ChosenPart):
    """A level of support: its channels, topics and promises, and its rank among the plans."""

    name: Name
    """What the plan is called on the plan page."""
    description: Text
    """What the plan gives, in a sentence."""
    rank: Annotated[int, Field(ge=1, le=LOWEST_RANK)]
    """The plan's place among the plans: 1 is the best, and is drawn upon first."""
    unit: Unit
    """The unit that the plan counts: incidents, points, or minutes of work."""
    channels: Annotated[ChannelNames, Field(min_length=1)]
    """The channels through which the plan serves, of those that the document has."""
    extends: PlanName | None = None
    """The plan whose fields this plan has, too, but for those that this one gives itself."""
    promises: Promises = ()
    """What the plan owes, for each metric and for the requests that it matches."""
    matrix: MatrixDocument | None = None
    """What the plan owes, as a table of metrics and severities."""
    promise_sets: PromiseSetNames = ()
    """The sets of promises that the plan makes besides its own."""
    topics: TopicNames | None = None
    """The topics that the plan covers; all included ones of the catalogue if it is left out."""
    urgent: bool = False
    """Whether the plan serves urgent requests, too."""
    expedited_bugs: bool = False
    """Whether bugs that are reported on this plan are put first."""
    weekly_cap: Share | None = None
    """The share of a month's minutes that one week may use, such as 1/2."""
    overage: bool = False
    """Whether minutes beyond the allowance are worked, and billed."""
    overage_rate: MoneyDocument | None = None
    """What an hour beyond the allowance costs, where that is published."""
    overage_price: MoneyDocument | None = None
    """What each incident or point beyond the allowance costs; without it there are none."""
    rates: HourlyRates = ()
    """What an hour beyond the allowance costs, of some tickets or at some times; in place of one
    rate."""
    joins_months: Annotated[int, Field(ge=2, le=MOST_JOINED_MONTHS)] | None = None
    """How many months' minutes an agreement may join into one allowance."""
    fair_use: FairUse | None = None
    """The uses of an unlimited plan within a month that raise an event; a table says if more are
    refused."""
    counting: CountingDocument | None = None
    """How minutes of work are counted; if this is left out, as they were worked."""
    credits: Credits = ()
    """What promises that were broken within a month give, in percent of its price or in units."""
    topic_required: bool | None = None
    """Whether each request has to name its topic; as the policies say if it is left out."""
    requesters: RequestersDocument | None = None
    """Who may ask on the plan; whoever the helpdesk lets if it is left out."""
    open_at_most: Annotated[int, Field(ge=1, le=MOST_USES)] | None = None
    """How many tickets may be open on the plan at once; more are refused."""
    urgent_at_most: Annotated[int, Field(ge=1, le=MOST_USES)] | None = None
    """How many urgent tickets are taken within a calendar month; more are refused."""
    monthly_limits: MonthlyLimits = ()
    """How many tickets are taken within a calendar month, of some severities or of all."""
    features: Texts = ()
    """What else the plan page lists, in the seller's words."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Write that a plan which extends another need not repeat what that has."""
        written = super().__get_pydantic_json_schema__(schema, handler)
        shape = handler.resolve_ref_schema(written)
        shape["anyOf"] = [{"required": ["extends"]}, {"required": shape.pop("required")}]
        return written

    def check(self, around: Surroundings) -> Iterator[Problem]:
        for name, units in UNIT_FIELDS.items():
            if self.gives(name) and self.unit not in units:
                counts = " or ".join(f"{unit}s" for unit in units)
                detail = f"Only a plan that counts {counts} has it; this one counts {self.unit}s."
                yield problem("unit_mismatch", detail, name)
        if self.overage_rate is not None and not self.overage:
            detail = "There is a rate for more than the allowance, and no overage."
            yield problem("conflicting_fields", detail, "overage_rate")
        if self.rates and (self.overage_rate is not None or not self.overage):
            detail = "Rates by urgency or category are for overage, and in place of its one rate."
            yield problem("conflicting_fields", detail, "rates")
        yield from check_rated_hours(self.counting, self.rates)
        for place, channel in enumerate(self.channels):
            if channel in around.paid_channels and self.unit != "incident":
                name = around.paid_channels[channel]
                detail = f"{name} is paid in incidents, and this plan counts {self.unit}s."
                yield problem("unit_mismatch", detail, "channels", place)
        yield from self._check_urgent()

    def _check_urgent(self) -> Iterator[Problem]:
        detail = "The plan serves no urgent requests that could be limited."
        if self.urgent_at_most is not None and not self.urgent:
            yield problem("conflicting_fields", detail, "urgent_at_most")
        for place, limit in enumerate(self.monthly_limits):
            if limit.urgent and not self.urgent:
                yield problem("conflicting_fields", detail, "monthly_limits", place, "urgent")
        detail = "The plan promises urgent requests something, and does not serve them."
        for place, promise in enumerate(self.promises):
            if promise.urgent and not self.urgent:
                yield problem("conflicting_fields", detail, "promises", place, "urgent")
        made = self.matrix.promises() if self.matrix is not None else []
        if any(promise.urgent for promise in made) and not self.urgent:
            yield problem("conflicting_fields", detail, "matrix")
        known = place_listed(self.promises, "promises")
        for each in check_apart(known, place_made(self.matrix, "matrix")):
            inherits = f' What the plan does not write itself it has from "{self.extends}".'
            detail = each.detail + (inherits if self.extends is not None else "")
            yield problem(each.code, detail, *each.steps)


def check_apart(
    promises: Iterable[PlacedPromise], others: Iterable[PlacedPromise], *steps: str | int
) -> Iterator[Problem]:
    """Return a problem where one of the others matches what a promise matches already.

    It is said of `steps`, or of the other's own place without them.
    """
    known = list(promises)
    for each in others:
        detail = find_overlap(each, known)
        if detail is not None:
            yield problem("overlapping_promises", detail, *(steps or each.place))
            return
        known.append(each)


def check_ranks(plans: Mapping[str, PlanDocument]) -> Iterator[Problem]:
    """Return each plan whose rank another has already."""
    taken: dict[int, str] = {}
    for code, plan in plans.items():
        if plan.rank in taken:
            detail = f'The plan "{taken[plan.rank]}" has this rank already.'
            yield problem("duplicate_rank", detail, code, "rank")
        taken.setdefault(plan.rank, code)
