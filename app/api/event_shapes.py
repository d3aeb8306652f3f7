"""The particulars of each type of event, as they are on the wire: ids, units and times."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.deadline_shapes import DeadlineStatus
from app.api.wire import Instant, MoneyWire, Wire
from app.domain.callers import Scope
from app.domain.catalogs import Channel, Unit
from app.domain.promises import Metric, Strength
from app.domain.webhooks import PING


class ReturnedData(Wire):
    """Units that came back to one lot."""

    lot_id: UUID
    """The lot that they were taken from."""
    amount: int
    """How many."""
    to: Literal["lot", "expired", "grace"]
    """`lot`, which still runs; `expired` there, with it; or `grace`: granted again."""
    grace_lot_id: UUID | None
    """The lot that they were granted again as."""
    expires_at: Instant | None
    """Until when they can be used now."""


class PurchaseData(Wire):
    """An order."""

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
    """The catalogue."""
    plan: str
    """The plan."""
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
    """The lot."""
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
    """The lot."""
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


class TicketData(Wire):
    """A ticket."""

    ticket_id: str
    """The ticket, under the helpdesk's own id."""
    catalog: str
    """The catalogue that it is served under."""
    plan: str | None
    """The plan that it is on; null without one."""
    subscription_id: UUID | None
    """The subscription that it is charged to."""


class TicketOpenedData(TicketData):
    """A ticket was opened."""

    channel: Channel
    """How it was asked."""
    severity: int | None
    """How severe it is, 1 to 4."""
    urgent: bool
    """Whether it goes before others."""
    category: str | None
    """Its row of the rate card, or `bug`."""
    on_demand: bool
    """Whether it is served without a plan, behind the others."""
    opened_at: Instant
    """When it was opened."""


class ChargeData(TicketData):
    """Units of a ticket's charge."""

    unit: Unit
    """What is counted."""
    amount: int
    """How many are told of."""
    sequence: int
    """The account's sequence with it."""


class TicketChargedData(ChargeData):
    """Units were taken for a ticket: when it was opened, or by a session or work on it."""

    charge_amount: int
    """What it holds and has used in all then."""
    session_id: str | None
    """The session that costs them."""
    work_id: str | None
    """The work that costs them."""


class TicketRevisedData(ChargeData):
    """What an open ticket holds was raised or lowered; `amount` is the charge in all then."""

    from_amount: int
    """What it was before."""
    category: str | None
    """Its row of the rate card then."""
    returns: list[ReturnedData]
    """Where units came back to."""


class TicketSettledData(ChargeData):
    """A resolution settled a ticket's charge: `amount` is what it has used in all."""

    overage_amount: int
    """What of it goes beyond all that was granted, and is to be billed."""
    returned: int
    """How many units that were held came back."""
    outcome: str
    """How it was resolved."""
    returns: list[ReturnedData]
    """Where units came back to."""


class TicketReturnedData(ChargeData):
    """Units came back from a ticket: by a resolution that costs nothing, or by a correction."""

    charge_amount: int
    """What it holds and has used in all then."""
    outcome: str | None
    """How it was resolved; null where a session or work was corrected."""
    session_id: str | None
    """The session that was corrected."""
    work_id: str | None
    """The work that was corrected."""
    returns: list[ReturnedData]
    """Where units came back to."""


class TicketRefundedData(ChargeData):
    """Units of a settled charge were given back."""

    charge_amount: int
    """What is left of the charge."""
    cause: Literal["vendor_defect", "goodwill", "error", "dispute"]
    """Why."""
    returns: list[ReturnedData]
    """Where units came back to."""


class OverageRecordedData(ChargeData):
    """Use beyond all that was granted, to be billed; less than nothing takes some of it back."""

    work_id: str | None
    """The work that it is."""


class DeadlineData(Wire):
    """A ticket's deadline."""

    ticket_id: str
    """The ticket, under the helpdesk's own id."""
    metric: Metric
    """What is owed."""
    spell: int
    """For the next response, which of the customer's waits it is: 0, 1, 2 …"""
    catalog: str
    """The catalogue that promises it."""
    plan: str | None
    """The plan that promises it."""
    severity: int | None
    """How severe the ticket is."""
    strength: Strength
    """How firmly it is promised."""
    status: DeadlineStatus
    """How it stands."""
    started_at: Instant | None
    """When its clock began."""
    warn_at: Instant | None
    """From when it is at risk."""
    due_at: Instant | None
    """By when it is owed."""
    breaches_after: Instant | None
    """The last instant at which it is kept."""
    met_at: Instant | None
    """When it was done."""
    breached_at: Instant | None
    """When it was breached."""


class DeadlineAtRiskData(DeadlineData):
    """Little is left of a deadline's time."""


class DeadlineMetData(DeadlineData):
    """A deadline was kept."""


class DeadlineBreachedData(DeadlineData):
    """A deadline was not kept."""


class DeadlineExcusedData(DeadlineData):
    """A breach is not held against the seller; it stays one."""


class KeyData(Wire):
    """An API key, without its name and of its secret nothing."""

    key_id: UUID
    """The key."""
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
    """The webhook."""


# What each type's `data` holds.
DATA: dict[str, type[Wire]] = {
    "purchase.activated": PurchaseActivatedData,
    "purchase.cancelled": PurchaseCancelledData,
    "purchase.ended": PurchaseEndedData,
    "units.low": UnitsLowData,
    "units.exhausted": UnitsExhaustedData,
    "units.expiring": UnitsExpiringData,
    "units.expired": UnitsExpiredData,
    "fair_use.passed": FairUsePassedData,
    "ticket.opened": TicketOpenedData,
    "ticket.charged": TicketChargedData,
    "ticket.revised": TicketRevisedData,
    "ticket.settled": TicketSettledData,
    "ticket.returned": TicketReturnedData,
    "ticket.refunded": TicketRefundedData,
    "overage.recorded": OverageRecordedData,
    "deadline.at_risk": DeadlineAtRiskData,
    "deadline.met": DeadlineMetData,
    "deadline.breached": DeadlineBreachedData,
    "deadline.excused": DeadlineExcusedData,
    "key.created": KeyCreatedData,
    "key.rotated": KeyRotatedData,
    "key.revoked": KeyRevokedData,
    PING: PingData,
}
