"""Reads of a locked account, which need not be made again while it is locked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.promises.deadlines import Deadline
from app.domain.promises.stored_clocks import StoredClock
from app.domain.tickets.tickets import Ticket
from app.domain.values import State, Value


class CachedPool(Value):
    """The lots of a pool that can be used now, and any that were until now; and its terms."""

    lots: Sequence[Lot]
    terms: Catalog


class ReadUnits(Value):
    """Lots as they were read, with their subscriptions, before anything was written to them.

    They are all that had not ended by now: of the catalogue and plan, or of everything.
    `in_session`: a chat, phone or video session of the account ran, other than of the ticket
    `besides`; None: it was not looked at.
    """

    lots: Sequence[Lot]
    subscriptions: Mapping[UUID, Subscription]
    plan: tuple[str, str] | None
    in_session: bool | None
    besides: str | None


class ChangedClocks(Value):
    """A ticket's clocks as they are now, and as they were stored before the transaction."""

    ticket: Ticket
    deadlines: tuple[Deadline, ...]
    before: Sequence[StoredClock]


class RunningTally(State):
    """The running totals of one kind of units, over every lot there ever was."""

    granted: int
    held: int
    used: int
    revoked: int


class PostedUse(NamedTuple):
    """What an entry that this transaction writes adds to what is held and used of a lot."""

    sequence: int
    lot_id: UUID
    ticket_id: str | None
    held: int
    used: int
    effective_at: datetime


# What each ticket took of a pool in a period: used, and held.
TakenByTicket = dict[str | None, tuple[int, int]]


class TicketMovement(NamedTuple):
    """An entry of a ticket: what it added to a lot; without one it is overage."""

    sequence: int
    lot_id: UUID | None
    held: int
    used: int
    effective_at: datetime
