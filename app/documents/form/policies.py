"""A seller's policies, discounts and contacts."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.documents.form.basis.parts import CalendarName, ChosenPart, Listed, Part, Texts
from app.documents.form.basis.problems import Problem, problem, refuse_all
from app.documents.form.basis.surroundings import LONGEST_LIST, Surroundings
from app.documents.form.basis.values import Email, Name, TermText, Text
from app.documents.form.counting import CountingDocument, check_rated_hours
from app.documents.form.hourly_rates import HourlyRates
from app.documents.form.scope import MOST_SESSIONS
from app.domain.catalog.offers import MOST_SOLD
from app.domain.catalog.policies import (
    RefundPolicy,
    ReplyAfterResolution,
    ReturnedUnits,
    TermEnds,
    WithoutPlan,
)
from app.domain.catalog.terms import LONGEST_DAYS, LONGEST_MONTHS


class LateDocument(Part):
    """A renewal that comes after the term has ended, and not too long after it."""

    within: TermText
    """For how long after the end a renewal counts as late, and not as a new purchase."""
    from_: Annotated[Literal["old_end", "now"], Field(alias="from")] = "old_end"
    """Whether the renewed term runs from the end of the one before, or from its own purchase."""
    fee_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """How much more than the list's price a late renewal costs, in percent."""


class RenewsDocument(Part):
    """Whether what is sold renews itself, and how long before its end that is told of."""

    automatic: bool = True
    """Whether an order that waits for its payment is placed when the term ends."""
    notice: TermText | None = None
    """How long before the end an event reports the coming end."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if not self.automatic and self.notice is None:
            yield problem("required", "It renews itself, or its end is told of before.", "notice")


class EndingDocument(Part):
    """How terms end and renew, and what is paid back of one that ends before."""

    refund: RefundPolicy | None = None
    """What is paid back for what is unused: the lesser of what is left of its units and of its
    time, one of them, or nothing; more needs a decision by hand. Without it: the lesser, and
    whoever cancels may pay back all."""
    term_ends: TermEnds = "instant"
    """When the last day of a term ends: at the time of day that it began, or with the day."""
    late: LateDocument | None = None
    """The terms of a renewal after the end; without them, it is a purchase like another."""
    renews: RenewsDocument | None = None
    """Whether terms renew themselves, and how long before their end an event says so."""


class PoliciesDocument(ChosenPart):
    """What the seller does in the cases that the plans leave open."""

    without_plan: WithoutPlan
    """What happens to a request that no plan covers: refused, or taken on demand."""
    without_plan_text: Text
    """What a customer without a plan reads, in a sentence."""
    returned_units: ReturnedUnits
    """What happens to units that come back after their term: they expire, or are granted again."""
    grace_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    """For how many days units that are granted again are good."""
    bug_report_to: Text | None = None
    """Where bugs are reported, in a sentence, if that is not the helpdesk."""
    bug_promises: bool = True
    """Whether a bug report on a plan keeps the plan's promises."""
    topic_required: bool = False
    """Whether each request has to name its topic, on a plan that says nothing of it."""
    ignore_www: bool = True
    """Whether a store's address with www and without it is one site."""
    sessions_at_once: Annotated[int, Field(ge=1, le=MOST_SESSIONS)] = 1
    """How many sessions of all channels may run at the same time."""
    reply_after_resolution: ReplyAfterResolution = "note"
    """Whether a customer's reply on a resolved ticket is recorded only, or reopens it."""
    grant_term: TermText | None = None
    """For how long units given by hand are good, if no end is named; without it, for ever."""
    ending: EndingDocument = EndingDocument()
    """How terms end and renew, and what is paid back of one that ends before."""
    rates: HourlyRates = ()
    """What an hour of work without a plan costs, of some tickets or at some times."""
    counting: CountingDocument | None = None
    """How minutes of work without a plan are counted; if this is left out, as they were worked."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        yield from check_rated_hours(self.counting, self.rates)


class DiscountDocument(Part):
    """A discount for a long contract, for many that are bought at once, or for both together."""

    contract_months: Annotated[int, Field(ge=1, le=LONGEST_MONTHS)] | None = None
    """The months of contract from which on the discount is given."""
    from_quantity: Annotated[int, Field(ge=2, le=MOST_SOLD)] | None = None
    """The quantity bought at once from which on the discount is given."""
    percent: Annotated[int, Field(ge=1, le=100)]
    """The percentage that is taken off every line of the order."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.contract_months is None and self.from_quantity is None:
            detail = "A discount is given from some months of contract, or some quantity, on."
            yield problem("required", detail, "contract_months")


class ContactDocument(Part):
    """A department that a customer can turn to."""

    department: Name
    """What the department is called, as customers read it."""
    email: Email | None = None
    """The department's address for e-mail, as it is shown to customers."""
    phones: Texts = ()
    """The department's telephone numbers, each as it is shown to customers."""
    hours: CalendarName | None = None
    """The calendar in whose open time the department is there."""
    note: Text | None = None
    """What else to know about the department, in a sentence."""
    quotes: bool = False
    """Whether the department is asked for what is provided for an additional fee."""


def _differ(discounts: tuple[DiscountDocument, ...]) -> tuple[DiscountDocument, ...]:
    taken = [(each.contract_months, each.from_quantity) for each in discounts]
    refuse_all(
        problem(
            "duplicate",
            f"Another discount begins at {months} months."
            if months
            else f"Another discount begins at {quantity} bought at once.",
            place,
            "contract_months" if months else "from_quantity",
        )
        for place, (months, quantity) in enumerate(taken)
        if (months, quantity) in taken[:place]
    )
    return discounts


Discounts = Annotated[
    tuple[DiscountDocument, ...], Field(max_length=LONGEST_LIST), Listed, AfterValidator(_differ)
]
Contacts = Annotated[tuple[ContactDocument, ...], Field(max_length=LONGEST_LIST), Listed]
