"""The particulars of what is told of tickets, their charges and deadlines, on the wire."""

from typing import Literal
from uuid import UUID

from app.api.http.wire import Instant, Wire
from app.api.promises.deadline_shapes import DeadlineStatus
from app.domain.catalog.catalogs import Channel, Unit
from app.domain.promises.promises import Metric, Strength


class ReturnedData(Wire):
    """Units that came back to one lot."""

    lot_id: UUID
    """The lot that they were taken from."""
    amount: int
    """How many units came back."""
    to: Literal["lot", "expired", "grace"]
    """`lot`, which still runs; `expired` there, with it; or `grace`: granted again."""
    grace_lot_id: UUID | None
    """The lot that they were granted again as."""
    expires_at: Instant | None
    """Until when they can be used now."""


class TicketData(Wire):
    """A ticket that something happened to."""

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


class TicketHappeningData(TicketData):
    """Something happened to a ticket."""

    number: int
    """Its number among the ticket's events, as the ticket's own list has it."""
    status: Literal["open", "paused", "resolved"]
    """How the ticket stands since then."""


class TicketRepliedData(TicketHappeningData):
    """Somebody wrote on a ticket: an agent, or the customer."""

    by: Literal["agent", "customer"]
    """Who wrote: an agent of the seller's, or the customer."""
    channel: Channel | None
    """Through which channel it came, where that was said."""


class TicketPausedData(TicketHappeningData):
    """A ticket waits on somebody: the clocks that this pauses stand still."""

    waiting_on: str
    """On whom it waits: `customer`, `vendor`, or another cause of the catalogue's."""


class TicketResumedData(TicketHappeningData):
    """A ticket waits no longer: its clocks run on."""


class TicketSeverityChangedData(TicketHappeningData):
    """A ticket has another severity, or urgency."""

    severity: int | None
    """How severe it is now, 1 (gravest) to 4."""
    urgent: bool
    """Whether it is hurried now."""
    previous_severity: int | None
    """How severe it was before."""
    previous_urgent: bool
    """Whether it was hurried before."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"]
    """What running clocks keep: the time used, nothing, or their target."""


class TicketRemediedData(TicketHappeningData):
    """The customer can work again, by a workaround or a repair; the ticket stays open."""


class TicketResolvedData(TicketHappeningData):
    """A ticket was resolved, whatever it cost in the end."""

    outcome: str
    """How it was resolved: `solved`, `vendor_defect`, `withdrawn` or `duplicate`."""


class TicketReopenedData(TicketHappeningData):
    """A resolved ticket was taken up again: its clocks go on."""


class TicketSplitData(TicketHappeningData):
    """A ticket with several questions became several tickets; the first keeps its charge."""

    parts: list[str]
    """The added tickets, under the helpdesk's own ids, in order."""


class TicketEventStruckData(TicketHappeningData):
    """An event that was recorded by mistake was struck: the ticket is as if it had never been."""

    struck_number: int
    """The number of the event that no longer counts."""
    struck_type: str
    """What it was: a reply, a pause, a resumption or a severity."""


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
    """Why the units were given back."""
    returns: list[ReturnedData]
    """Where units came back to."""


class TicketCoverageChangedData(TicketData):
    """It was decided anew who pays for an open ticket; what it had went back."""

    previous_catalog: str
    """The catalogue that served it before."""
    previous_plan: str | None
    """The plan that it was charged to before; null without one."""
    previous_subscription_id: UUID | None
    """The subscription that paid before; null without one."""
    on_demand: bool
    """Whether it is served on demand now, without a plan."""
    sequence: int
    """The account's sequence with it."""


class TicketDisputedData(TicketData):
    """The customer thinks that a charge is wrong; nothing moves until it is decided."""

    unit: str | None
    """What the charge counts; null where nothing is counted."""
    charge_amount: int
    """What the ticket holds and has used."""
    sequence: int
    """The account's sequence with it."""


class TicketDisputeDecidedData(TicketDisputedData):
    """A disputed charge was decided: so many units were given back, or none."""

    refund_amount: int
    """How many units were given back; 0 for none."""


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
    """When a guarantee was broken."""
    missed_at: Instant | None
    """When a target was missed."""


class DeadlineAtRiskData(DeadlineData):
    """Little is left of a deadline's time."""


class DeadlineMetData(DeadlineData):
    """A deadline was kept."""


class DeadlineBreachedData(DeadlineData):
    """A guaranteed deadline was not kept."""


class DeadlineMissedData(DeadlineData):
    """A target was missed: nothing guaranteed is broken by it."""


class DeadlineLateData(DeadlineData):
    """Best effort came after the time that it was hoped for."""


class DeadlineExcusedData(DeadlineData):
    """A breach, or a target missed, is not held against the seller; it stays one."""
