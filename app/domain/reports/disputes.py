"""A disputed charge as the list of disputes has it: whose it is, and how it was decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.tickets.charges import ChargeStatus
from app.domain.tickets.tickets import TicketStatus
from app.domain.values import Value


class DisputeLine(Value):
    """A ticket whose charge is or was disputed, with the dispute as it is stored."""

    account_id: str
    account_name: str
    ticket_id: str
    subject: str
    ticket_status: TicketStatus
    catalog: str
    plan: str | None
    charge_status: ChargeStatus
    charge_unit: str | None
    charge_amount: int
    overage_amount: int
    dispute: Mapping[str, Any]

    @property
    def opened_at(self) -> datetime:
        """When the customer disputed it."""
        return datetime.fromisoformat(self.dispute["opened_at"])
