"""What is told of charges: units that a ticket took, and units that came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.domain.events.event_data import describe_returns, describe_units
from app.domain.tickets.tickets import Ticket, TicketEvent

# What may use units by itself, among the events of a ticket, and what resolves it.
_USES = frozenset({"work", "work_correction", "session_start", "session_end", "session_correction"})
_RESOLUTIONS = frozenset({"resolution", "withdrawal"})


def record_difference(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: str | None,
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
    cause = {"session_id": session_id, "work_id": work_id}
    sequence = account.sequence
    if after > before:
        data = describe_units(
            ticket, unit=unit, amount=after - before, sequence=sequence, charge_amount=after
        )
        account.record("ticket.charged", at=at, data=data | cause)
    elif after < before:
        data = describe_units(
            ticket,
            unit=unit,
            amount=before - after,
            sequence=sequence,
            charge_amount=after,
            outcome=None,
            returns=describe_returns(returns),
        )
        account.record("ticket.returned", at=at, data=data | cause)


def record_revision(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: str,
    before: int,
    after: int,
    category: str | None,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record that a charge was revised to `after` units in all."""
    data = describe_units(
        ticket,
        unit=unit,
        amount=after,
        sequence=account.sequence,
        from_amount=before,
        category=category,
        returns=describe_returns(returns),
    )
    account.record("ticket.revised", at=at, data=data)


def record_resolution(
    account: LockedAccount,
    ticket: Ticket,
    *,
    happened: Sequence[TicketEvent],
    unit: str,
    held: int,
    used: int,
    overage: int,
    outcome: str,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record what a resolution made of a charge of which `held` units were still held.

    Settled, where it has `used` any in all or runs to `overage`; returned, where all came back.
    A ticket resolved again, with nothing charged meanwhile, is not told again; `happened` are
    its events before.
    """
    came_back = sum(each["amount"] for each in returns)
    if not held and (used, overage) == _settled(ticket) and _was_told(happened):
        return
    if used or overage:
        data = describe_units(
            ticket,
            unit=unit,
            amount=used,
            sequence=account.sequence,
            overage_amount=overage,
            returned=came_back,
            outcome=outcome,
            returns=describe_returns(returns),
        )
        account.record("ticket.settled", at=at, data=data)
    elif came_back:
        data = describe_units(
            ticket,
            unit=unit,
            amount=came_back,
            sequence=account.sequence,
            charge_amount=0,
            outcome=outcome,
            returns=describe_returns(returns),
        )
        cause = {"session_id": None, "work_id": None}
        account.record("ticket.returned", at=at, data=data | cause)


def record_refund(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: str,
    amount: int,
    left: int,
    cause: str | None,
    at: datetime,
    returns: Sequence[Mapping[str, Any]],
) -> None:
    """Record that `amount` units were refunded, and `left` are the charge in all."""
    data = describe_units(
        ticket,
        unit=unit,
        amount=amount,
        sequence=account.sequence,
        charge_amount=left,
        cause=cause,
        returns=describe_returns(returns),
    )
    account.record("ticket.refunded", at=at, data=data)


def record_overage(
    account: LockedAccount,
    ticket: Ticket,
    *,
    unit: str,
    amount: int,
    at: datetime,
    work_id: str | None = None,
) -> None:
    """Record use beyond what any lot holds, if there was any; less than nothing takes some back."""
    if amount:
        data = describe_units(ticket, unit=unit, amount=amount, sequence=account.sequence)
        account.record("overage.recorded", at=at, data=data | {"work_id": work_id})


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
