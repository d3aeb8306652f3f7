"""Shapes of tickets that are asked for: to be opened, or only asked about."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.api.http.wire import (
    ID_PATTERN,
    Amount,
    Code,
    Instant,
    SeverityLevel,
    SiteUrl,
    Text,
    Wire,
    require_storable,
)
from app.domain.catalog.channels import Channel
from app.domain.coverage.requests import Request
from app.domain.tickets.openings import TicketOrder
from app.services.tickets.splits import order_from_document

VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Variables = Annotated[
    dict[VariableName, Annotated[int, Field(ge=0, le=1_000_000, strict=True)]],
    Field(max_length=20),
]
TicketIdField = Annotated[str, Field(pattern=ID_PATTERN, examples=["HD-5001"])]
Requester = Annotated[
    str,
    StringConstraints(min_length=1, max_length=254, pattern=r"^\S+$"),
    AfterValidator(require_storable),
]


class TicketRequest(Wire):
    """What a ticket asks for; all of it may be left out."""

    channel: Channel | None = None
    """The channel through which the request comes; left out, the plan's first."""
    severity: SeverityLevel | None = None
    """The severity of the request, 1 (gravest) to 5, as far as the catalogue has them; required
    where the plan's promises depend on it."""
    urgent: Annotated[bool, Field(strict=True)] = False
    """Whether the request is urgent ("hotrush"), where the plan serves such; that is not severity
    1."""
    catalog: Code | None = None
    """The catalogue to be served under, by its code; required where the account has plans of
    several, and where it has none while several are published."""
    plan: Code | None = None
    """The only plan that may pay, by its code; left out, the plan that goes first."""
    site: SiteUrl | None = None
    """The store that the request is about, by its URL."""
    category: Annotated[Code | None, Field(examples=["level-2"])] = None
    """The row of the rate card that prices the request; `bug` is a bug report everywhere."""
    variables: Variables = Field(default_factory=dict)
    """The numbers that the category's price depends on."""
    topic: Code | None = None
    """The topic that the request is about, by its code in the catalogue."""
    region: Code | None = None
    """The region whose cover is asked, where the account has several; default the account's own
    first."""
    amount: Amount | None = None
    """How many units are agreed: for prices upon request, above a minimum, or off the list."""
    requester: Annotated[Requester | None, Field(examples=["erika@nordwind.example"])] = None
    """Who asks: their address, or the id of one of the account's contacts."""
    at: Instant | None = None
    """The instant at which the request was made; default now."""

    def as_request(self) -> Request:
        """Return what is asked for as a value."""
        return Request(
            channel=self.channel,
            severity=self.severity,
            urgent=self.urgent,
            plan=self.plan,
            site=self.site,
            category=self.category,
            variables=self.variables,
            topic=self.topic,
            amount=self.amount,
            region=self.region,
        )


class TicketOpening(TicketRequest):
    """A ticket to be opened, under the helpdesk's own id."""

    ticket_id: TicketIdField
    """The ticket, by the helpdesk's own id."""
    subject: Annotated[Text, Field(examples=["Checkout fails"])]
    """What the ticket is about, in a line."""

    def as_order(self) -> TicketOrder:
        """Return the ticket's order as a value."""
        document = self.model_dump(mode="json")
        for name in ("requester", "region"):
            if document[name] is None:
                del document[name]  # as tickets were stored that had none
        return order_from_document(document)


class CoverageAsked(TicketRequest):
    """A ticket as it would be opened; neither an id nor a subject is needed."""

    ticket_id: TicketIdField | None = None
    """Taken and ignored: a coverage question does not need it."""
    subject: Text | None = None
    """Taken and ignored: a coverage question does not need it."""
