"""A document's own examples: what the seller's page says of a request or an order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from app.documents.form.basis.parts import (
    PLAIN,
    TABLE,
    AtMost,
    Listed,
    Part,
    PlanName,
    Reference,
    shape_of,
)
from app.documents.form.basis.problems import Problem, problem, refuse
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Text, Written
from app.documents.form.money import MoneyDocument
from app.domain.catalog.catalogs import MOST_SEVERITIES
from app.domain.catalog.channels import Channel

MOST_EXAMPLES = 200
MOST_ASKED = 1_000_000
_NO_INSTANT = datetime(1, 1, 1)  # noqa: DTZ001  without an offset it is refused


def _read_instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _NO_INSTANT
    if at.tzinfo is None or not 1900 <= at.year < 9999:
        detail = f'"{text[:40]}" is not an instant like "2026-11-20T16:30:00+01:00".'
        raise refuse("invalid_instant", detail)
    return at.astimezone(UTC)


Instant = Annotated[datetime, Written(_read_instant, 40, shape={"format": "date-time"})]
Count = Annotated[int, Field(ge=0, le=MOST_ASKED)]
Many = Annotated[int, Field(ge=1, le=MOST_ASKED)]


class AskedDocument(Part):
    """A request as a ticket would be opened, by a customer who has the plan, or none."""

    plan: PlanName | None = None
    """The plan that the customer has, with units enough; none, if it is left out."""
    at: Instant
    """The instant at which the request is made, with its offset from UTC."""
    channel: Annotated[Channel, Reference("channel")] | None = None
    """The channel by which the request comes; the plan's first if it is left out."""
    severity: Annotated[int, Field(ge=1, le=MOST_SEVERITIES), Reference("severity")] | None = None
    """The severity of the request, where the plan's promises depend on that."""
    region: Annotated[Text, Reference("region")] | None = None
    """The customer's region, where hours depend on it."""
    urgent: bool = False
    """Whether the request is an urgent one."""
    category: Text | None = None
    """The request's row of the rate card, by its code; bug is a bug report everywhere."""
    variables: Annotated[dict[Text, Count], AtMost(10)] = {}
    """The numbers that the category's price depends on, by name."""
    topic: Annotated[Text, Reference("topic")] | None = None
    """The topic that the request is about, by its code."""
    amount: Many | None = None
    """The amount of units agreed for the request, where the price is on request."""
    answered: Instant | None = None
    """The instant at which somebody answers the request first, where something is due from then
    on."""
    minutes: Many | None = None
    """The minutes that the request's one session lasts, by chat, phone or video."""
    worked: Annotated[int, Field(ge=1, le=1440)] | None = None
    """The minutes that are worked on the request at once, from then on, on a plan of minutes or
    without one: what it takes in all, whatever was set aside."""


class DueDocument(Part):
    """By when each metric is due, where it is asked for one by one."""

    first_response: Instant | None = None
    """The instant at which the first response is due."""
    next_update: Instant | None = None
    """The instant at which the next update is due."""
    remedy: Instant | None = None
    """The instant at which a remedy is due."""
    resolution: Instant | None = None
    """The instant at which the resolution is due."""


class BoughtDocument(Part):
    """An order as a shop would place it."""

    offer: Annotated[Text, Reference("offer")]
    """The code of the offer that is bought."""
    quantity: Many = 1
    """How many of the offer are bought at once."""
    share_of: MoneyDocument | None = None
    """The amount that the price is a share of, where the offer's is one."""
    contract_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """For how many months the contract runs, where that earns a discount."""


Due = Annotated[
    Annotated[Instant, Tag(PLAIN)] | Annotated[DueDocument, Tag(TABLE)], Discriminator(shape_of)
]


class ExampleDocument(Part):
    """A case and its answer, verified whenever the document is checked or published."""

    text: Text
    """The case in the seller's words, or where the seller's page has it."""
    asked: AskedDocument | None = None
    """The request that is made, with the plan that the customer has."""
    bought: BoughtDocument | None = None
    """The order that is placed, in place of a request."""
    costs: Count | None = None
    """The units that the request takes in all."""
    due: Due | None = None
    """The instant at which the first response is due, or an instant for each metric by its name."""
    refused: Text | None = None
    """The code with which the request is refused, in place of what it costs."""
    price: MoneyDocument | None = None
    """The price that the order costs in all."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if (self.asked is None) == (self.bought is None):
            yield problem("required", "An example asks for something, or buys something.", "asked")
            return
        answers = {"costs": self.costs, "due": self.due, "refused": self.refused}
        given = [name for name, value in answers.items() if value is not None]
        if self.bought is not None:
            for name in given:
                yield problem("conflicting_fields", "An order has a price, and no more.", name)
            if self.price is None:
                yield problem("required", "An order has a price.", "price")
        elif self.price is not None and self.asked is not None and self.asked.worked is None:
            detail = "Only a request that is worked on has a price; what another takes is costs."
            yield problem("conflicting_fields", detail, "price")
        elif not given and self.price is None:
            yield problem("required", "A request costs something, is due, or is refused.", "costs")
        elif self.refused is not None and (len(given) > 1 or self.price is not None):
            yield problem("conflicting_fields", "What is refused costs nothing.", "refused")


Examples = Annotated[tuple[ExampleDocument, ...], Field(max_length=MOST_EXAMPLES), Listed]
