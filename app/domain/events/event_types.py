"""The types of events, each with the class of its particulars."""

from app.domain.access.refusals import Choice
from app.domain.events import (
    account_events,
    charge_events,
    deadline_events,
    sale_events,
    session_events,
    ticket_events,
    unit_events,
)
from app.domain.events.event_data import EventData
from app.domain.events.events import EventType

EVENT_DATA: dict[EventType, type[EventData]] = {
    "account.summary_changed": account_events.AccountSummaryChangedData,
    "account.moved": account_events.AccountMovedData,
    "quote.made": sale_events.QuoteMadeData,
    "purchase.pending": sale_events.PurchasePendingData,
    "purchase.activated": sale_events.PurchaseActivatedData,
    "purchase.cancelled": sale_events.PurchaseCancelledData,
    "purchase.ending": sale_events.PurchaseEndingData,
    "purchase.ended": sale_events.PurchaseEndedData,
    "subscription.suspended": sale_events.SubscriptionSuspendedData,
    "subscription.resumed": sale_events.SubscriptionResumedData,
    "subscription.moved": sale_events.SubscriptionMovedData,
    "units.low": unit_events.UnitsLowData,
    "units.exhausted": unit_events.UnitsExhaustedData,
    "units.expiring": unit_events.UnitsExpiringData,
    "units.expired": unit_events.UnitsExpiredData,
    "fair_use.passed": unit_events.FairUsePassedData,
    "ticket.opened": ticket_events.TicketOpenedData,
    "ticket.replied": ticket_events.TicketRepliedData,
    "ticket.paused": ticket_events.TicketPausedData,
    "ticket.resumed": ticket_events.TicketResumedData,
    "ticket.severity_changed": ticket_events.TicketSeverityChangedData,
    "ticket.remedied": ticket_events.TicketRemediedData,
    "ticket.resolved": ticket_events.TicketResolvedData,
    "ticket.reopened": ticket_events.TicketReopenedData,
    "ticket.split": ticket_events.TicketSplitData,
    "ticket.event_struck": ticket_events.TicketEventStruckData,
    "ticket.charged": charge_events.TicketChargedData,
    "ticket.revised": charge_events.TicketRevisedData,
    "ticket.settled": charge_events.TicketSettledData,
    "ticket.returned": charge_events.TicketReturnedData,
    "ticket.refunded": charge_events.TicketRefundedData,
    "ticket.coverage_changed": charge_events.TicketCoverageChangedData,
    "ticket.disputed": charge_events.TicketDisputedData,
    "ticket.dispute_decided": charge_events.TicketDisputeDecidedData,
    "overage.recorded": charge_events.OverageRecordedData,
    "session.booked": session_events.SessionBookedData,
    "session.rescheduled": session_events.SessionRescheduledData,
    "session.started": session_events.SessionStartedData,
    "session.ended": session_events.SessionEndedData,
    "session.missed": session_events.SessionMissedData,
    "session.cancelled": session_events.SessionCancelledData,
    "deadline.at_risk": deadline_events.DeadlineAtRiskData,
    "deadline.met": deadline_events.DeadlineMetData,
    "deadline.breached": deadline_events.DeadlineBreachedData,
    "deadline.missed": deadline_events.DeadlineMissedData,
    "deadline.late": deadline_events.DeadlineLateData,
    "deadline.excused": deadline_events.DeadlineExcusedData,
    "contact.changed": account_events.ContactChangedData,
    "account.clock_repaired": account_events.AccountClockRepairedData,
    "key.created": account_events.KeyCreatedData,
    "key.rotated": account_events.KeyRotatedData,
    "key.revoked": account_events.KeyRevokedData,
}
_TYPES = {data: type_ for type_, data in EVENT_DATA.items()}


def list_types() -> list[Choice]:
    """Return the types of events as a person chooses between them."""
    return [
        Choice(type_, type_.replace(".", " ").replace("_", " ").capitalize(), data.__doc__)
        for type_, data in EVENT_DATA.items()
    ]


def type_of(data: EventData) -> EventType:
    """Return the type of the event that has these particulars."""
    return _TYPES[type(data)]
