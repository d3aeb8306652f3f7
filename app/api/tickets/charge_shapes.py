"""Changes of a charge as they are on the wire: revisions, refunds, disputes, splits."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.api.http.wire import (
    Amount,
    Code,
    Instant,
    LongText,
    Reference,
    SeverityLevel,
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
    """How many units the ticket costs in all, as it looks now."""
    category: Code | None = None
    """The row of the rate card that the ticket turns out to be."""
    variables: Variables = Field(default_factory=dict)
    """The numbers that the category's price depends on."""
    reason: LongText
    """Why the charge is revised, for the record."""
    reference: Reference | None = None
    """The caller's own reference of the revision: sent again, it is done once, for ever."""
    at: Instant | None = None
    """The instant from which the revision holds; default now."""

    @model_validator(mode="after")
    def _require_price(self) -> Self:
        if self.amount is None and self.category is None:
            raise ValueError("give an amount, or a category")
        return self


class Refund(Wire):
    """Units given back after the charge was settled."""

    amount: Annotated[Amount | None, Field(ge=1)] = None
    """How many units are given back; left out, all that the ticket has used."""
    cause: Literal["vendor_defect", "goodwill", "error"] = "goodwill"
    """Why the units come back; after a defect of the seller's own, ended ones always get a new
    term."""
    reason: LongText
    """Why the units are given back, for the record."""
    actor: Text
    """Who decided on the refund, as the caller names them."""
    reference: Reference | None = None
    """The caller's own reference of the refund: sent again, it is done once, for ever."""
    at: Instant | None = None
    """The instant at which the units are given back; default now."""


class Dispute(Wire):
    """A dispute: the customer thinks that the charge is wrong."""

    reason: LongText
    """Why the customer disputes the charge, for the record."""
    at: Instant | None = None
    """The instant at which the customer disputed the charge; default now."""


class DisputeDecision(Wire):
    """The decision of a dispute: how many units are given back."""

    refund_amount: Amount
    """How many units are given back to the customer; 0 for none."""
    reason: LongText
    """Why the dispute is decided so, for the record."""
    actor: Text
    """Who decided the dispute, as the caller names them."""
    at: Instant | None = None
    """The instant at which the dispute was decided; default now."""


class SplitPart(Wire):
    """One further ticket of a split; what it leaves out is as in the first."""

    ticket_id: TicketIdField
    """The further ticket, by the helpdesk's own id."""
    subject: Text
    """What the further ticket is about, in a line."""
    category: Code | None = None
    """The row of the rate card that prices the further ticket; left out, the first ticket's."""
    variables: Variables | None = None
    """The numbers that the category's price depends on."""
    amount: Amount | None = None
    """How many units are agreed for the further ticket."""
    channel: Channel | None = None
    """The channel through which the question came; left out, the first ticket's."""
    severity: SeverityLevel | None = None
    """The severity of the further ticket, 1 (gravest) to 5; left out, the first ticket's."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """Whether the further ticket is urgent; left out, as the first is."""
    topic: Code | None = None
    """The topic of the further ticket, by its code in the catalogue; left out, the first
    ticket's."""
    site: SiteUrl | None = None
    """The store that the further ticket is about, by its URL; left out, the first ticket's."""


class Split(Wire):
    """The further tickets that one turns out to be."""

    tickets: Annotated[list[SplitPart], Field(min_length=1, max_length=50)]
    """The further tickets, 50 at most; the first ticket keeps its own charge."""
    at: Instant | None = None
    """The instant at which the ticket was split, from which the further ones hold units; default
    now."""

    @model_validator(mode="after")
    def _require_different_ids(self) -> Self:
        ids = [part.ticket_id for part in self.tickets]
        if len(set(ids)) != len(ids):
            raise ValueError("two parts have the same ticket_id")
        return self


class SplitWire(Wire):
    """A ticket that was split, and its parts."""

    tickets: list[TicketWire]
    """The tickets: the first, and then the further ones in order."""
    sequence: int
    """The number of the last movement of the account's units."""
