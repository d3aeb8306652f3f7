"""Offers of a catalogue: their terms, allowances and prices; and free first units."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from app.documents.form.basis.parts import (
    PLAIN,
    TABLE,
    CalendarName,
    ChosenPart,
    Part,
    PlanName,
    PlanNames,
    Texts,
    shape_of,
)
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Name, Share, TermText, Text
from app.documents.form.money import (
    FeeDocument,
    ListPriceDocument,
    MoneyDocument,
    PriceShareDocument,
)
from app.domain.catalog.amounts import Unit
from app.domain.catalog.offers import CarryOver, OfferKind, Per, Sold
from app.domain.catalog.terms import A_MONTH

MOST_GRANTED = 1_000_000_000
Amount = Annotated[int, Field(ge=1, le=MOST_GRANTED)]


class AllowanceDocument(Part):
    """What an offer grants: a number of units, or as many as are needed."""

    amount: Amount | None = None
    """How many units the offer grants; left out where it is unlimited, or agreed by quote."""
    unlimited: bool = False
    """Whether there is no limit: uses are still counted."""
    per: Per
    """The time that the amount is for: the whole term, or each month of it."""


class SoldByDocument(Part):
    """What an offer is priced by, besides what it grants: a socket, a seat, a server."""

    name: Name
    """The name of one of them, such as socket."""
    plural: Name
    """The name of several of them, such as sockets."""
    scales: bool = False
    """Whether the number of those bought multiplies what is granted, as it does the price."""


class CarryOverDocument(Part):
    """How much of a month's units lasts on when it turns, and for how long."""

    share: Share | None = None
    """The share of the month's units that lasts on at most, such as 2/5; all if left out."""
    for_: TermText = Field(
        default_factory=lambda: A_MONTH, alias="for", json_schema_extra={"default": "P1M"}
    )
    """For how long the units last on, within the sale or its renewal; a month if left out."""

    def value(self) -> CarryOver:
        return CarryOver(self.share or (1, 1), self.for_)


CarriesOver = Annotated[
    Annotated[bool, Tag(PLAIN)] | Annotated[CarryOverDocument, Tag(TABLE)],
    Discriminator(shape_of),
]


class OfferDocument(ChosenPart):
    """What a shop sells: a plan for a term, with an allowance and a price."""

    plan: PlanName | None = None
    """The plan that the offer sells; none where it adds a calendar to one."""
    name: Name
    """What the offer is called in the shop."""
    description: Text
    """What one purchase of the offer gives, in a sentence."""
    sold: Sold
    """How the offer is sold: directly at its price, included with something else, or by quote."""
    term: TermText | None = None
    """For how long a purchase is good; left out only where it is agreed by quote, or without an
    end."""
    without_end: bool = False
    """Whether a pack's units are good for ever, in place of a term."""
    unit: Unit | None = None
    """The unit that the offer grants: its plan's, which it may repeat."""
    allowance: AllowanceDocument | None = None
    """The units that the offer grants, and for what time."""
    price: MoneyDocument | None = None
    """What one purchase costs; this or a share is needed where it is sold directly."""
    price_share: PriceShareDocument | None = None
    """What one purchase costs as a percentage of something else, in place of a price."""
    list_price: ListPriceDocument | None = None
    """The price as it is advertised, where one purchase costs another amount."""
    site_bound: bool = False
    """Whether the offer covers one store, whose address a purchase then needs."""
    adds_calendar: CalendarName | None = None
    """The calendar that cover sold on top adds to a subscription's promises."""
    carries_over: CarriesOver = False
    """Whether what is unused of a month moves into the next one; or what share, for how long."""
    kind: OfferKind = "term"
    """What the offer sells: cover for a term, or a pack of units good for a time from its
    purchase."""
    needs: PlanNames = ()
    """The plans of which a buyer must have one already, in order to buy it."""
    sold_by: SoldByDocument | None = None
    """What the price is for each of, where that is not what is granted."""
    includes: Texts = ()
    """What else the price brings, in the seller's words."""
    fee: FeeDocument | None = None
    """The fee that is paid once beside the price."""
    opens_only: bool = False
    """Whether the offer grants no units, and only opens what needs its plan."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.plan is None and self.adds_calendar is not None:
            if self.allowance is not None:
                detail = "Cover sold on top of a subscription grants nothing of its own."
                yield problem("conflicting_fields", detail, "allowance")
        elif self.opens_only:
            if self.allowance is not None:
                detail = "An offer that only opens something grants nothing of its own."
                yield problem("conflicting_fields", detail, "allowance")
        elif self.allowance is None:
            yield problem("required", 'The field "allowance" must be given.', "allowance")
            return
        else:
            yield from self._check_allowance(self.allowance)
        yield from self._check_plan(around)
        yield from self._check_term(around)
        yield from self._check_price()

    def _check_allowance(self, allowance: AllowanceDocument) -> Iterator[Problem]:
        if allowance.unlimited and allowance.amount is not None:
            detail = "An allowance has an amount or is unlimited: not both."
            yield problem("conflicting_fields", detail, "allowance", "unlimited")
        if not allowance.unlimited and allowance.amount is None and self.sold != "quote":
            detail = "An amount must be given, unless it is unlimited or sold by quote."
            yield problem("required", detail, "allowance", "amount")

    def _check_plan(self, around: Surroundings) -> Iterator[Problem]:
        if self.plan is None and self.adds_calendar is None:
            detail = "An offer sells a plan, or adds a calendar to one: name either."
            yield problem("required", detail, "plan")
        if self.plan is not None and self.adds_calendar is not None:
            detail = "An offer that adds a calendar is sold on top of a plan, and names none."
            yield problem("conflicting_fields", detail, "adds_calendar")
        counted = around.plan_units.get(self.plan or "")
        if self.unit is not None and counted is not None and counted != self.unit:
            detail = f'The plan "{self.plan}" counts {counted}s, and not {self.unit}s.'
            yield problem("unit_mismatch", detail, "unit")

    def _check_term(self, around: Surroundings) -> Iterator[Problem]:
        per_month = self.allowance is not None and self.allowance.per == "month"
        if self.without_end and (self.kind != "pack" or self.term is not None):
            detail = "Only the units of a pack have no end, and then the pack has no term."
            yield problem("conflicting_fields", detail, "without_end")
        if self.term is None and self.sold != "quote" and not self.without_end:
            yield problem("required", "A term must be given, unless sold by quote.", "term")
        if self.term is not None and self.term.days and per_month:
            detail = "An allowance for each month needs a term in months."
            yield problem("conflicting_fields", detail, "term")
        if self.carries_over and not per_month:
            detail = "Only an allowance for each month can carry over."
            yield problem("conflicting_fields", detail, "carries_over")
        if isinstance(self.carries_over, CarryOverDocument) and self.plan in around.joining:
            detail = "Months that agreements join carry over whole, or not at all."
            yield problem("conflicting_fields", detail, "carries_over")
        unlimited = self.allowance is not None and self.allowance.unlimited
        if self.kind == "pack" and (per_month or unlimited):
            detail = "A pack sells a number of units at once."
            yield problem("conflicting_fields", detail, "kind")

    def _check_price(self) -> Iterator[Problem]:
        if self.price_share is not None and (self.price is not None or self.sold != "direct"):
            detail = "A share of something else stands in place of the price, sold directly."
            yield problem("conflicting_fields", detail, "price_share")
        match self.sold:
            case "direct" if self.price is None and self.price_share is None:
                yield problem("required", "What is sold directly has a price.", "price")
            case "quote" if self.price is not None:
                detail = "What is sold by quote has no price of its own; it may have a list price."
                yield problem("conflicting_fields", detail, "price")
            case "included" if self.price is not None and self.price.amount:
                detail = "What is included with something else costs nothing."
                yield problem("conflicting_fields", detail, "price")


class FirstLicenceDocument(ChosenPart):
    """What a customer's first software licence brings, once."""

    plan: PlanName
    """The plan whose units the licence grants."""
    amount: Amount
    """How many units the licence grants."""
    term: TermText
    """For how long the granted units are good."""
    each: bool = False
    """Whether every further licence brings the units as well, and not only the first."""
