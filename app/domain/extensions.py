"""Extensions: a later end for lots that still run; nothing moves (DESIGN §4)."""

from collections.abc import Iterable
from datetime import datetime

from app.domain.ledger import Lot, Movement
from app.domain.refusals import Refusal


class LotEnded(Refusal):
    """The lot has ended: what was left has expired, and is not brought back by a later end."""

    kind = "conflict"
    code = "lot_ended"
    title = "The lot has ended"


class EndNotLater(Refusal):
    """The lot runs as long already, or without an end."""

    kind = "conflict"
    code = "end_not_later"
    title = "The end is not later"


def extend(lots: Iterable[Lot], *, until: datetime, at: datetime) -> list[Movement]:
    """Return the movements that let these lots end at `until`.

    Refuses `lot_ended` and `end_not_later`: what has expired stays so.
    """
    movements = []
    for lot in lots:
        if lot.expires_at is None or lot.expires_at >= until:
            raise EndNotLater(f"The lot {lot.lot_id} does not end before {until.isoformat()}.")
        if lot.has_ended(at):
            raise LotEnded(f"The lot {lot.lot_id} ended at {lot.expires_at.isoformat()}.")
        movements.append(Movement("extend", lot, 0, expires_at=until))
    return movements
