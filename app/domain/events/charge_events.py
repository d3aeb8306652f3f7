"""Events of charges: units that tickets took, gave back, or had disputed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.domain.catalog.amounts import Unit
from app.domain.events.event_data import EventData
from app.domain.events.ticket_events import TicketData, TicketFields, read_ticket_fields
from app.domain.tickets.tickets import Ticket

RefundCause = Literal["vendor_defect", "goodwill", "error", "dispute"]


class ReturnedData(EventData, kw_only=True):
    """Units that came back to one lot."""

    lot_id: UUID
    """The lot that the units had been taken from."""
    amount: int
    """How many units came back to the lot."""
    to: Literal["lot", "expired", "grace"]
    """Where the units went: to their `lot`, which still runs; `expired` there, with it; or
    `grace`: granted again."""
    grace_lot_id: UUID | None
    """The new lot as which the units were granted again; null where they were not."""
    expires_at: datetime | None
    """Until when the returned units can be used; null: they cannot, or their lot has no end."""


class ChargeData(TicketData, kw_only=True):
    """Units of a ticket's charge."""

    unit: Unit
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units the event is about."""
    sequence: int
    """The number of the last movement of the account's units, with those of this event."""


class TicketChargedData(ChargeData, kw_only=True):
    """Units were taken for a ticket: when it was opened, or by a session or work on it."""

    charge_amount: int
    """How many units the ticket holds and has used in all, with these."""
    session_id: str | None
    """The session whose minutes cost these units; null where none does."""
    work_id: str | None
    """The work whose minutes these units are; null where no work was logged."""


class TicketRevisedData(ChargeData, kw_only=True):
    """What an open ticket holds was raised or lowered; `amount` is the charge in all then."""

    from_amount: int
    """How many units the charge was in all before the revision."""
    category: str | None
    """The ticket's row of the rate card since the revision; null where it has none."""
    returns: Sequence[ReturnedData]
    """Where units that the charge no longer holds came back to; empty where none did."""


class TicketSettledData(ChargeData, kw_only=True):
    """A resolution settled a ticket's charge: `amount` is what it has used in all."""

    overage_amount: int
    """How many units of the charge go beyond all that was granted, and are to be billed."""
    returned: int
    """How many units that were held came back."""
    outcome: str
    """How the ticket was resolved: `solved`, `vendor_defect`, `withdrawn` or `duplicate`."""
    returns: Sequence[ReturnedData]
    """Where the units that were held and not used came back to; empty where none did."""


class TicketReturnedData(ChargeData, kw_only=True):
    """Units came back from a ticket: by a resolution that costs nothing, or by a correction."""

    charge_amount: int
    """How many units the ticket still holds and has used in all."""
    outcome: str | None
    """How the ticket was resolved; null where a session or work was corrected."""
    session_id: str | None
    """The session that was corrected; null where none was."""
    work_id: str | None
    """The work that was corrected; null where none was."""
    returns: Sequence[ReturnedData]
    """Where the units came back to, lot by lot."""


class TicketRefundedData(ChargeData, kw_only=True):
    """Units of a settled charge were given back."""

    charge_amount: int
    """How many units are left of the charge after the refund."""
    cause: RefundCause
    """Why the units were given back: a defect of the seller's own, goodwill, an error, or a
    dispute."""
    returns: Sequence[ReturnedData]
    """Where the units came back to, lot by lot."""


class TicketCoverageChangedData(TicketData, kw_only=True):
    """Who pays for an open ticket was decided anew; what the ticket had went back."""

    previous_catalog: str
    """The catalogue that served the ticket before."""
    previous_plan: str | None
    """The plan that the ticket was charged to before; null without one."""
    previous_subscription_id: UUID | None
    """The subscription that paid before; null without one."""
    on_demand: bool
    """Whether the ticket is served on demand now, without a plan."""
    sequence: int
    """The number of the last movement of the account's units, with those of the change."""


class TicketDisputedData(TicketData, kw_only=True):
    """The customer thinks that a charge is wrong; nothing moves until it is decided."""

    unit: str | None
    """The unit that the charge counts: incident, point or minute; null where nothing is counted."""
    charge_amount: int
    """How many units the ticket holds and has used."""
    sequence: int
    """The number of the last movement of the account's units."""


class TicketDisputeDecidedData(TicketDisputedData, kw_only=True):
    """A disputed charge was decided: so many units were given back, or none."""

    refund_amount: int
    """How many units were given back; 0 for none."""


class OverageRecordedData(ChargeData, kw_only=True):
    """Use beyond all that was granted, to be billed; less than nothing takes some of it back."""

    work_id: str | None
    """The work whose minutes are to be billed; null where it was no work."""


class ChargeFields(TicketFields):
    """What of a ticket's charge moved: so many units."""

    unit: Unit
    amount: int
    sequence: int


def read_charge_fields(ticket: Ticket, *, unit: Unit, amount: int, sequence: int) -> ChargeFields:
    """Return what every event of a charge has of its ticket and its units."""
    return {**read_ticket_fields(ticket), "unit": unit, "amount": amount, "sequence": sequence}


def describe_coverage_change(
    before: Ticket, after: Ticket, *, sequence: int
) -> TicketCoverageChangedData:
    """Return a ticket with who pays for it now, and who did before."""
    return TicketCoverageChangedData(
        **read_ticket_fields(after),
        previous_catalog=before.catalog,
        previous_plan=before.plan,
        previous_subscription_id=before.subscription_id,
        on_demand=after.on_demand,
        sequence=sequence,
    )


def describe_dispute(ticket: Ticket, *, sequence: int) -> TicketDisputedData:
    """Return a ticket whose charge is disputed, with what it costs."""
    return TicketDisputedData(
        **read_ticket_fields(ticket),
        unit=ticket.charge_unit,
        charge_amount=ticket.charge_amount,
        sequence=sequence,
    )


def describe_decision(
    ticket: Ticket, *, refund_amount: int, sequence: int
) -> TicketDisputeDecidedData:
    """Return a ticket whose disputed charge was decided, with what it costs since."""
    return TicketDisputeDecidedData(
        **read_ticket_fields(ticket),
        unit=ticket.charge_unit,
        charge_amount=ticket.charge_amount,
        refund_amount=refund_amount,
        sequence=sequence,
    )


def read_returned(returns: Iterable[Mapping[str, Any]]) -> list[ReturnedData]:
    """Return where units came back to, without the sentence that says why."""
    return [
        ReturnedData(
            lot_id=UUID(each["lot_id"]),
            amount=each["amount"],
            to=each["to"],
            grace_lot_id=None if each["grace_lot_id"] is None else UUID(each["grace_lot_id"]),
            expires_at=None
            if each["expires_at"] is None
            else datetime.fromisoformat(each["expires_at"]),
        )
        for each in returns
    ]
