"""Moving all that an account has into another: what may be moved, and what stands in the way."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.access.refusals import Refusal
from app.domain.values import Value

_NAMED = 5


class AccountMoved(Refusal):
    """All that the account had is another's now; `moved_to` is whose."""

    kind = "gone"
    code = "account_moved"
    title = "The account has been moved into another"


class SameAccount(Refusal):
    """An account is not moved into itself."""

    kind = "conflict"
    code = "same_account"
    title = "An account is not moved into itself"


class ClocksDiffer(Refusal):
    """A sandbox's content stays in sandboxes, and moves into none whose clock is behind its own."""

    kind = "conflict"
    code = "clocks_differ"
    title = "The accounts have not the same time"


class IdsMet(Refusal):
    """Both accounts have something of the same id; `met` has each, by what it is of."""

    kind = "conflict"
    code = "ids_met"
    title = "Both accounts have something of the same id"


class MetId(Value):
    """An id that both accounts have given: of an order, a ticket, a contact, and so on."""

    kind: str
    id: str


class AccountMove(Value):
    """Where an account's content went, when and why."""

    account_id: str
    moved_to: str
    moved_at: datetime
    reason: str
    actor: str


def require_movable(
    *,
    account_id: str,
    to_account_id: str,
    clock: datetime | None,
    to_clock: datetime | None,
    met: Sequence[MetId],
) -> None:
    """Refuse a move of an account into itself, between times, or where ids would meet.

    `clock` is a sandbox's own; None of any other account.
    """
    if account_id == to_account_id:
        raise SameAccount("Name another account to move it into.")
    if (clock is None) != (to_clock is None):
        raise ClocksDiffer("A sandbox moves into a sandbox only, and no other account into one.")
    if clock is not None and to_clock is not None and clock > to_clock:
        raise ClocksDiffer(
            "Move the other sandbox's clock forward first.", clock=clock, to_clock=to_clock
        )
    if met:
        named = ", ".join(f"the {each.kind} {each.id}" for each in met[:_NAMED])
        more = f" and {len(met) - _NAMED} more" if len(met) > _NAMED else ""
        raise IdsMet(
            f"Both accounts have {named}{more}.",
            met=[{"kind": each.kind, "id": each.id} for each in met],
        )
