"""Events of charges, recorded: units that a ticket took, and units that came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.locked_accounts import LockedAccount
from app.domain.catalog.amounts import Unit
from app.domain.events.charge_events import (
    OverageRecordedData,
    RefundCause,
    TicketChargedData,
    TicketRefundedData,
    TicketReturnedData,
    TicketRevisedData,
    TicketSettledData,
    read_charge_fields,
    read_returned,
)
from app.domain.tickets.tickets import Ticket, TicketEvent

# What may use units by itself, among the events of a ticket, and what resolves it.
_USES = frozenset({"work", "work_correction", "session_start", "session_end", "session_correction"})
_RESOLUTIONS = frozenset({"resolution", "withdrawal"})


def record_difference(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: Unit | None,
    before: int,
    after: int,
    at: datetime,
    returns: Sequence[Mapping[str, Any]] = (),
    session_id: str | None = None,
    work_id: str | None = None,
) -> None:
    """Record that a charge went from `before` to `after` units in all, if it did.

    By its opening, or by the session or the work named: nobody asked for the difference itself.
    """
    if unit is None or after == before:
        return
    fields = read_charge_fields(
        ticket, unit=unit, amount=abs(after - before), sequence=account.sequence
    )
    if after > before:
        charged = TicketChargedData(
            **fields, charge_amount=after, session_id=session_id, work_id=work_id
        )
        account.record(charged, at=at)
    else:
        returned = TicketReturnedData(
            **fields,
            charge_amount=after,
            outcome=None,
            session_id=session_id,
            work_id=work_id,
            returns=read_returned(returns),
        )
        account.record(returned, at=at)


def record_revision(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: Unit,
    before: int,
    after: int,
    category: str | None,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record that a charge was revised to `after` units in all."""
    data = TicketRevisedData(
        **read_charge_fields(ticket, unit=unit, amount=after, sequence=account.sequence),
        from_amount=before,
        category=category,
        returns=read_returned(returns),
    )
    account.record(data, at=at)


def record_resolution(
    account: LockedAccount,
    ticket: Ticket,
    *,
    happened: Sequence[TicketEvent],
    unit: Unit,
    held: int,
    used: int,
    overage: int,
    outcome: str,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record what a resolution made of a charge of which `held` units were still held.

    Settled, where it has `used` any in all or runs to `overage`; returned, where all came back.
    A ticket resolved again, with nothing charged meanwhile, is not recorded again; `happened` are
    its events before.
    """
    came_back = sum(each["amount"] for each in returns)
    if not held and (used, overage) == _settled(ticket) and _was_told(happened):
        return
    if used or overage:
        settled = TicketSettledData(
            **read_charge_fields(ticket, unit=unit, amount=used, sequence=account.sequence),
            overage_amount=overage,
            returned=came_back,
            outcome=outcome,
            returns=read_returned(returns),
        )
        account.record(settled, at=at)
    elif came_back:
        returned = TicketReturnedData(
            **read_charge_fields(ticket, unit=unit, amount=came_back, sequence=account.sequence),
            charge_amount=0,
            outcome=outcome,
            session_id=None,
            work_id=None,
            returns=read_returned(returns),
        )
        account.record(returned, at=at)


def record_refund(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: Unit,
    amount: int,
    left: int,
    cause: RefundCause,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record that `amount` units were refunded, and `left` are the charge in all."""
    data = TicketRefundedData(
        **read_charge_fields(ticket, unit=unit, amount=amount, sequence=account.sequence),
        charge_amount=left,
        cause=cause,
        returns=read_returned(returns),
    )
    account.record(data, at=at)


def record_overage(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: Unit,
    amount: int,
    at: datetime,
    work_id: str | None = None,
) -> None:
    """Record use beyond what any lot holds, if there was any; less than nothing takes some back."""
    if amount:
        data = OverageRecordedData(
            **read_charge_fields(ticket, unit=unit, amount=amount, sequence=account.sequence),
            work_id=work_id,
        )
        account.record(data, at=at)


def _settled(ticket: Ticket) -> tuple[int, int]:
    return ticket.charge_amount, ticket.overage_amount


def _was_told(happened: Sequence[TicketEvent]) -> bool:
    """Say whether nothing was used since the ticket was resolved last, if ever it was."""
    for event in reversed(happened):
        if event.type in _RESOLUTIONS:
            return True
        if event.type in _USES:
            return False
    return False
