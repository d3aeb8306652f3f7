"""Webhooks and their deliveries as they are on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.access.keys import Overlap
from app.api.http.wire import ID_PATTERN, Instant, Text, Wire
from app.domain.events.webhooks import DisabledReason, Result, Status
from app.services.events.deliveries import DeliveryView

Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000),
    Field(examples=["https://helpdesk.example/hooks/surety"]),
]
Types = Annotated[
    list[Annotated[str, StringConstraints(max_length=60)]],
    Field(min_length=1, max_length=50, examples=[["ticket.*", "units.low"]]),
]
AccountIds = Annotated[
    list[Annotated[str, StringConstraints(pattern=ID_PATTERN)]],
    Field(min_length=1, max_length=1_000, examples=[["c-1042"]]),
]


class WebhookOrder(Wire):
    """A webhook to be made: where events are to be sent, and which."""

    url: Url
    """The URL to send events to: https, with a public address. The operator may allow networks of
    their own."""
    description: Text | None = None
    """What the webhook is for, as people read it; left out, nothing is said."""
    types: Types = Field(default_factory=lambda: ["*"])
    """The events to be sent: their types, groups such as `ticket.*`, or `*` (the default)
    for all."""
    account_ids: AccountIds | None = None
    """The only accounts whose events are sent; left out, those of all are."""
    ordered: bool = False
    """Whether each account's events are sent one after the other, in their order: what follows one
    that cannot be delivered waits until that is delivered or given up."""


class WebhookPatch(Wire):
    """What is to change of a webhook; what is left out stays."""

    url: Url | None = None
    """The new address to send events to: https, and public; it can be changed, but not removed."""
    description: Text | None = None
    """What the webhook is for, as people read it; null removes the description."""
    types: Types | None = None
    """The events to be sent from now on: their types, groups such as `ticket.*`, or `*` for all."""
    account_ids: AccountIds | None = None
    """The only accounts whose events are sent from now on; null: those of all are."""
    ordered: bool | None = None
    """Whether each account's events are sent one after the other, those that wait to be sent as
    well."""
    enabled: bool | None = None
    """Whether events are sent. False: nothing more is, and what happens meanwhile never will be.
    True: what waited is sent now, and what happens from now on."""


class WebhookRotation(Wire):
    """A webhook that is to have another secret."""

    overlap: Overlap = "P1D"
    """How long the present secret signs beside the new one: ISO 8601, up to 30 days."""


class WebhookWire(Wire):
    """A webhook: where events are sent, and whether that works; without its secret."""

    id: Annotated[UUID, Field(validation_alias="webhook_id")]
    """The webhook's own id, by which it is read and changed."""
    url: str
    """The address that events are sent to."""
    description: str | None
    """What the webhook is for, as people read it; null where nothing is said."""
    types: list[str]
    """The events that are sent: their types, groups such as `ticket.*`, or `*` for all."""
    account_ids: list[str] | None
    """The only accounts whose events are sent; null: those of all are."""
    ordered: bool
    """Whether each account's events are sent one after the other."""
    enabled: Annotated[bool, Field(validation_alias="is_enabled")]
    """Whether events are sent; false while the webhook is disabled."""
    disabled_at: Instant | None
    """The instant since which nothing is sent; null while events are sent."""
    disabled_reason: DisabledReason | None
    """Why nothing is sent: an operator said so, the receiver answered 410, or it failed for days;
    null while events are sent."""
    failing_since: Instant | None
    """The instant since which every attempt failed; null where the last one did not."""
    created_at: Instant
    """The instant at which the webhook was made."""
    updated_at: Instant
    """The instant at which the webhook was last changed."""
    rotated_at: Instant | None
    """When the webhook got its present secret; null while that is its first."""
    previous_valid_until: Annotated[Instant | None, Field(validation_alias="previous_ends_at")]
    """Until when the secret before the present one signs, too; null where there was none."""


class NewWebhookWire(WebhookWire):
    """A webhook whose secret has just been made."""

    secret: str
    """The secret that bodies are signed with, `whsec_…`, shown this once; a replay leaves it
    out."""


class AttemptWire(Wire):
    """One attempt to deliver an event to a webhook."""

    number: Annotated[int, Field(validation_alias="attempt")]
    """The number of the attempt for its delivery: 1, 2, 3 …"""
    at: Instant
    """The instant at which the attempt began."""
    result: Result | None
    """How the attempt ended: `delivered`, or what went wrong; null while it is under way."""
    status_code: int | None
    """The HTTP status with which the receiver answered; null where it did not."""
    detail: str | None
    """What went wrong in the attempt, for people to read; null where nothing did."""
    duration_ms: int | None
    """How long the attempt took, in milliseconds; null while it is under way."""


class DeliveryWire(Wire):
    """An event for a webhook, and every attempt to deliver it."""

    id: UUID
    """The delivery's own id, by which it is delivered once more."""
    event_id: UUID
    """The event, by its own id: the header `webhook-id`, the same at each attempt."""
    type: str
    """The type of the event that is delivered; `webhook.ping` for a ping."""
    account_id: str
    """The account that the event happened to; `-` for what belongs to none."""
    sequence: int | None
    """The event's number among those of its account; null for a ping."""
    status: Status
    """`pending` while the event is still to be sent; `delivered` when it has arrived, `failed`
    when it was given up."""
    created_at: Instant
    """The instant at which the event was first to be sent."""
    next_attempt_at: Instant | None
    """When the event is sent next, unless the attempt under way is answered before; null when the
    delivery is over, or waits for an earlier event of its account."""
    ended_at: Instant | None
    """When the event was delivered or given up; null while it is still to be sent."""
    attempts: list[AttemptWire]
    """Every attempt to deliver the event, in order."""


def render_delivery(view: DeliveryView) -> DeliveryWire:
    """Return a delivery with its attempts as they are on the wire."""
    delivery = view.delivery
    return DeliveryWire(
        id=delivery.delivery_id,
        event_id=delivery.event_id,
        type=delivery.event_type,
        account_id=delivery.account_id,
        sequence=delivery.number,
        status=delivery.status,
        created_at=delivery.created_at,
        next_attempt_at=delivery.next_attempt_at,
        ended_at=delivery.ended_at,
        attempts=[AttemptWire.model_validate(each) for each in view.attempts],
    )
