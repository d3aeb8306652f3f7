"""Actions on a ticket as they are on the wire: replies, pauses, severities, resolutions."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.api.http.wire import (
    Amount,
    Instant,
    LongText,
    Wire,
)
from app.domain.catalog.channels import Channel
from app.domain.tickets.charges import Outcome


class Reply(Wire):
    """A message on a ticket."""

    by: Literal["agent", "customer"]
    """Who wrote it: an agent or the customer."""
    channel: Channel | None = None
    """Through which it came."""
    at: Instant | None = None
    """At which instant; default now."""


class Pause(Wire):
    """A wait that is not the seller's."""

    waiting_on: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", examples=["customer"])]
    """On whom: `customer`, `vendor`, or another cause that the promises know."""
    at: Instant | None = None
    """Since when; default now."""


class Resumption(Wire):
    """The end of a wait."""

    at: Instant | None = None
    """At which instant; default now."""


class SeverityChange(Wire):
    """Another severity, or urgency."""

    severity: Annotated[int | None, Field(ge=1, le=4, strict=True)] = None
    """The new severity; left out, it stays."""
    urgent: Annotated[bool | None, Field(strict=True)] = None
    """The new urgency; left out, it stays."""
    reason: LongText
    """Why this is done, kept on the record."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """What running clocks keep: the time used, nothing, or their target."""
    at: Instant | None = None
    """At which instant; default now."""

    @model_validator(mode="after")
    def _require_change(self) -> Self:
        if self.severity is None and self.urgent is None:
            raise ValueError("give a severity, or an urgency")
        return self


class Resolution(Wire):
    """The end of a ticket."""

    outcome: Outcome
    """How it ended; all but `solved` return what is held unless an amount is given."""
    amount: Amount | None = None
    """What it cost in the end; left out, what is held."""
    reason: LongText | None = None
    """Why, for the record."""
    at: Instant | None = None
    """At which instant; default now."""


class Remedy(Wire):
    """A workaround or a repair by which the customer can work again."""

    reason: LongText | None = None
    """What the remedy was, for the record."""
    at: Instant | None = None
    """When it was given; left out, it is now."""


class Reopening(Wire):
    """A resolved ticket is taken up again."""

    reason: LongText
    """Why this is done, kept on the record."""
    at: Instant | None = None
    """At which instant; default now."""
