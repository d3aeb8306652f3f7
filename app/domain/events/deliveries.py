"""Webhooks as stored: endpoints, the deliveries of events to them, and each attempt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.events.webhooks import DisabledReason, Result, Status
from app.domain.values import Value


class Webhook(Value):
    """An endpoint that events are sent to, with the secrets that sign them.

    `after_position` is the last position that had been given to an event when it was made.
    """

    webhook_id: UUID
    url: str
    description: str | None
    types: Sequence[str]
    account_ids: Sequence[str] | None
    ordered: bool
    secret: str
    previous_secret: str | None
    previous_ends_at: datetime | None
    rotated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: DisabledReason | None
    after_position: int

    def __repr__(self) -> str:
        """Return what a log may show: nothing of its secrets."""
        return f"Webhook({self.webhook_id})"

    @property
    def is_enabled(self) -> bool:
        """Whether anything is sent to it."""
        return self.disabled_at is None

    def list_secrets(self, at: datetime) -> tuple[str, ...]:
        """Return the secrets that sign at an instant: one, or two during an overlap."""
        if self.previous_secret is None or self.previous_ends_at is None:
            return (self.secret,)
        return (self.secret, self.previous_secret) if self.previous_ends_at > at else (self.secret,)


class Delivery(Value):
    """One event for one endpoint; `number` is the event's in its account, None for a ping."""

    webhook_id: UUID
    delivery_id: UUID
    event_id: UUID
    event_type: str
    account_id: str
    number: int | None
    status: Status
    attempts: int
    failures: int
    created_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None


class DeliveryAttempt(Value):
    """One attempt at a delivery; `result` is None while it is under way."""

    webhook_id: UUID
    delivery_id: UUID
    attempt: int
    at: datetime
    result: Result | None
    status_code: int | None
    detail: str | None
    duration_ms: int | None
