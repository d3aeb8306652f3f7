"""Changes of a charge as they are on the wire: revisions, refunds, disputes, splits."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.api.http.wire import (
    Amount,
    Code,
    Instant,
    LongText,
    Reference,
    SiteUrl,
    Text,
    Wire,
)
from app.api.tickets.opening_shapes import TicketIdField, Variables
from app.api.tickets.ticket_shapes import TicketWire
from app.domain.catalog.channels import Channel


class Revision(Wire):
    """Another price for a ticket that is being worked on: an amount, or a category."""

    amount: Amount | None = None
    """What it costs in all, as it looks now."""
    category: Code | None = None
    """The row of the rate card that it turns out to be."""
    variables: Variables = Field(default_factory=dict)
    """The numbers that the category's price depends on."""
    reason: LongText
    """Why this is done, kept on the record."""
    reference: Reference | None = None
    """Makes it safe to repeat, for ever."""
    at: Instant | None = None
    """At which instant; default now."""

    @model_validator(mode="after")
    def _require_price(self) -> Self:
        if self.amount is None and self.category is None:
            raise ValueError("give an amount, or a category")
        return self


class Refund(Wire):
    """Units given back after the charge was settled."""

    amount: Annotated[Amount | None, Field(ge=1)] = None
    """How many; left out, all that the ticket has used."""
    cause: Literal["vendor_defect", "goodwill", "error"] = "goodwill"
    """Why they come back; a defect of the seller's own always gives them a new term."""
    reason: LongText
    """Why, for the record."""
    actor: Text
    """Who decided it, as the caller names them."""
    reference: Reference | None = None
    """Makes it safe to repeat, for ever."""
    at: Instant | None = None
    """At which instant; default now."""


class Dispute(Wire):
    """The customer thinks the charge is wrong."""

    reason: LongText
    """Why this is done, kept on the record."""


class DisputeDecision(Wire):
    """What becomes of a disputed charge."""

    refund_amount: Amount
    """How many units are given back; 0 for none."""
    reason: LongText
    """Why this is done, kept on the record."""
    actor: Text
    """Who decided it, as the caller names them."""


class SplitPart(Wire):
    """One further ticket; what it leaves out is as in the first."""

    ticket_id: TicketIdField
    """The helpdesk's own id of it."""
    subject: Text
    """What it is about."""
    category: Code | None = None
    """The row of the rate card that prices it."""
    variables: Variables | None = None
    """The numbers that the category's price depends on."""
    amount: Amount | None = None
    """The units agreed upon."""
    channel: Channel | None = None
    """Through which it comes."""
    severity: Annotated[int | None, Field(ge=1, le=4, strict=True)] = None
    """1 (gravest) to 4."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """Whether it is hurried."""
    topic: Code | None = None
    """What it is about, of the catalogue's topics."""
    site: SiteUrl | None = None
    """The store it is about."""


class Split(Wire):
    """The further tickets that one turns out to be."""

    tickets: Annotated[list[SplitPart], Field(min_length=1, max_length=50)]
    """The added parts; the first ticket keeps its own charge."""

    @model_validator(mode="after")
    def _require_different_ids(self) -> Self:
        ids = [part.ticket_id for part in self.tickets]
        if len(set(ids)) != len(ids):
            raise ValueError("two parts have the same ticket_id")
        return self


class SplitWire(Wire):
    """A ticket that was split, and its parts."""

    tickets: list[TicketWire]
    """The first, and then the added parts in order."""
    sequence: int
    """The number of the last movement of the account's units."""
