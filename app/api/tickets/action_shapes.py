"""Actions on a ticket as they are on the wire: replies, pauses, severities, resolutions."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.api.http.wire import (
    Amount,
    Instant,
    LongText,
    SeverityLevel,
    Wire,
)
from app.domain.catalog.channels import Channel
from app.domain.tickets.charges import Outcome


class Reply(Wire):
    """A message on a ticket, of an agent or of the customer."""

    by: Literal["agent", "customer"]
    """Who wrote the message: an agent or the customer."""
    channel: Channel | None = None
    """The channel through which the message came; left out, it is not recorded."""
    at: Instant | None = None
    """The instant at which the message was written; default now."""


class Pause(Wire):
    """A wait that is not the seller's, from an instant on."""

    waiting_on: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", examples=["customer"])]
    """On whom the ticket waits: `customer`, `vendor`, or another cause that the promises know."""
    at: Instant | None = None
    """The instant since which the ticket waits; default now."""


class Resumption(Wire):
    """The end of a wait, at which the ticket's clocks run on."""

    at: Instant | None = None
    """The instant at which the wait ended; default now."""


class SeverityChange(Wire):
    """Another severity of a ticket, or another urgency."""

    severity: SeverityLevel | None = None
    """The new severity, 1 (gravest) to 5; left out, the severity stays."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """Whether the ticket is urgent from now on; left out, the urgency stays."""
    reason: LongText
    """Why the severity or the urgency changes, for the record."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """What running clocks keep: the time used, nothing, or their target."""
    at: Instant | None = None
    """The instant from which the change holds; default now."""

    @model_validator(mode="after")
    def _require_change(self) -> Self:
        if self.severity is None and self.urgent is None:
            raise ValueError("give a severity, or an urgency")
        return self


class Resolution(Wire):
    """The end of a ticket, and of its charge."""

    outcome: Outcome
    """How the ticket ended; all outcomes but `solved` return what is held, unless an amount is
    given."""
    amount: Amount | None = None
    """How many units the ticket cost in the end; left out, what is held."""
    reason: LongText | None = None
    """Why the ticket ended so, for the record."""
    at: Instant | None = None
    """The instant at which the ticket was resolved; default now."""


class Remedy(Wire):
    """A workaround or a repair by which the customer can work again."""

    reason: LongText | None = None
    """What the remedy was, for the record."""
    at: Instant | None = None
    """The instant at which the remedy was given; default now."""


class Reopening(Wire):
    """A resolved ticket that is taken up again."""

    reason: LongText
    """Why the ticket is reopened, for the record."""
    at: Instant | None = None
    """The instant at which the ticket was reopened; default now."""
