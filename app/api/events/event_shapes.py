"""The particulars of each type of event, as they are on the wire: ids, units and times."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.events.sale_event_shapes import (
    PurchasePendingData,
    QuoteMadeData,
    SubscriptionMovedData,
    SubscriptionResumedData,
    SubscriptionSuspendedData,
)
from app.api.events.session_event_shapes import (
    SessionBookedData,
    SessionEndedData,
    SessionMissedData,
    SessionRescheduledData,
    SessionStartedData,
)
from app.api.events.ticket_event_shapes import (
    DeadlineAtRiskData,
    DeadlineBreachedData,
    DeadlineExcusedData,
    DeadlineLateData,
    DeadlineMetData,
    DeadlineMissedData,
    OverageRecordedData,
    TicketChargedData,
    TicketCoverageChangedData,
    TicketDisputedData,
    TicketDisputeDecidedData,
    TicketEventStruckData,
    TicketOpenedData,
    TicketPausedData,
    TicketRefundedData,
    TicketRemediedData,
    TicketReopenedData,
    TicketRepliedData,
    TicketResolvedData,
    TicketResumedData,
    TicketReturnedData,
    TicketRevisedData,
    TicketSettledData,
    TicketSeverityChangedData,
    TicketSplitData,
)
from app.api.http.wire import Instant, MoneyWire, Wire
from app.domain.access.callers import Scope
from app.domain.catalog.catalogs import Unit
from app.domain.events.webhooks import PING


class PurchaseData(Wire):
    """An order, and what it is about."""

    order_id: str
    """The order, under the storefront's own id."""
    catalog: str
    """The catalogue that it was sold from."""
    offer: str
    """What was sold."""
    plan: str | None
    """The plan that it gives; null where it adds cover to another."""
    site: str | None
    """The store that it is for, if it is for one only."""
    subscription_id: UUID | None
    """The subscription that it gives, or adds cover to; null where it was never paid."""


class PurchaseActivatedData(PurchaseData):
    """An order is paid, and what it gives is there, or will be from the beginning of its term."""

    starts_at: Instant
    """When its term begins."""
    ends_at: Instant | None
    """When its term ends."""
    unit: Unit | None
    """What it grants."""
    granted: int | None
    """How many, all months of the term together; null without a count."""
    sequence: int
    """The account's sequence with it."""


class PurchaseCancelledData(PurchaseData):
    """An order is cancelled, or was replaced by an upgrade: it ends now."""

    refund: MoneyWire
    """What of its price is to be paid back; for an upgrade, what is credited."""
    replaced_by: str | None
    """The order that it was upgraded to."""
    unit: Unit
    """What it granted."""
    revoked: int
    """How many units that were free were taken back."""
    sequence: int
    """The account's sequence with it."""


class PurchaseEndedData(PurchaseData):
    """The term of an order is over."""

    starts_at: Instant
    """When its term began."""
    ends_at: Instant
    """When it ended."""


class PoolData(Wire):
    """A pool: the lots of one plan of one catalogue for one site."""

    catalog: str
    """The catalogue, by its code."""
    plan: str
    """The plan, by its code in the catalogue."""
    site: str | None
    """The store, where the pool is of one only."""
    subscription_id: UUID
    """The subscription whose terms hold: that of the lot drawn upon first."""
    unit: Unit
    """What it counts."""


class LevelData(PoolData):
    """What is left of a pool."""

    available: int
    """What is left of its lots that can be used now."""
    granted: int
    """What these lots were granted."""
    sequence: int
    """The account's sequence with it."""


class UnitsLowData(LevelData):
    """A pool came down to a fifth of what its lots were granted, rounded down, or to less."""


class UnitsExhaustedData(LevelData):
    """The last units of a pool were taken; where this is said, `units.low` is not said as well."""


class FairUsePassedData(PoolData):
    """A lot without a count was used as often within a month as its plan calls fair."""

    lot_id: UUID
    """The lot that the units belong to."""
    used: int
    """How often it was used within the month."""
    fair_use: int
    """How often is fair."""
    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """When the month began, counted from the beginning of the lot."""
    until: Instant
    """When it ends."""
    sequence: int
    """The account's sequence with it."""


class LotData(PoolData):
    """Units of one lot."""

    lot_id: UUID
    """The lot that the units belong to."""
    order_id: str | None
    """The order that gave it."""
    amount: int
    """How many are free, or were at its end; what is held can still be used."""
    expires_at: Instant
    """When its term ends."""
    sequence: int
    """The account's sequence then."""


class UnitsExpiringData(LotData):
    """Units will expire within two weeks."""


class UnitsExpiredData(LotData):
    """Units have expired."""


class ContactChangedData(Wire):
    """A person of the customer is new, has other data, or was removed; who it is is not said."""

    contact_id: str
    """The contact, by the seller's own id of it."""
    change: Literal["created", "changed", "removed"]
    """What happened to the contact."""


class AccountClockRepairedData(Wire):
    """The account's clock was far ahead of the present, and an operator has set it back."""

    found_at: Instant
    """What was the account's present until then."""
    repaired_at: Instant
    """What is its present since then."""
    entries: int
    """How many of its last entries had been stamped ahead, and take effect at the repair now."""
    sequence: int
    """The account's sequence, with the last of those entries."""


class KeyData(Wire):
    """An API key, without its name and of its secret nothing."""

    key_id: UUID
    """The key's own id."""
    role: str | None
    """Its role, if it was made with one."""
    scopes: list[Scope]
    """What it may do."""
    account_id: str | None
    """The account that it is bound to."""
    expires_at: Instant | None
    """Until when it is valid."""


class KeyCreatedData(KeyData):
    """A key was made."""


class KeyRotatedData(KeyData):
    """A key has another secret."""

    previous_valid_until: Instant
    """Until when the secret before it is valid too."""


class KeyRevokedData(KeyData):
    """A key is not valid any more."""


class PingData(Wire):
    """A webhook was pinged: nothing happened, and somebody wants to see that it arrives."""

    webhook_id: UUID
    """The webhook's own id."""


# What each type's `data` holds.
DATA: dict[str, type[Wire]] = {
    "quote.made": QuoteMadeData,
    "purchase.pending": PurchasePendingData,
    "purchase.activated": PurchaseActivatedData,
    "purchase.cancelled": PurchaseCancelledData,
    "purchase.ended": PurchaseEndedData,
    "subscription.suspended": SubscriptionSuspendedData,
    "subscription.resumed": SubscriptionResumedData,
    "subscription.moved": SubscriptionMovedData,
    "units.low": UnitsLowData,
    "units.exhausted": UnitsExhaustedData,
    "units.expiring": UnitsExpiringData,
    "units.expired": UnitsExpiredData,
    "fair_use.passed": FairUsePassedData,
    "ticket.opened": TicketOpenedData,
    "ticket.replied": TicketRepliedData,
    "ticket.paused": TicketPausedData,
    "ticket.resumed": TicketResumedData,
    "ticket.severity_changed": TicketSeverityChangedData,
    "ticket.remedied": TicketRemediedData,
    "ticket.resolved": TicketResolvedData,
    "ticket.reopened": TicketReopenedData,
    "ticket.split": TicketSplitData,
    "ticket.event_struck": TicketEventStruckData,
    "ticket.charged": TicketChargedData,
    "ticket.revised": TicketRevisedData,
    "ticket.settled": TicketSettledData,
    "ticket.returned": TicketReturnedData,
    "ticket.refunded": TicketRefundedData,
    "ticket.coverage_changed": TicketCoverageChangedData,
    "ticket.disputed": TicketDisputedData,
    "ticket.dispute_decided": TicketDisputeDecidedData,
    "overage.recorded": OverageRecordedData,
    "session.booked": SessionBookedData,
    "session.rescheduled": SessionRescheduledData,
    "session.started": SessionStartedData,
    "session.ended": SessionEndedData,
    "session.missed": SessionMissedData,
    "deadline.at_risk": DeadlineAtRiskData,
    "deadline.met": DeadlineMetData,
    "deadline.breached": DeadlineBreachedData,
    "deadline.missed": DeadlineMissedData,
    "deadline.late": DeadlineLateData,
    "deadline.excused": DeadlineExcusedData,
    "contact.changed": ContactChangedData,
    "account.clock_repaired": AccountClockRepairedData,
    "key.created": KeyCreatedData,
    "key.rotated": KeyRotatedData,
    "key.revoked": KeyRevokedData,
    PING: PingData,
}
